/* inotify_init, inotify_init1, inotify_add_watch, inotify_rm_watch. */
#include "kernel/fs/inotify.h"

#include <linux/errno.h>
#include <linux/inotify.h>

#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

/* All bits that a mask may have: others are ignored, but one of these must be there. */
#define MASK_KNOWN                                                                                 \
	(IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR | IN_DONT_FOLLOW |   \
	 IN_EXCL_UNLINK | IN_MASK_ADD | IN_MASK_CREATE | IN_ISDIR | IN_ONESHOT)

int64_t sys_inotify_init1(uint64_t flags)
{
	struct file *f;
	int error;

	if (flags & ~(uint64_t)(IN_CLOEXEC | IN_NONBLOCK))
		return -EINVAL;
	error = inotify_create((uint32_t)flags & IN_NONBLOCK, caller_credentials()->uid, &f);
	return error ? error : caller_install(f, (unsigned)flags & IN_CLOEXEC);
}

int64_t sys_inotify_init(void)
{
	return sys_inotify_init1(0);
}

/* The caller's instance behind fd with a reference. */
static int instance_get(uint64_t fd, struct file **out)
{
	*out = caller_file(fd);
	if (!*out)
		return -EBADF;
	if (inotify_is(*out))
		return 0;
	file_put(*out);
	return -EINVAL;
}

static int watch_path(struct file *f, uint64_t path, uint32_t mask)
{
	struct path p;
	int error = at_path((uint64_t)AT_FDCWD, path, 1,
			    mask & IN_DONT_FOLLOW ? AT_SYMLINK_NOFOLLOW : 0, &p);

	if (error)
		return error;
	if (mask & IN_ONLYDIR && !S_ISDIR(path_inode(&p)->mode))
		error = -ENOTDIR;
	if (!error)
		error = inode_permission(path_inode(&p), caller_credentials(), MAY_READ);
	if (!error)
		error = inotify_watch(f, path_inode(&p), mask);
	path_put(&p);
	return error;
}

int64_t sys_inotify_add_watch(uint64_t fd, uint64_t path, uint64_t mask)
{
	struct file *f;
	int result;

	if (!((uint32_t)mask & MASK_KNOWN))
		return -EINVAL;
	if (mask & IN_MASK_ADD && mask & IN_MASK_CREATE)
		return -EINVAL;
	result = instance_get(fd, &f);
	if (result)
		return result;
	result = watch_path(f, path, (uint32_t)mask);
	file_put(f);
	return result;
}

int64_t sys_inotify_rm_watch(uint64_t fd, uint64_t wd)
{
	struct file *f;
	int error = instance_get(fd, &f);

	if (error)
		return error;
	error = inotify_unwatch(f, (int)wd);
	file_put(f);
	return error;
}
