/* semctl. */
#include <linux/errno.h>

#include "kernel/ipc/semaphore_state.h"

/* The set with the table locked, if c may use it that way; else -errno, unlocked. */
static int set_lock(int id, unsigned wanted, const struct credentials *c,
		    struct semaphore_set **out)
{
	struct sysv_object *o;
	int error;

	spin_lock(&semaphore_table.lock);
	error = sysv_find(&semaphore_table, id, &o);
	if (!error && c)
		error = sysv_permission(o, c, wanted);
	if (error)
		spin_unlock(&semaphore_table.lock);
	else
		*out = semaphore_set_of(o);
	return error;
}

static void set_unlock(void)
{
	spin_unlock(&semaphore_table.lock);
}

int semaphore_control(int id, int command, const struct ipc64_perm *perm,
		      const struct credentials *c)
{
	struct semaphore_set *s = NULL;
	int error = set_lock(id, 0, NULL, &s);

	if (error)
		return error;
	error = sysv_owned(&s->object, c);
	if (!error && command == IPC_SET) {
		sysv_set(&s->object, perm);
		s->ctime = sysv_now();
	} else if (!error) {
		sysv_remove(&semaphore_table, &s->object);
		semaphore_undo_detach(s);
		wait_wake_all(&s->queue);
	}
	set_unlock();
	if (!error && command != IPC_SET)
		semaphore_set_put(s);
	return error;
}

static int waiters(const struct semaphore_set *s, int number, bool zero)
{
	const struct semaphore_waiter *w;
	int n = 0;

	list_for_each_entry(w, &s->waiters, link)
		n += w->number == number && w->zero == zero;
	return n;
}

int semaphore_value(int id, int number, int command, const struct credentials *c)
{
	struct semaphore_set *s = NULL;
	int result = set_lock(id, 0444, c, &s);

	if (result)
		return result;
	if (number < 0 || number >= s->count)
		result = -EINVAL;
	else if (command == GETVAL)
		result = s->semaphores[number].value;
	else if (command == GETPID)
		result = (int)s->semaphores[number].pid;
	else
		result = waiters(s, number, command == GETZCNT);
	set_unlock();
	return result;
}

int semaphore_set(int id, int number, int value, const struct credentials *c)
{
	struct semaphore_set *s = NULL;
	int error;

	if (value < 0 || value > SEMVMX)
		return -ERANGE;
	error = set_lock(id, 0222, c, &s);
	if (error)
		return error;
	if (number < 0 || number >= s->count) {
		error = -EINVAL;
	} else {
		s->semaphores[number] = (struct semaphore){ value, sysv_pid() };
		s->ctime = sysv_now();
		semaphore_undo_clear(s, number);
		wait_wake_all(&s->queue);
	}
	set_unlock();
	return error;
}

int semaphore_count(int id, bool set, const struct credentials *c)
{
	struct semaphore_set *s = NULL;
	int result = set_lock(id, set ? 0222 : 0444, c, &s);

	if (result)
		return result;
	result = s->count;
	set_unlock();
	return result;
}

int semaphore_all_get(int id, uint16_t *values, int count)
{
	struct semaphore_set *s = NULL;
	int error = set_lock(id, 0, NULL, &s);

	if (error)
		return error;
	for (int i = 0; i < MIN(count, s->count); i++)
		values[i] = (uint16_t)s->semaphores[i].value;
	error = s->count == count ? 0 : -EIDRM;
	set_unlock();
	return error;
}

int semaphore_all_set(int id, const uint16_t *values, int count)
{
	struct semaphore_set *s = NULL;
	int error;

	for (int i = 0; i < count; i++)
		if (values[i] > SEMVMX)
			return -ERANGE;
	error = set_lock(id, 0, NULL, &s);
	if (error)
		return error;
	for (int i = 0; i < MIN(count, s->count); i++)
		s->semaphores[i] = (struct semaphore){ values[i], sysv_pid() };
	s->ctime = sysv_now();
	semaphore_undo_clear(s, -1);
	wait_wake_all(&s->queue);
	set_unlock();
	return 0;
}

int semaphore_stat(int id, int command, const struct credentials *c, struct semid64_ds *out)
{
	struct sysv_object *o;
	int result;

	spin_lock(&semaphore_table.lock);
	result = sysv_find_stat(&semaphore_table, id, command, command == SEM_STAT_ANY ? NULL : c,
				&o);
	if (!result) {
		const struct semaphore_set *s = semaphore_set_of(o);

		*out = (struct semid64_ds){
			.sem_otime = s->otime,
			.sem_ctime = s->ctime,
			.sem_nsems = (__kernel_ulong_t)s->count,
		};
		sysv_tell(o, &out->sem_perm);
		result = command == IPC_STAT ? 0 : o->id;
	}
	set_unlock();
	return result;
}

int semaphore_info(bool used, struct seminfo *out)
{
	struct sysv_object *o;
	int last, all = 0;

	spin_lock(&semaphore_table.lock);
	for (uint64_t at = 0; (o = index_next(&semaphore_table.objects, &at)); at++)
		all += semaphore_set_of(o)->count;
	*out = (struct seminfo){
		.semmap = SEMMAP,
		.semmni = SEMMNI,
		.semmns = SEMMNS,
		.semmnu = SEMMNU,
		.semmsl = SEMMSL,
		.semopm = SEMOPM,
		.semume = SEMUME,
		.semusz = used ? (int)semaphore_table.count : SEMUSZ,
		.semvmx = SEMVMX,
		.semaem = used ? all : SEMAEM,
	};
	last = sysv_last_place(&semaphore_table);
	set_unlock();
	return last;
}

void sysv_sem_text(struct text *out)
{
	struct sysv_object *o;

	text_add(out, "       key      semid perms      nsems   uid   gid  cuid  cgid      otime"
		      "      ctime\n");
	spin_lock(&semaphore_table.lock);
	for (uint64_t at = 0; (o = index_next(&semaphore_table.objects, &at)); at++) {
		const struct semaphore_set *s = semaphore_set_of(o);

		text_add(out, "%10d %10d  %4o %10d %5u %5u %5u %5u %10ld %10ld\n", o->key, o->id,
			 o->mode, s->count, o->uid, o->gid, o->cuid, o->cgid, s->otime, s->ctime);
	}
	spin_unlock(&semaphore_table.lock);
}
