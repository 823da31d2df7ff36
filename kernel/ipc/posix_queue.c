/* One mutex guards the list of names and all queues' notices; a queue's own spin lock
 * its messages.  Senders and receivers wait on queues of their own. */
#include "kernel/ipc/posix_queue.h"

#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/signal.h>

#include "kernel/fs/anonymous.h"
#include "kernel/fs/setting.h"
#include "kernel/ipc/sysv.h"
#include "kernel/lib/restart.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

/* As Linux: what CAP_SYS_RESOURCE may go up to. */
#define MESSAGES_HARD 65536
#define LENGTH_HARD   (16u << 20)
#define MESSAGE_BYTES 96 /* that RLIMIT_MSGQUEUE counts besides a message's text */
#define INODE_BYTES   80 /* st_size on Linux */
#define STATUS_BYTES  128

/* Locks: [t] table_lock   [q] lock   [I] at birth */
struct posix_queue {
	struct ref refs;            /* the list's, each open file's */
	struct list link;           /* [t] of those that have a name */
	char name[NAME_MAX + 1];    /* [I] */
	struct inode *inode;        /* [I] who may use it */
	struct mq_attr shape;       /* [I] mq_maxmsg, mq_msgsize */
	uint64_t charge;            /* [I] against RLIMIT_MSGQUEUE of its owner */
	struct posix_notice notice; /* [t] */
	struct spinlock lock;
	struct list messages; /* [q] in the order in which they leave */
	long count;           /* [q] */
	size_t bytes;         /* [q] */
	unsigned receivers;   /* [q] that wait */
	struct wait_queue room, news;
};

static struct list queues = LIST_INIT(queues); /* [t] */
static unsigned queue_count;                   /* [t] */
static struct mutex table_lock = {
	.waiters = { SPINLOCK_INIT(RANK_WAIT, "wait queue"),
		     LIST_INIT(table_lock.waiters.waiters) },
};

static const struct file_ops queue_file_ops;

static void queue_put(struct posix_queue *q)
{
	struct posix_message *m, *next;

	if (!ref_put(&q->refs))
		return;
	list_for_each_entry_safe(m, next, &q->messages, link)
		kfree(m);
	inode_put(q->inode);
	kfree(q);
}

/* Holds: table_lock. */
static struct posix_queue *queue_find(const char *name)
{
	struct posix_queue *q;

	list_for_each_entry(q, &queues, link) {
		if (strcmp(q->name, name) == 0)
			return q;
	}
	return NULL;
}

static int name_check(const char *name)
{
	if (!*name)
		return -ENOENT;
	if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EACCES;
	return strlen(name) > NAME_MAX ? -ENAMETOOLONG : 0;
}

static int shape_check(const struct mq_attr *a, const struct credentials *c)
{
	long messages = credentials_have(c, CAP_SYS_RESOURCE)
				? MESSAGES_HARD
				: setting_get(&setting_queue_messages);
	long length = credentials_have(c, CAP_SYS_RESOURCE) ? LENGTH_HARD
							    : setting_get(&setting_queue_length);

	if (a->mq_maxmsg <= 0 || a->mq_msgsize <= 0 || a->mq_maxmsg > messages ||
	    a->mq_msgsize > length)
		return -EINVAL;
	return 0;
}

/* Holds: table_lock. */
static uint64_t charged(uint32_t uid)
{
	struct posix_queue *q;
	uint64_t sum = 0;

	list_for_each_entry(q, &queues, link)
		sum += q->inode->uid == uid ? q->charge : 0;
	return sum;
}

/* Holds: table_lock. */
static int queue_create(const char *name, uint32_t mode, const struct mq_attr *shape,
			const struct credentials *c, uint64_t limit, struct posix_queue **out)
{
	uint64_t charge =
		(uint64_t)shape->mq_maxmsg * (uint64_t)(shape->mq_msgsize + MESSAGE_BYTES);
	struct posix_queue *q;

	if (queue_count >= setting_get(&setting_queues) && !credentials_have(c, CAP_SYS_RESOURCE))
		return -ENOSPC;
	if (charged(c->fsuid) + charge > limit)
		return -EMFILE;
	q = kmalloc(sizeof(*q));
	if (!q)
		return -ENOMEM;
	q->inode = anonymous_inode(S_IFREG | (mode & 0777));
	if (!q->inode) {
		kfree(q);
		return -ENOMEM;
	}
	q->inode->uid = c->fsuid;
	q->inode->gid = c->fsgid;
	q->inode->size = INODE_BYTES;
	memcpy(q->name, name, strlen(name) + 1);
	q->shape = *shape;
	q->charge = charge;
	ref_init(&q->refs, 1);
	spin_init(&q->lock, RANK_SYSV, "message queue");
	list_init(&q->messages);
	wait_queue_init(&q->room);
	wait_queue_init(&q->news);
	list_append(&queues, &q->link);
	queue_count++;
	*out = q;
	return 0;
}

static unsigned may_wanted(uint32_t flags)
{
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return MAY_READ;
	case O_WRONLY:
		return MAY_WRITE;
	default:
		return MAY_READ | MAY_WRITE;
	}
}

/* Holds: table_lock. */
static int queue_get(const char *name, uint32_t flags, uint32_t mode, const struct mq_attr *shape,
		     const struct credentials *c, uint64_t limit, struct posix_queue **out)
{
	*out = queue_find(name);
	if (*out && flags & O_CREAT && flags & O_EXCL)
		return -EEXIST;
	if (*out)
		return inode_permission((*out)->inode, c, may_wanted(flags));
	if (!(flags & O_CREAT))
		return -ENOENT;
	return queue_create(name, mode, shape, c, limit, out);
}

int posix_queue_open(const char *name, uint32_t flags, uint32_t mode,
		     const struct mq_attr *attributes, const struct credentials *c, uint64_t limit,
		     struct file **out)
{
	const struct mq_attr usual = {
		.mq_maxmsg = MIN(setting_get(&setting_queue_messages),
				 setting_get(&setting_queue_messages_usual)),
		.mq_msgsize = MIN(setting_get(&setting_queue_length),
				  setting_get(&setting_queue_length_usual)),
	};
	char text[NAME_MAX + 2];
	struct posix_queue *q;
	int error = name_check(name);

	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	if (!error && flags & O_CREAT && attributes)
		error = shape_check(attributes, c);
	if (error)
		return error;
	mutex_lock(&table_lock);
	error = queue_get(name, flags, mode, attributes ? attributes : &usual, c, limit, &q);
	if (!error) {
		ref_get(&q->refs);
		inode_get(q->inode);
		print_text(text, sizeof(text), "/%s", name);
		*out = file_create(q->inode, text, &queue_file_ops,
				   flags & (O_ACCMODE | O_NONBLOCK), q);
		if (!*out) {
			queue_put(q);
			error = -ENFILE;
		}
	}
	mutex_unlock(&table_lock);
	return error;
}

int posix_queue_unlink(const char *name, const struct credentials *c)
{
	struct posix_queue *q = NULL;
	int error = name_check(name);

	mutex_lock(&table_lock);
	if (!error) {
		q = queue_find(name);
		error = q ? 0 : -ENOENT;
	}
	if (!error && c->fsuid != q->inode->uid && !credentials_have(c, CAP_FOWNER))
		error = -EPERM; /* as of a sticky directory */
	if (!error) {
		list_remove(&q->link);
		queue_count--;
	}
	mutex_unlock(&table_lock);
	if (!error)
		queue_put(q);
	return error;
}

bool posix_queue_is(const struct file *f)
{
	return f->ops == &queue_file_ops;
}

size_t posix_queue_longest(const struct file *f)
{
	const struct posix_queue *q = f->data;

	return (size_t)q->shape.mq_msgsize;
}

/* --- Messages ---------------------------------------------------------------------- */

/* Behind those of its priority.  *told: the queue was empty and nobody waits. */
static bool put(struct posix_queue *q, struct posix_message *m, bool *told)
{
	struct posix_message *before;
	bool room;

	spin_lock(&q->lock);
	room = q->count < q->shape.mq_maxmsg;
	if (room) {
		*told = !q->count && !q->receivers;
		list_for_each_entry(before, &q->messages, link) {
			if (before->priority < m->priority)
				break;
		}
		list_append(&before->link, &m->link); /* in front of it, or at the end */
		q->count++;
		q->bytes += m->length;
	}
	spin_unlock(&q->lock);
	return room;
}

static struct posix_message *take(struct posix_queue *q)
{
	struct posix_message *m = NULL;

	spin_lock(&q->lock);
	if (q->count) {
		m = list_first(&q->messages, struct posix_message, link);
		list_remove(&m->link);
		q->count--;
		q->bytes -= m->length;
	}
	spin_unlock(&q->lock);
	return m;
}

/* A notice is for one message. */
static void tell(struct posix_queue *q, const struct credentials *c)
{
	siginfo_t info = { .si_code = SI_MESGQ };
	struct posix_notice n;

	mutex_lock(&table_lock);
	n = q->notice;
	q->notice = (struct posix_notice){ 0 };
	mutex_unlock(&table_lock);
	if (!n.to.id || !n.signal)
		return;
	info.si_signo = n.signal;
	info.si_pid = (int)sysv_pid();
	info.si_uid = c->uid;
	info.si_ptr = (void *)n.value;
	async_send(&n.to, n.signal, &info);
}

int posix_queue_send(struct file *f, struct posix_message *m, uint64_t deadline,
		     const struct credentials *c)
{
	struct posix_queue *q = f->data;
	struct wait w;
	bool told = false, done = put(q, m, &told);
	int error = 0;

	if (!done && f->flags & O_NONBLOCK)
		return -EAGAIN;
	if (!done) {
		wait_begin(&w, &q->room, WAIT_MESSAGE);
		while (!(done = put(q, m, &told)) && !error)
			error = wait_sleep_until(&w, deadline);
		wait_end(&w);
	}
	if (!done)
		return error == -EINTR ? -ERESTARTSYS : error;
	wait_wake_all(&q->news);
	if (told)
		tell(q, c);
	return 0;
}

static void receivers_count(struct posix_queue *q, int change)
{
	spin_lock(&q->lock);
	q->receivers += (unsigned)change;
	spin_unlock(&q->lock);
}

int posix_queue_receive(struct file *f, uint64_t deadline, struct posix_message **out)
{
	struct posix_queue *q = f->data;
	struct wait w;
	int error = 0;

	*out = take(q);
	if (!*out && f->flags & O_NONBLOCK)
		return -EAGAIN;
	if (!*out) {
		receivers_count(q, 1);
		wait_begin(&w, &q->news, WAIT_MESSAGE);
		while (!(*out = take(q)) && !error)
			error = wait_sleep_until(&w, deadline);
		wait_end(&w);
		receivers_count(q, -1);
	}
	if (!*out)
		return error == -EINTR ? -ERESTARTSYS : error;
	wait_wake_all(&q->room);
	return 0;
}

int posix_queue_notify(struct file *f, const struct posix_notice *notice, uint32_t pid)
{
	struct posix_queue *q = f->data;
	int error = 0;

	mutex_lock(&table_lock);
	if (notice && q->notice.to.id)
		error = -EBUSY;
	else if (notice)
		q->notice = *notice;
	else if (q->notice.to.id == pid)
		q->notice = (struct posix_notice){ 0 };
	mutex_unlock(&table_lock);
	return error;
}

void posix_queue_attributes(const struct file *f, struct mq_attr *out)
{
	struct posix_queue *q = f->data;

	spin_lock(&q->lock);
	*out = q->shape;
	out->mq_flags = f->flags & O_NONBLOCK;
	out->mq_curmsgs = q->count;
	spin_unlock(&q->lock);
}

/* --- As a file ---------------------------------------------------------------------- */

static int64_t queue_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct posix_queue *q = f->data;
	struct posix_notice n;
	char text[STATUS_BYTES];
	size_t length, bytes;
	int error;

	mutex_lock(&table_lock);
	n = q->notice;
	mutex_unlock(&table_lock);
	spin_lock(&q->lock);
	bytes = q->bytes;
	spin_unlock(&q->lock);
	length = print_text(text, sizeof(text),
			    "QSIZE:%-10lu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6u\n", bytes,
			    n.to.id && !n.signal ? SIGEV_NONE : 0, n.signal, n.to.id);
	if (*position >= length)
		return 0;
	length = MIN(length - *position, b->length);
	error = buffer_put(b, 0, text + *position, length);
	if (error)
		return error;
	*position += length;
	return (int64_t)length;
}

static int64_t queue_seek(struct file *f, int64_t offset, int whence)
{
	return seek_within(f, offset, whence, INODE_BYTES);
}

static unsigned queue_poll(struct file *f, struct poll *poll)
{
	struct posix_queue *q = f->data;
	unsigned ready = 0;

	if (poll) {
		poll_add(poll, &q->room);
		poll_add(poll, &q->news);
	}
	spin_lock(&q->lock);
	if (q->count)
		ready |= POLLIN | POLLRDNORM;
	if (q->count < q->shape.mq_maxmsg)
		ready |= POLLOUT | POLLWRNORM;
	spin_unlock(&q->lock);
	return ready;
}

/* Who closes a descriptor wants to be told no more. */
static int queue_flush(struct file *f)
{
	return posix_queue_notify(f, NULL, sysv_pid());
}

static void queue_release(struct file *f)
{
	queue_put(f->data);
}

static const struct file_ops queue_file_ops = {
	.read = queue_read,
	.seek = queue_seek,
	.poll = queue_poll,
	.flush = queue_flush,
	.release = queue_release,
};
