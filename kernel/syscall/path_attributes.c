/* Who owns a file and who may use it: chmod, chown. */
#include <linux/errno.h>

#include "kernel/fs/attributes.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

#define CWD ((uint64_t)AT_FDCWD)

static int64_t mode_at(uint64_t dirfd, uint64_t path, unsigned arg, uint64_t mode)
{
	struct path p;
	int error = at_path(dirfd, path, arg, 0, &p);

	if (error)
		return error;
	error = attributes_mode(&p, caller_credentials(), (uint32_t)mode);
	path_put(&p);
	return error;
}

int64_t sys_chmod(uint64_t path, uint64_t mode)
{
	return mode_at(CWD, path, 0, mode);
}

int64_t sys_fchmodat(uint64_t dirfd, uint64_t path, uint64_t mode)
{
	return mode_at(dirfd, path, 1, mode);
}

int64_t sys_fchmod(uint64_t fd, uint64_t mode)
{
	struct file *f = caller_file(fd);
	int error;

	if (!f)
		return -EBADF;
	error = f->flags & O_PATH ? -EBADF
				  : attributes_mode(&f->path, caller_credentials(), (uint32_t)mode);
	file_put(f);
	return error;
}

static int64_t owner_at(uint64_t dirfd, uint64_t path, unsigned arg, uint64_t owner, uint64_t group,
			unsigned flags)
{
	struct path p;
	int error = at_path(dirfd, path, arg, flags, &p);

	if (error)
		return error;
	error = attributes_owner(&p, caller_credentials(), (uint32_t)owner, (uint32_t)group);
	path_put(&p);
	return error;
}

int64_t sys_chown(uint64_t path, uint64_t owner, uint64_t group)
{
	return owner_at(CWD, path, 0, owner, group, 0);
}

int64_t sys_lchown(uint64_t path, uint64_t owner, uint64_t group)
{
	return owner_at(CWD, path, 0, owner, group, AT_SYMLINK_NOFOLLOW);
}

int64_t sys_fchownat(uint64_t dirfd, uint64_t path, uint64_t owner, uint64_t group, uint64_t flags)
{
	if (flags & ~(uint64_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return owner_at(dirfd, path, 1, owner, group, (unsigned)flags);
}

int64_t sys_fchown(uint64_t fd, uint64_t owner, uint64_t group)
{
	struct file *f = caller_file(fd);
	int error;

	if (!f)
		return -EBADF;
	error = f->flags & O_PATH ? -EBADF
				  : attributes_owner(&f->path, caller_credentials(),
						     (uint32_t)owner, (uint32_t)group);
	file_put(f);
	return error;
}
