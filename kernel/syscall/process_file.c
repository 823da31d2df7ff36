/* pidfd_open, pidfd_send_signal, pidfd_getfd. */
#include "kernel/proc/process_file.h"

#include <linux/errno.h>
#include <linux/pidfd.h>

#include "kernel/proc/access.h"
#include "kernel/syscall/signal_send.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

int64_t sys_pidfd_open(uint64_t pid, uint64_t flags)
{
	struct process *p;
	struct thread *t;
	struct file *f;
	int error;

	if ((uint32_t)flags & ~(uint32_t)PIDFD_NONBLOCK || (int32_t)pid <= 0)
		return -EINVAL;
	p = process_find((uint32_t)pid);
	if (!p) {
		t = thread_find((uint32_t)pid); /* a thread that leads no process */
		if (t)
			thread_put(t);
		return t ? -EINVAL : -ESRCH;
	}
	error = process_file_create(p, (uint32_t)flags & O_NONBLOCK, &f);
	process_put(p);
	return error ? error : caller_install(f, O_CLOEXEC);
}

int64_t sys_pidfd_send_signal(uint64_t pidfd, uint64_t sig, uint64_t info, uint64_t flags)
{
	struct process *p;
	struct file *f;
	int64_t result;

	if ((uint32_t)flags)
		return -EINVAL;
	f = caller_file(pidfd);
	p = f ? process_file_process(f) : NULL;
	result = p ? send_by_file(p, (int)sig, info) : -EBADF;
	file_put(f);
	return result;
}

static int64_t file_take(struct process *p, int fd)
{
	struct fd_table *files = process_files(p);
	struct file *f;

	if (!files)
		return -ESRCH;
	f = process_may_access(p, ACCESS_REAL) ? fd_get(files, fd) : NULL;
	fd_table_put(files);
	if (!f)
		return process_may_access(p, ACCESS_REAL) ? -EBADF : -EPERM;
	return caller_install(f, O_CLOEXEC);
}

int64_t sys_pidfd_getfd(uint64_t pidfd, uint64_t targetfd, uint64_t flags)
{
	struct process *p;
	struct file *f;
	int64_t result;

	if ((uint32_t)flags)
		return -EINVAL;
	f = caller_file(pidfd);
	p = f ? process_file_process(f) : NULL;
	result = p ? file_take(p, (int)targetfd) : -EBADF;
	file_put(f);
	return result;
}
