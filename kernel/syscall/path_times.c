/* When a file was used: utimensat and its older forms. */
#include <linux/errno.h>
#include <linux/utime.h>

#include "kernel/fs/attributes.h"
#include "kernel/mm/user.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/syscall/user_time.h"

#define CWD        ((uint64_t)AT_FDCWD)
#define UTIME_NOW  0x3fffffff /* utimensat(2) */
#define UTIME_OMIT 0x3ffffffe

struct times {
	uint64_t atime, mtime; /* as attributes_times takes them */
	bool now;
};

static struct times times_now(void)
{
	uint64_t now = inode_now();

	return (struct times){ now, now, true };
}

static int64_t times_set(const struct path *p, const struct times *t)
{
	if (t->atime == TIME_KEEP && t->mtime == TIME_KEEP)
		return 0;
	return attributes_times(p, caller_credentials(), t->atime, t->mtime, t->now);
}

static int64_t times_at(uint64_t dirfd, uint64_t path, unsigned arg, unsigned flags,
			const struct times *t)
{
	struct path p;
	int64_t error = at_path(dirfd, path, arg, flags, &p);

	if (error)
		return error;
	error = times_set(&p, t);
	path_put(&p);
	return error;
}

static int time_in(const struct timespec *given, uint64_t *out)
{
	if (given->tv_nsec == UTIME_OMIT)
		*out = TIME_KEEP;
	else if (given->tv_nsec == UTIME_NOW)
		*out = inode_now();
	else
		return timespec_ns(given, out) ? 0 : -EINVAL;
	return 0;
}

static int timespecs_in(uint64_t addr, struct times *t)
{
	struct timespec given[2];
	int error;

	if (!addr) {
		*t = times_now();
		return 0;
	}
	if (user_copy_in(given, addr, sizeof(given)))
		return -EFAULT;
	t->now = given[0].tv_nsec == UTIME_NOW && given[1].tv_nsec == UTIME_NOW;
	error = time_in(&given[0], &t->atime);
	return error ? error : time_in(&given[1], &t->mtime);
}

int64_t sys_utimensat(uint64_t dirfd, uint64_t path, uint64_t times, uint64_t flags)
{
	struct times t;
	struct file *f;
	int64_t error = timespecs_in(times, &t);

	if (error)
		return error;
	if (flags & ~(uint64_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (path || (int)dirfd == AT_FDCWD)
		return times_at(dirfd, path, 1, (unsigned)flags, &t);
	if (flags) /* futimens */
		return -EINVAL;
	f = caller_file(dirfd);
	if (!f)
		return -EBADF;
	error = times_set(&f->path, &t);
	file_put(f);
	return error;
}

static int timevals_in(uint64_t addr, struct times *t)
{
	struct timeval given[2];

	if (!addr) {
		*t = times_now();
		return 0;
	}
	if (user_copy_in(given, addr, sizeof(given)))
		return -EFAULT;
	t->now = false;
	return timeval_ns(&given[0], &t->atime) && timeval_ns(&given[1], &t->mtime) ? 0 : -EINVAL;
}

int64_t sys_futimesat(uint64_t dirfd, uint64_t path, uint64_t times)
{
	struct times t;
	int64_t error = timevals_in(times, &t);

	return error ? error : times_at(dirfd, path, 1, 0, &t);
}

int64_t sys_utimes(uint64_t path, uint64_t times)
{
	struct times t;
	int64_t error = timevals_in(times, &t);

	return error ? error : times_at(CWD, path, 0, 0, &t);
}

int64_t sys_utime(uint64_t path, uint64_t times)
{
	struct times t = times_now();
	struct utimbuf given;

	if (times) {
		if (user_copy_in(&given, times, sizeof(given)))
			return -EFAULT;
		t = (struct times){ (uint64_t)given.actime * SECOND_NS,
				    (uint64_t)given.modtime * SECOND_NS, false };
	}
	return times_at(CWD, path, 0, 0, &t);
}
