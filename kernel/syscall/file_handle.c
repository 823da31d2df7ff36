/* Names by handle: no file system of this kernel has any. */
#include <linux/errno.h>

#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

int64_t sys_name_to_handle_at(uint64_t dirfd, uint64_t path, uint64_t handle, uint64_t mount_id,
			      uint64_t flags)
{
	struct path p;
	int error;

	if (flags & ~(uint64_t)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	error = at_path(dirfd, path, 1,
			(flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW) |
				(flags & AT_EMPTY_PATH),
			&p);
	if (error)
		return error;
	path_put(&p);
	return -EOPNOTSUPP;
}

int64_t sys_open_by_handle_at(uint64_t mount_fd, uint64_t handle, uint64_t flags)
{
	struct file *f;

	if (!caller_can(CAP_DAC_READ_SEARCH))
		return -EPERM;
	f = caller_file(mount_fd);
	file_put(f);
	return f ? -ESTALE : -EBADF;
}
