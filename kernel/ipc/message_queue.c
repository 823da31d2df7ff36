/* Senders wait until there is room, receivers until there is a message they want: both
 * on the queue's one wait queue, and each looks again when something changed. */
#include "kernel/ipc/message_queue.h"

#include <linux/errno.h>

#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/sched/wait.h"

/* All guarded by the table's lock. */
struct message_queue {
	struct sysv_object object; /* first */
	struct ref refs;           /* the table's, sleepers' */
	struct list messages;
	uint64_t count, bytes, limit;
	uint32_t sender, receiver; /* processes that did so last */
	int64_t stime, rtime, ctime;
	struct wait_queue queue;
};

static struct sysv_table table = SYSV_TABLE("messages", MSGMNI);

static struct message_queue *queue_of(struct sysv_object *o)
{
	return container_of(o, struct message_queue, object);
}

struct message *message_create(size_t length)
{
	struct message *m = kmalloc(sizeof(*m) + length);

	if (!m)
		return NULL;
	list_init(&m->link);
	m->length = length;
	return m;
}

void message_free(struct message *m)
{
	kfree(m);
}

static void queue_put(struct message_queue *q)
{
	struct message *m, *next;

	if (!ref_put(&q->refs))
		return;
	list_for_each_entry_safe(m, next, &q->messages, link)
		message_free(m);
	kfree(q);
}

static struct sysv_object *queue_create(const struct sysv_request *r, int *error)
{
	struct message_queue *q = kmalloc(sizeof(*q));

	*error = -ENOMEM;
	if (!q)
		return NULL;
	ref_init(&q->refs, 1);
	list_init(&q->messages);
	wait_queue_init(&q->queue);
	q->limit = MSGMNB;
	q->ctime = sysv_now();
	return &q->object;
}

static void queue_discard(struct sysv_object *o)
{
	queue_put(queue_of(o));
}

static int queue_serves(const struct sysv_object *o, uint64_t size)
{
	return 0;
}

int message_queue_get(int32_t key, unsigned flags, const struct credentials *c)
{
	struct sysv_request r = {
		.key = key,
		.flags = flags,
		.credentials = c,
		.create = queue_create,
		.serves = queue_serves,
		.discard = queue_discard,
	};

	return sysv_get(&table, &r);
}

/* The queue with a reference and the table locked, if c may use it so; else -errno,
 * unlocked. */
static int queue_lock(int id, unsigned wanted, const struct credentials *c,
		      struct message_queue **out)
{
	struct sysv_object *o;
	int error;

	spin_lock(&table.lock);
	error = sysv_find(&table, id, &o);
	if (!error)
		error = sysv_permission(o, c, wanted);
	if (error) {
		spin_unlock(&table.lock);
		return error;
	}
	*out = queue_of(o);
	ref_get(&(*out)->refs);
	return 0;
}

static void queue_unlock(struct message_queue *q)
{
	spin_unlock(&table.lock);
	queue_put(q);
}

/* --- sending ------------------------------------------------------------------------ */

static bool queue_has_room(const struct message_queue *q, size_t length)
{
	return q->bytes + length <= q->limit && q->count + 1 <= q->limit;
}

static void queue_append(struct message_queue *q, struct message *m)
{
	list_append(&q->messages, &m->link);
	q->count++;
	q->bytes += m->length;
	q->sender = sysv_pid();
	q->stime = sysv_now();
	wait_wake_all(&q->queue);
}

/* Sleep until something changed.  Holds: the table's lock, but not while it sleeps.
 * 0, -EINTR, -EIDRM. */
static int queue_sleep(struct message_queue *q, struct wait *w)
{
	int error;

	spin_unlock(&table.lock);
	error = wait_sleep(w);
	spin_lock(&table.lock);
	return q->object.removed ? -EIDRM : error;
}

int message_send(int id, struct message *m, unsigned flags, const struct credentials *c)
{
	struct message_queue *q = NULL;
	struct wait w;
	int error = queue_lock(id, 0222, c, &q);

	if (error)
		return error;
	wait_begin(&w, &q->queue, WAIT_MESSAGE);
	while (!error && !queue_has_room(q, m->length))
		error = flags & IPC_NOWAIT ? -EAGAIN : queue_sleep(q, &w);
	wait_end(&w);
	if (!error)
		queue_append(q, m);
	queue_unlock(q);
	return error;
}

/* --- receiving ---------------------------------------------------------------------- */

static bool type_matches(const struct message *m, int64_t type, unsigned flags)
{
	if (type > 0)
		return flags & MSG_EXCEPT ? m->type != type : m->type == type;
	return !type || m->type <= -type;
}

/* The message asked for, or NULL.  A negative type: the lowest type, the first of it. */
static struct message *queue_search(struct message_queue *q, int64_t type, unsigned flags)
{
	struct message *m, *best = NULL;
	int64_t place = 0;

	list_for_each_entry(m, &q->messages, link) {
		if (flags & MSG_COPY) {
			if (place++ == type)
				return m;
			continue;
		}
		if (!type_matches(m, type, flags))
			continue;
		if (type >= 0)
			return m;
		if (!best || m->type < best->type)
			best = m;
	}
	return best;
}

static void queue_take(struct message_queue *q, struct message *m)
{
	list_remove(&m->link);
	q->count--;
	q->bytes -= m->length;
	q->receiver = sysv_pid();
	q->rtime = sysv_now();
	wait_wake_all(&q->queue);
}

/* Take m out, or copy it: 0, -E2BIG, -ENOMEM. */
static int queue_give(struct message_queue *q, struct message *m, size_t size, unsigned flags,
		      struct message **out)
{
	if (m->length > size && !(flags & MSG_NOERROR))
		return -E2BIG;
	if (!(flags & MSG_COPY)) {
		queue_take(q, m);
		*out = m;
		return 0;
	}
	*out = message_create(m->length);
	if (!*out)
		return -ENOMEM;
	(*out)->type = m->type;
	memcpy((*out)->text, m->text, m->length);
	return 0;
}

int message_receive(int id, size_t size, int64_t type, unsigned flags, const struct credentials *c,
		    struct message **out)
{
	struct message_queue *q = NULL;
	struct message *m = NULL;
	struct wait w;
	int error;

	if (flags & MSG_COPY && (flags & MSG_EXCEPT || !(flags & IPC_NOWAIT)))
		return -EINVAL;
	error = queue_lock(id, 0444, c, &q);
	if (error)
		return error;
	if (type == INT64_MIN)
		type = -INT64_MAX;
	wait_begin(&w, &q->queue, WAIT_MESSAGE);
	while (!error && !(m = queue_search(q, type, flags)))
		error = flags & IPC_NOWAIT ? -ENOMSG : queue_sleep(q, &w);
	wait_end(&w);
	if (!error)
		error = queue_give(q, m, size, flags, out);
	queue_unlock(q);
	return error;
}

/* --- msgctl -------------------------------------------------------------------------- */

static int queue_set(struct message_queue *q, const struct msqid64_ds *from,
		     const struct credentials *c)
{
	if (from->msg_qbytes > MSGMNB && !credentials_have(c, CAP_SYS_RESOURCE))
		return -EPERM;
	q->limit = from->msg_qbytes;
	sysv_set(&q->object, &from->msg_perm);
	q->ctime = sysv_now();
	wait_wake_all(&q->queue);
	return 0;
}

int message_queue_control(int id, int command, const struct msqid64_ds *from,
			  const struct credentials *c)
{
	struct message_queue *q = NULL;
	int error = queue_lock(id, 0, c, &q);

	if (error)
		return error;
	error = sysv_owned(&q->object, c);
	if (!error && command == IPC_SET) {
		error = queue_set(q, from, c);
	} else if (!error) {
		sysv_remove(&table, &q->object);
		wait_wake_all(&q->queue);
	}
	spin_unlock(&table.lock);
	if (!error && command == IPC_RMID)
		queue_put(q); /* the table's */
	queue_put(q);
	return error;
}

int message_queue_stat(int id, int command, const struct credentials *c, struct msqid64_ds *out)
{
	struct sysv_object *o;
	int result;

	spin_lock(&table.lock);
	result = sysv_find_stat(&table, id, command, command == MSG_STAT_ANY ? NULL : c, &o);
	if (!result) {
		const struct message_queue *q = queue_of(o);

		*out = (struct msqid64_ds){
			.msg_stime = q->stime,
			.msg_rtime = q->rtime,
			.msg_ctime = q->ctime,
			.msg_cbytes = q->bytes,
			.msg_qnum = q->count,
			.msg_qbytes = q->limit,
			.msg_lspid = (int)q->sender,
			.msg_lrpid = (int)q->receiver,
		};
		sysv_tell(o, &out->msg_perm);
		result = command == IPC_STAT ? 0 : o->id;
	}
	spin_unlock(&table.lock);
	return result;
}

int message_queue_info(bool used, struct msginfo *out)
{
	struct sysv_object *o;
	int last;

	*out = (struct msginfo){
		.msgpool = MSGPOOL,
		.msgmap = MSGMAP,
		.msgmax = MSGMAX,
		.msgmnb = MSGMNB,
		.msgmni = MSGMNI,
		.msgssz = MSGSSZ,
		.msgtql = MSGTQL,
		.msgseg = (unsigned short)MSGSEG,
	};
	spin_lock(&table.lock);
	if (used) {
		out->msgpool = (int)table.count;
		out->msgmap = out->msgtql = 0;
		for (uint64_t at = 0; (o = index_next(&table.objects, &at)); at++) {
			out->msgmap += (int)queue_of(o)->count;
			out->msgtql += (int)queue_of(o)->bytes;
		}
	}
	last = sysv_last_place(&table);
	spin_unlock(&table.lock);
	return last;
}

void sysv_msg_text(struct text *out)
{
	struct sysv_object *o;

	text_add(out, "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid"
		      "  cuid  cgid      stime      rtime      ctime\n");
	spin_lock(&table.lock);
	for (uint64_t at = 0; (o = index_next(&table.objects, &at)); at++) {
		const struct message_queue *q = queue_of(o);

		text_add(out, "%10d %10d  %4o  %10lu %10lu %5u %5u %5u %5u %5u %5u ", o->key, o->id,
			 o->mode, q->bytes, q->count, q->sender, q->receiver, o->uid, o->gid,
			 o->cuid, o->cgid);
		text_add(out, "%10ld %10ld %10ld\n", q->stime, q->rtime, q->ctime);
	}
	spin_unlock(&table.lock);
}
