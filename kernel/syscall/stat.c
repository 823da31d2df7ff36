/* What a file is: stat and its forms. */
#include <asm/stat.h>
#include <linux/errno.h>
#include <linux/securebits.h>

#include "kernel/fs/attributes.h"
#include "kernel/fs/device.h"
#include "kernel/mm/user.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/trace/trace.h"

static int64_t stat_out(const struct path *p, uint64_t addr, unsigned arg)
{
	struct stat s;

	attributes_stat(p, &s);
	if (user_copy_out(addr, &s, sizeof(s)))
		return -EFAULT;
	trace_data(arg, DATA_STAT, &s, sizeof(s));
	return 0;
}

static int64_t stat_at(uint64_t dirfd, uint64_t path, unsigned arg, unsigned flags, uint64_t addr)
{
	struct path p;
	int64_t error = at_path(dirfd, path, arg, flags, &p);

	if (error)
		return error;
	error = stat_out(&p, addr, arg + 1);
	path_put(&p);
	return error;
}

int64_t sys_stat(uint64_t path, uint64_t statbuf)
{
	return stat_at((uint64_t)AT_FDCWD, path, 0, 0, statbuf);
}

int64_t sys_lstat(uint64_t path, uint64_t statbuf)
{
	return stat_at((uint64_t)AT_FDCWD, path, 0, AT_SYMLINK_NOFOLLOW, statbuf);
}

int64_t sys_fstat(uint64_t fd, uint64_t statbuf)
{
	const struct file_use u = caller_file_use(fd);
	int64_t error;

	if (!u.file)
		return -EBADF;
	error = stat_out(&u.file->path, statbuf, 1);
	file_use_end(u);
	return error;
}

int64_t sys_newfstatat(uint64_t dirfd, uint64_t path, uint64_t statbuf, uint64_t flags)
{
	if (flags & ~(uint64_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
		return -EINVAL;
	return stat_at(dirfd, path, 1, (unsigned)flags, statbuf);
}

static struct statx_timestamp statx_time(uint64_t seconds, uint64_t nanoseconds)
{
	return (struct statx_timestamp){ .tv_sec = (int64_t)seconds,
					 .tv_nsec = (uint32_t)nanoseconds };
}

static void statx_fill(const struct path *p, const struct stat *s, struct statx *out)
{
	uint64_t birth = path_inode(p)->btime;

	*out = (struct statx){
		.stx_mask = STATX_BASIC_STATS | (birth ? STATX_BTIME : 0),
		.stx_blksize = (uint32_t)s->st_blksize,
		.stx_nlink = (uint32_t)s->st_nlink,
		.stx_uid = s->st_uid,
		.stx_gid = s->st_gid,
		.stx_mode = (uint16_t)s->st_mode,
		.stx_ino = s->st_ino,
		.stx_size = (uint64_t)s->st_size,
		.stx_blocks = (uint64_t)s->st_blocks,
		.stx_atime = statx_time(s->st_atime, s->st_atime_nsec),
		.stx_btime = statx_time(birth / 1000000000, birth % 1000000000),
		.stx_ctime = statx_time(s->st_ctime, s->st_ctime_nsec),
		.stx_mtime = statx_time(s->st_mtime, s->st_mtime_nsec),
		.stx_rdev_major = device_major(s->st_rdev),
		.stx_rdev_minor = device_minor(s->st_rdev),
		.stx_dev_major = device_major(s->st_dev),
		.stx_dev_minor = device_minor(s->st_dev),
	};
}

int64_t sys_statx(uint64_t dirfd, uint64_t path, uint64_t flags, uint64_t mask, uint64_t statxbuf)
{
	struct statx x;
	struct stat s;
	struct path p;
	int64_t error;

	if (flags & ~(uint64_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT |
				AT_STATX_SYNC_TYPE) ||
	    (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE || mask & STATX__RESERVED)
		return -EINVAL;
	error = at_path(dirfd, path, 1, (unsigned)flags, &p);
	if (error)
		return error;
	attributes_stat(&p, &s);
	statx_fill(&p, &s, &x);
	path_put(&p);
	return user_copy_out(statxbuf, &x, sizeof(x));
}

static int64_t access_at(uint64_t dirfd, uint64_t path, unsigned arg, uint64_t mode, uint64_t flags)
{
	struct credentials c = *caller_credentials();
	struct path p;
	struct at a;
	int error;

	if (mode & ~7ull || flags & ~(uint64_t)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!(flags & AT_EACCESS)) {
		c.fsuid = c.uid;
		c.fsgid = c.gid;
		if (!(c.secure_bits & SECBIT_NO_SETUID_FIXUP))
			c.effective = c.uid ? 0 : c.permitted;
	}
	error = at_begin(&a, dirfd, path, arg);
	a.lookup.credentials = &c;
	a.lookup.follow = !(flags & AT_SYMLINK_NOFOLLOW);
	a.lookup.empty = flags & AT_EMPTY_PATH;
	if (!error)
		error = path_lookup(&a.lookup, a.name.text, &p);
	at_end(&a);
	if (error)
		return error;
	error = attributes_access(&p, &c, (unsigned)mode);
	path_put(&p);
	return error;
}

int64_t sys_access(uint64_t path, uint64_t mode)
{
	return access_at((uint64_t)AT_FDCWD, path, 0, mode, 0);
}

int64_t sys_faccessat(uint64_t dirfd, uint64_t path, uint64_t mode)
{
	return access_at(dirfd, path, 1, mode, 0);
}

int64_t sys_faccessat2(uint64_t dirfd, uint64_t path, uint64_t mode, uint64_t flags)
{
	return access_at(dirfd, path, 1, mode, flags);
}
