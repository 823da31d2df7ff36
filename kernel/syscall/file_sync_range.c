/* sync_file_range(2): files are in memory, so that only its checks are left. */
#include <linux/errno.h>
#include <linux/fs.h>

#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

#define FLAGS (SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER)

int64_t sys_sync_file_range(uint64_t fd, uint64_t offset, uint64_t count, uint64_t flags)
{
	struct file *f = caller_file(fd);
	int64_t end, error = 0;

	if (!f || f->flags & O_PATH)
		error = -EBADF;
	else if (flags & ~(uint64_t)FLAGS || (int64_t)offset < 0 || (int64_t)count < 0 ||
		 __builtin_add_overflow((int64_t)offset, (int64_t)count, &end))
		error = -EINVAL;
	else if (!S_ISREG(f->inode->mode) && !S_ISDIR(f->inode->mode) && !S_ISBLK(f->inode->mode) &&
		 !S_ISLNK(f->inode->mode))
		error = -ESPIPE;
	file_put(f);
	return error;
}
