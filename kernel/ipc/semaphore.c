/* Who must wait sleeps on the set's queue; each change of a value wakes all of them, and
 * each tries again from the start: either all of its operations are done, or none. */
#include "kernel/ipc/semaphore.h"

#include <linux/errno.h>

#include "kernel/ipc/semaphore_state.h"
#include "kernel/mm/object.h"

struct sysv_table semaphore_table = SYSV_TABLE("semaphores", SEMMNI);

static void set_get(struct semaphore_set *s)
{
	ref_get(&s->refs);
}

void semaphore_set_put(struct semaphore_set *s)
{
	if (ref_put(&s->refs))
		kfree(s);
}

/* --- semget ------------------------------------------------------------------------ */

static struct sysv_object *set_create(const struct sysv_request *r, int *error)
{
	struct semaphore_set *s;

	*error = r->size ? -ENOMEM : -EINVAL;
	s = r->size ? kmalloc(sizeof(*s) + r->size * sizeof(s->semaphores[0])) : NULL;
	if (!s)
		return NULL;
	ref_init(&s->refs, 1);
	s->count = (int)r->size;
	s->ctime = sysv_now();
	list_init(&s->waiters);
	list_init(&s->undos);
	wait_queue_init(&s->queue);
	return &s->object;
}

static void set_discard(struct sysv_object *o)
{
	semaphore_set_put(semaphore_set_of(o));
}

static int set_serves(const struct sysv_object *o, uint64_t size)
{
	return (uint64_t)container_of(o, const struct semaphore_set, object)->count < size ? -EINVAL
											   : 0;
}

int semaphore_get(int32_t key, int count, unsigned flags, const struct credentials *c)
{
	struct sysv_request r = {
		.key = key,
		.flags = flags,
		.credentials = c,
		.size = (uint64_t)count,
		.create = set_create,
		.serves = set_serves,
		.discard = set_discard,
	};

	if (count < 0 || count > SEMMSL)
		return -EINVAL;
	return sysv_get(&semaphore_table, &r);
}

/* --- semop -------------------------------------------------------------------------- */

struct operation {
	struct semaphore_set *set;
	const struct sembuf *ops;
	unsigned count;
	struct semaphore_undo *undo; /* NULL: nothing is to be undone */
	struct semaphore_waiter waiter;
};

/* Can op be done now?  0 when it must wait; 1; or -ERANGE. */
static int op_try(struct operation *o, const struct sembuf *op)
{
	struct semaphore *m = &o->set->semaphores[op->sem_num];
	int value = m->value + op->sem_op, undo;

	if (op->sem_op ? value < 0 : m->value != 0)
		return 0;
	if (value > SEMVMX)
		return -ERANGE;
	if (op->sem_flg & SEM_UNDO) {
		undo = o->undo->adjust[op->sem_num] - op->sem_op;
		if (undo < -SEMAEM - 1 || undo > SEMAEM)
			return -ERANGE;
		o->undo->adjust[op->sem_num] = (int16_t)undo;
	}
	m->value = value;
	return 1;
}

static void ops_reverse(struct operation *o, unsigned done)
{
	while (done--) {
		const struct sembuf *op = &o->ops[done];

		o->set->semaphores[op->sem_num].value -= op->sem_op;
		if (op->sem_flg & SEM_UNDO)
			o->undo->adjust[op->sem_num] += op->sem_op;
	}
}

/* All or none: 1, 0 when it must wait (o->waiter says for what), or -errno. */
static int ops_try(struct operation *o)
{
	int result = 1;
	unsigned i;

	for (i = 0; i < o->count && result == 1; i++)
		result = op_try(o, &o->ops[i]);
	if (result == 1) {
		for (i = 0; i < o->count; i++)
			o->set->semaphores[o->ops[i].sem_num].pid = sysv_pid();
		o->set->otime = sysv_now();
		return 1;
	}
	ops_reverse(o, --i);
	o->waiter.number = o->ops[i].sem_num;
	o->waiter.zero = !o->ops[i].sem_op;
	return !result && o->ops[i].sem_flg & IPC_NOWAIT ? -EAGAIN : result;
}

/* Try until it is done.  Holds: the table's lock, but not while it sleeps. */
static int ops_wait(struct operation *o, bool alters, uint64_t deadline)
{
	struct semaphore_set *s = o->set;
	struct wait w;
	int result = 0, error = 0;

	wait_begin(&w, &s->queue, WAIT_SEMAPHORE);
	for (;;) {
		result = s->object.removed ? -EIDRM : ops_try(o);
		if (result || error)
			break;
		list_append(&s->waiters, &o->waiter.link);
		spin_unlock(&semaphore_table.lock);
		error = wait_sleep_until(&w, deadline);
		spin_lock(&semaphore_table.lock);
		list_remove(&o->waiter.link);
	}
	wait_end(&w);
	if (result == 1 && alters)
		wait_wake_all(&s->queue);
	if (!result)
		result = error == -ETIMEDOUT ? -EAGAIN : error;
	return result == 1 ? 0 : result;
}

static int ops_check(const struct semaphore_set *s, const struct sembuf *ops, unsigned count,
		     bool *alters, bool *undoes)
{
	*alters = *undoes = false;
	for (unsigned i = 0; i < count; i++) {
		if (ops[i].sem_num >= s->count)
			return -EFBIG;
		*alters |= ops[i].sem_op != 0;
		*undoes |= ops[i].sem_flg & SEM_UNDO;
	}
	return 0;
}

int semaphore_operate(int id, const struct sembuf *ops, unsigned count, uint64_t deadline,
		      struct list *undo, const struct credentials *c)
{
	struct operation o = { .ops = ops, .count = count };
	bool alters, undoes;
	struct sysv_object *object;
	int error;

	list_init(&o.waiter.link);
	spin_lock(&semaphore_table.lock);
	error = sysv_find(&semaphore_table, id, &object);
	if (error) {
		spin_unlock(&semaphore_table.lock);
		return error;
	}
	o.set = semaphore_set_of(object);
	set_get(o.set);
	error = ops_check(o.set, ops, count, &alters, &undoes);
	if (!error)
		error = sysv_permission(object, c, alters ? 0222 : 0444);
	if (!error && undoes)
		error = semaphore_undo_find(o.set, undo, &o.undo);
	if (!error)
		error = ops_wait(&o, alters, deadline);
	spin_unlock(&semaphore_table.lock);
	semaphore_set_put(o.set);
	return error;
}
