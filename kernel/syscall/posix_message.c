/* POSIX message queues. */
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/resource.h>

#include "kernel/ipc/posix_queue.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/syscall/user_time.h"
#include "kernel/trace/trace.h"

/* A name, without the slash that C libraries take off it. */
static int name_in(uint64_t addr, char name[PATH_MAX])
{
	int64_t n = user_string(name, addr, PATH_MAX);

	if (n < 0)
		return (int)n;
	trace_data(0, DATA_STRING, name, (size_t)n);
	return 0;
}

static int queue_open(const char *name, uint64_t flags, uint64_t mode, uint64_t attr,
		      struct file **out)
{
	const struct process *p = current_process();
	struct mq_attr attributes;

	if (attr && user_copy_in(&attributes, attr, sizeof(attributes)))
		return -EFAULT;
	return posix_queue_open(name, (uint32_t)flags, (uint32_t)mode & ~p->fs->umask,
				attr ? &attributes : NULL, &p->credentials,
				p->limits[RLIMIT_MSGQUEUE].soft, out);
}

int64_t sys_mq_open(uint64_t name, uint64_t flags, uint64_t mode, uint64_t attr)
{
	char *text = kmalloc(PATH_MAX);
	struct file *f;
	int error = text ? name_in(name, text) : -ENOMEM;

	if (!error)
		error = queue_open(text, flags, mode, attr, &f);
	kfree(text);
	return error ? error : caller_install(f, O_CLOEXEC);
}

int64_t sys_mq_unlink(uint64_t name)
{
	char *text = kmalloc(PATH_MAX);
	int error = text ? name_in(name, text) : -ENOMEM;

	if (!error)
		error = posix_queue_unlink(text, caller_credentials());
	kfree(text);
	return error;
}

/* The queue that mqd is open on, fit for reading or writing; with a reference. */
static int queue_of(uint64_t mqd, bool (*fit)(const struct file *), struct file **out)
{
	*out = caller_file(mqd);
	if (*out && posix_queue_is(*out) && (!fit || fit(*out)))
		return 0;
	file_put(*out);
	return -EBADF;
}

/* 0 in *deadline: none. */
static int deadline_in(uint64_t addr, uint64_t *deadline)
{
	uint64_t ns;
	int error = addr ? user_timespec_in(addr, 4, &ns) : 0;

	*deadline = addr && !error ? deadline_absolute(CLOCK_REALTIME, ns) : 0;
	return error;
}

static int send(struct file *f, uint64_t msg, size_t size, uint64_t prio, uint64_t deadline)
{
	const struct buffer bytes = { .addr = msg, .length = size };
	struct posix_message *m;
	int error;

	if (size > posix_queue_longest(f))
		return -EMSGSIZE;
	m = kmalloc(sizeof(*m) + size);
	if (!m)
		return -ENOMEM;
	m->length = size;
	m->priority = (uint32_t)prio;
	error = user_copy_in(m->text, msg, size);
	if (!error) {
		trace_user_bytes(1, DATA_BYTES_IN, &bytes, size);
		error = posix_queue_send(f, m, deadline, caller_credentials());
	}
	if (error)
		kfree(m);
	return error;
}

int64_t sys_mq_timedsend(uint64_t mqd, uint64_t msg, uint64_t size, uint64_t prio, uint64_t timeout)
{
	uint64_t deadline;
	struct file *f;
	int error = deadline_in(timeout, &deadline);

	if (!error && (uint32_t)prio >= POSIX_QUEUE_PRIORITIES)
		error = -EINVAL;
	if (!error)
		error = queue_of(mqd, file_writable, &f);
	if (error)
		return error;
	error = send(f, msg, size, prio, deadline);
	file_put(f);
	return error;
}

static int64_t receive(struct file *f, uint64_t msg, size_t size, uint64_t prio, uint64_t deadline)
{
	const struct buffer bytes = { .addr = msg, .length = size };
	struct posix_message *m;
	int64_t result;

	if (size < posix_queue_longest(f))
		return -EMSGSIZE;
	result = posix_queue_receive(f, deadline, &m);
	if (result)
		return result;
	result = (int64_t)m->length;
	if ((prio && user_copy_out(prio, &m->priority, sizeof(m->priority))) ||
	    user_copy_out(msg, m->text, m->length))
		result = -EFAULT;
	else
		trace_user_bytes(1, DATA_BYTES_OUT, &bytes, m->length);
	kfree(m);
	return result;
}

int64_t sys_mq_timedreceive(uint64_t mqd, uint64_t msg, uint64_t size, uint64_t prio,
			    uint64_t timeout)
{
	uint64_t deadline;
	struct file *f;
	int64_t result = deadline_in(timeout, &deadline);

	if (!result)
		result = queue_of(mqd, file_readable, &f);
	if (result)
		return result;
	result = receive(f, msg, size, prio, deadline);
	file_put(f);
	return result;
}

/* SIGEV_THREAD is told by a netlink socket, and there are none.  -EINVAL, -EBADF, ... */
static int thread_notice_error(const struct sigevent *e)
{
	char cookie[NOTIFY_COOKIE_LEN];
	struct file *f;
	int error;

	if (user_copy_in(cookie, (uint64_t)e->sigev_value.sival_ptr, sizeof(cookie)))
		return -EFAULT;
	f = caller_file((uint32_t)e->sigev_signo);
	if (!f)
		return -EBADF;
	error = S_ISSOCK(f->inode->mode) ? -EINVAL : -ENOTSOCK;
	file_put(f);
	return error;
}

static int notice_in(uint64_t addr, struct posix_notice *out)
{
	const struct process *p = current_process();
	struct sigevent e;

	if (user_copy_in(&e, addr, sizeof(e)))
		return -EFAULT;
	if (e.sigev_notify == SIGEV_THREAD)
		return thread_notice_error(&e);
	if (e.sigev_notify != SIGEV_NONE && e.sigev_notify != SIGEV_SIGNAL)
		return -EINVAL;
	if (e.sigev_notify == SIGEV_SIGNAL && (unsigned)e.sigev_signo > SIGNAL_MAX)
		return -EINVAL;
	*out = (struct posix_notice){
		.to = { F_OWNER_PID, p->pid, p->credentials.uid, p->credentials.euid },
		.signal = e.sigev_notify == SIGEV_SIGNAL ? e.sigev_signo : 0,
		.value = (uint64_t)e.sigev_value.sival_ptr,
	};
	return 0;
}

int64_t sys_mq_notify(uint64_t mqd, uint64_t sevp)
{
	struct posix_notice notice;
	struct file *f;
	int error = sevp ? notice_in(sevp, &notice) : 0;

	if (!error)
		error = queue_of(mqd, NULL, &f);
	if (error)
		return error;
	error = posix_queue_notify(f, sevp ? &notice : NULL, current_process()->pid);
	file_put(f);
	return error;
}

int64_t sys_mq_getsetattr(uint64_t mqd, uint64_t newattr, uint64_t oldattr)
{
	struct mq_attr new = { 0 }, old;
	struct file *f;
	int error;

	if (newattr && user_copy_in(&new, newattr, sizeof(new)))
		return -EFAULT;
	if (new.mq_flags & ~(long)O_NONBLOCK)
		return -EINVAL;
	error = queue_of(mqd, NULL, &f);
	if (error)
		return error;
	posix_queue_attributes(f, &old);
	if (newattr && new.mq_flags)
		__atomic_fetch_or(&f->flags, O_NONBLOCK, __ATOMIC_RELAXED);
	else if (newattr)
		__atomic_fetch_and(&f->flags, ~(uint32_t)O_NONBLOCK, __ATOMIC_RELAXED);
	file_put(f);
	return oldattr ? user_copy_out(oldattr, &old, sizeof(old)) : 0;
}
