/* To storage: sync, fsync and relatives; advice on access. */
#include <linux/errno.h>
#include <linux/fadvise.h>

#include "kernel/fs/host.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

/* Other file systems live in memory: there is nothing to write back. */
int64_t sys_sync(void)
{
	host_sync();
	return 0;
}

static int64_t sync_file(uint64_t fd)
{
	struct file *f = caller_file(fd);
	int error;

	if (!f)
		return -EBADF;
	if (f->flags & O_PATH)
		error = -EBADF;
	else
		error = f->ops->sync ? f->ops->sync(f) : -EINVAL;
	file_put(f);
	return error;
}

int64_t sys_fsync(uint64_t fd)
{
	return sync_file(fd);
}

int64_t sys_fdatasync(uint64_t fd)
{
	return sync_file(fd);
}

int64_t sys_syncfs(uint64_t fd)
{
	struct file *f = caller_file(fd);

	if (!f || f->flags & O_PATH) {
		file_put(f);
		return -EBADF;
	}
	host_sync();
	file_put(f);
	return 0;
}

/* The pages come with the first read; what is checked is Linux's. */
int64_t sys_readahead(uint64_t fd, uint64_t offset, uint64_t count)
{
	struct file *f = caller_file(fd);
	int error = 0;

	if (!f || !file_readable(f))
		error = -EBADF;
	else if (!S_ISREG(f->inode->mode) && !S_ISBLK(f->inode->mode))
		error = -EINVAL;
	file_put(f);
	return error;
}

int64_t sys_fadvise64(uint64_t fd, uint64_t offset, uint64_t length, uint64_t advice)
{
	struct file *f = caller_file(fd);
	int error = 0;

	if (!f)
		return -EBADF;
	if (S_ISFIFO(f->inode->mode))
		error = -ESPIPE;
	else if (advice > POSIX_FADV_NOREUSE || (int64_t)length < 0)
		error = -EINVAL;
	file_put(f);
	return error;
}
