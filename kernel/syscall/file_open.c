/* Opening and closing, and copies of descriptors. */
#include <linux/close_range.h>
#include <linux/errno.h>

#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/unshare.h"
#include "kernel/syscall/user_path.h"

#define OPEN_HOW_SIZE_VER0 24 /* as Linux names the first size of struct open_how */

/* Linux's VALID_OPEN_FLAGS. */
#define OPEN_FLAGS                                                                                 \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC |      \
	 O_DSYNC | FASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME |        \
	 O_CLOEXEC | O_PATH | __O_TMPFILE)

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

/* What openat2 refuses where open looks away. */
static int how_check(const struct open_how *how)
{
	const uint64_t resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS |
				 RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_CACHED;
	const uint64_t scoped = RESOLVE_BENEATH | RESOLVE_IN_ROOT;
	bool makes = how->flags & (O_CREAT | __O_TMPFILE);

	if (how->flags & ~(uint64_t)OPEN_FLAGS || how->resolve & ~resolve ||
	    (how->resolve & scoped) == scoped)
		return -EINVAL;
	if (how->mode & (makes ? ~07777ull : ~0ull))
		return -EINVAL;
	if (how->flags & O_PATH &&
	    how->flags & ~(uint64_t)(O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC))
		return -EINVAL;
	if (how->resolve & RESOLVE_CACHED && how->flags & (O_TRUNC | O_CREAT | __O_TMPFILE))
		return -EAGAIN;
	return 0;
}

/* The struct may be larger than ours if what is beyond is zero. */
static int how_get(struct open_how *how, uint64_t addr, uint64_t size)
{
	uint64_t word;

	if (size < OPEN_HOW_SIZE_VER0)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	if (user_copy_in(how, addr, sizeof(*how)))
		return -EFAULT;
	for (uint64_t at = sizeof(*how); at < size; at += sizeof(word)) {
		word = 0;
		if (user_copy_in(&word, addr + at, MIN(size - at, sizeof(word))))
			return -EFAULT;
		if (word)
			return -E2BIG;
	}
	return how_check(how);
}

int64_t sys_openat2(uint64_t dirfd, uint64_t path, uint64_t how_addr, uint64_t size)
{
	struct open_how how;
	struct file *f;
	struct at a;
	int error = how_get(&how, how_addr, size);

	if (error)
		return error;
	error = at_begin(&a, dirfd, path, 1);
	a.lookup.resolve = (uint32_t)how.resolve;
	if (!error && how.resolve & RESOLVE_IN_ROOT && !a.directory)
		error = at_base(&a, dirfd);
	if (!error)
		error = file_open_name(&a.lookup, a.name.text, (uint32_t)how.flags,
				       (uint32_t)how.mode, &f);
	at_end(&a);
	return error ? error : caller_install(f, (unsigned)how.flags);
}

int64_t sys_close(uint64_t fd)
{
	return fd_close(current_process()->files, (int)fd);
}

int64_t sys_close_range(uint64_t first, uint64_t last, uint64_t flags)
{
	unsigned from = (unsigned)first, to = (unsigned)last;
	struct fd_table *t;
	int error = 0;

	if (flags & ~(uint64_t)(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || from > to)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE)
		error = unshare_files();
	if (error)
		return error;
	t = current_process()->files;
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
