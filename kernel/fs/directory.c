/* Open directories: listing. */
#include "kernel/fs/directory.h"

#include <linux/errno.h>

#include "kernel/fs/dentry.h"

/* "." and "..", then what the file system has. */
static int list_from(struct file *f, uint64_t *position, struct list_sink *sink)
{
	struct inode *dir = f->inode;
	uint64_t number;

	if (*position == 0) {
		if (!sink->emit(sink, ".", 1, dir->number, S_IFDIR, 1))
			return 0;
		*position = 1;
	}
	if (*position == 1) {
		names_lock();
		number = f->path.dentry->parent ? f->path.dentry->parent->inode->number
						: dir->number;
		names_unlock();
		if (!sink->emit(sink, "..", 2, number, S_IFDIR, 2))
			return 0;
		*position = 2;
	}
	return dir->ops->list ? dir->ops->list(dir, position, sink) : 0;
}

int file_list(struct file *f, struct list_sink *sink)
{
	struct inode *dir = f->inode;
	int error;

	if (f->flags & O_PATH)
		return -EBADF;
	if (!S_ISDIR(dir->mode))
		return -ENOTDIR;
	mutex_lock(&f->position_lock);
	mutex_lock(&dir->lock);
	error = dir->links || dir->super->uncached ? list_from(f, &f->position, sink) : -ENOENT;
	mutex_unlock(&dir->lock);
	mutex_unlock(&f->position_lock);
	dir->atime = inode_now();
	return error;
}

static int64_t directory_seek(struct file *f, int64_t offset, int whence)
{
	return seek_within(f, offset, whence, INT64_MAX);
}

static int directory_sync(struct file *f)
{
	return 0;
}

const struct file_ops directory_file_ops = {
	.seek = directory_seek,
	.sync = directory_sync,
};
