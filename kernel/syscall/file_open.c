/* Opening and closing, and copies of descriptors. */
#include <linux/close_range.h>
#include <linux/errno.h>

#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

static int64_t open_at(uint64_t dirfd, uint64_t path, unsigned arg, uint64_t flags, uint64_t mode)
{
	struct file *f;
	struct at a;
	int error = at_begin(&a, dirfd, path, arg);

	if (!error)
		error = file_open_name(&a.lookup, a.name.text, (uint32_t)flags, (uint32_t)mode, &f);
	at_end(&a);
	return error ? error : caller_install(f, (unsigned)flags);
}

int64_t sys_open(uint64_t path, uint64_t flags, uint64_t mode)
{
	return open_at((uint64_t)AT_FDCWD, path, 0, flags, mode);
}

int64_t sys_openat(uint64_t dirfd, uint64_t path, uint64_t flags, uint64_t mode)
{
	return open_at(dirfd, path, 1, flags, mode);
}

int64_t sys_creat(uint64_t path, uint64_t mode)
{
	return open_at((uint64_t)AT_FDCWD, path, 0, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int64_t sys_close(uint64_t fd)
{
	return fd_close(current_process()->files, (int)fd);
}

/* CLOSE_RANGE_UNSHARE, for which the table would have to be copied, is left out: the
 * C libraries do not use it. */
int64_t sys_close_range(uint64_t first, uint64_t last, uint64_t flags)
{
	struct fd_table *t = current_process()->files;
	unsigned from = (unsigned)first, to = (unsigned)last;

	if (flags & ~CLOSE_RANGE_CLOEXEC || from > to)
		return -EINVAL;
	for (int fd = from > INT32_MAX ? -1 : fd_next(t, (int)from); fd >= 0 && (unsigned)fd <= to;
	     fd = fd_next(t, fd + 1)) {
		if (flags & CLOSE_RANGE_CLOEXEC)
			fd_close_exec(t, fd, 1);
		else
			fd_close(t, fd);
	}
	return 0;
}

int64_t sys_dup(uint64_t fd)
{
	struct file *f = caller_file(fd);

	return f ? caller_install(f, 0) : -EBADF;
}

static int64_t dup_at(uint64_t oldfd, uint64_t newfd, unsigned flags)
{
	struct file *f = caller_file(oldfd);

	if (!f)
		return -EBADF;
	return fd_install_at(current_process()->files, f, (int)newfd, flags & O_CLOEXEC,
			     caller_fd_limit());
}

int64_t sys_dup2(uint64_t oldfd, uint64_t newfd)
{
	if ((int)oldfd == (int)newfd) {
		struct file *f = caller_file(oldfd);

		file_put(f);
		return f ? (int)newfd : -EBADF;
	}
	return dup_at(oldfd, newfd, 0);
}

int64_t sys_dup3(uint64_t oldfd, uint64_t newfd, uint64_t flags)
{
	if (flags & ~(uint64_t)O_CLOEXEC || (int)oldfd == (int)newfd)
		return -EINVAL;
	return dup_at(oldfd, newfd, (unsigned)flags);
}
