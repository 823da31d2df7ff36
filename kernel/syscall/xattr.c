/* Extended attributes: get, set, list and remove, by path, link or descriptor. */
#include <linux/errno.h>
#include <linux/limits.h>

#include "kernel/fs/dentry.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/notify.h"
#include "kernel/fs/xattr.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/trace/trace.h"

/* What the calls are about: by path (follow or not) or descriptor. */
enum by { BY_PATH, BY_LINK, BY_FD };

static int target(enum by by, uint64_t what, struct path *out)
{
	struct file *f;

	if (by != BY_FD)
		return at_path((uint64_t)AT_FDCWD, what, 0, by == BY_LINK ? AT_SYMLINK_NOFOLLOW : 0,
			       out);
	f = caller_file(what);
	if (!f || f->flags & O_PATH) {
		file_put(f);
		return -EBADF;
	}
	*out = f->path;
	path_get(out);
	file_put(f);
	return 0;
}

/* to holds XATTR_NAME_MAX + 1 bytes. */
static int name_in(char *to, uint64_t addr)
{
	int64_t n = user_string(to, addr, XATTR_NAME_MAX + 1);

	if (n == -ENAMETOOLONG || n == 0)
		return -ERANGE;
	if (n < 0)
		return (int)n;
	trace_data(1, DATA_STRING, to, (size_t)n);
	return 0;
}

static int64_t set(enum by by, uint64_t what, uint64_t name, uint64_t value, uint64_t size,
		   uint64_t flags)
{
	char text[XATTR_NAME_MAX + 1];
	struct path p;
	void *bytes;
	int error;

	if (flags & ~(uint64_t)(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	error = name_in(text, name);
	if (error)
		return error;
	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	bytes = kmalloc(size ? size : 1);
	if (!bytes)
		return -ENOMEM;
	error = user_copy_in(bytes, value, size);
	if (!error)
		error = target(by, what, &p);
	if (!error) {
		error = mount_writable(&p);
		if (!error)
			error = xattr_set(path_inode(&p), caller_credentials(), text, bytes, size,
					  (int)flags);
		if (!error)
			notify_path(&p, IN_ATTRIB);
		path_put(&p);
	}
	kfree(bytes);
	return error;
}

static int64_t remove(enum by by, uint64_t what, uint64_t name)
{
	char text[XATTR_NAME_MAX + 1];
	struct path p;
	int error = name_in(text, name);

	if (!error)
		error = target(by, what, &p);
	if (error)
		return error;
	error = mount_writable(&p);
	if (!error)
		error = xattr_remove(path_inode(&p), caller_credentials(), text);
	if (!error)
		notify_path(&p, IN_ATTRIB);
	path_put(&p);
	return error;
}

/* Give the program what is at name, or without a name the list of names. */
static int64_t get(enum by by, uint64_t what, const char *name, uint64_t addr, uint64_t size,
		   size_t most)
{
	struct path p;
	void *bytes = NULL;
	int64_t n = target(by, what, &p);

	if (n)
		return n;
	size = MIN(size, most);
	if (size)
		bytes = kmalloc(size);
	if (size && !bytes)
		n = -ENOMEM;
	else if (name)
		n = xattr_get(path_inode(&p), caller_credentials(), name, bytes, size);
	else
		n = xattr_list(path_inode(&p), caller_credentials(), bytes, size);
	path_put(&p);
	if (n > 0 && size && user_copy_out(addr, bytes, (size_t)n))
		n = -EFAULT;
	kfree(bytes);
	return n;
}

static int64_t get_one(enum by by, uint64_t what, uint64_t name, uint64_t value, uint64_t size)
{
	char text[XATTR_NAME_MAX + 1];
	int error = name_in(text, name);

	return error ? error : get(by, what, text, value, size, XATTR_SIZE_MAX);
}

int64_t sys_setxattr(uint64_t path, uint64_t name, uint64_t value, uint64_t length, uint64_t flags)
{
	return set(BY_PATH, path, name, value, length, flags);
}

int64_t sys_lsetxattr(uint64_t path, uint64_t name, uint64_t value, uint64_t length, uint64_t flags)
{
	return set(BY_LINK, path, name, value, length, flags);
}

int64_t sys_fsetxattr(uint64_t fd, uint64_t name, uint64_t value, uint64_t length, uint64_t flags)
{
	return set(BY_FD, fd, name, value, length, flags);
}

int64_t sys_getxattr(uint64_t path, uint64_t name, uint64_t value, uint64_t length)
{
	return get_one(BY_PATH, path, name, value, length);
}

int64_t sys_lgetxattr(uint64_t path, uint64_t name, uint64_t value, uint64_t length)
{
	return get_one(BY_LINK, path, name, value, length);
}

int64_t sys_fgetxattr(uint64_t fd, uint64_t name, uint64_t value, uint64_t length)
{
	return get_one(BY_FD, fd, name, value, length);
}

int64_t sys_listxattr(uint64_t path, uint64_t list, uint64_t length)
{
	return get(BY_PATH, path, NULL, list, length, XATTR_LIST_MAX);
}

int64_t sys_llistxattr(uint64_t path, uint64_t list, uint64_t length)
{
	return get(BY_LINK, path, NULL, list, length, XATTR_LIST_MAX);
}

int64_t sys_flistxattr(uint64_t fd, uint64_t list, uint64_t length)
{
	return get(BY_FD, fd, NULL, list, length, XATTR_LIST_MAX);
}

int64_t sys_removexattr(uint64_t path, uint64_t name)
{
	return remove(BY_PATH, path, name);
}

int64_t sys_lremovexattr(uint64_t path, uint64_t name)
{
	return remove(BY_LINK, path, name);
}

int64_t sys_fremovexattr(uint64_t fd, uint64_t name)
{
	return remove(BY_FD, fd, name);
}
