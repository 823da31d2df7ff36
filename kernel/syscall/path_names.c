/* Making, removing and moving names. */
#include <linux/errno.h>
#include <linux/limits.h>

#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/trace/trace.h"

#define CWD ((uint64_t)AT_FDCWD)

static int64_t make_at(uint64_t dirfd, uint64_t path, unsigned arg, uint32_t mode, uint64_t device)
{
	struct at a;
	int error = at_begin(&a, dirfd, path, arg);

	if (!error)
		error = path_make(&a.lookup, a.name.text, mode, device);
	at_end(&a);
	return error;
}

int64_t sys_mkdir(uint64_t path, uint64_t mode)
{
	return make_at(CWD, path, 0, S_IFDIR | (mode & 07777), 0);
}

int64_t sys_mkdirat(uint64_t dirfd, uint64_t path, uint64_t mode)
{
	return make_at(dirfd, path, 1, S_IFDIR | (mode & 07777), 0);
}

/* A mode without a type makes a regular file; mkdir makes directories. */
static int64_t mknod_at(uint64_t dirfd, uint64_t path, unsigned arg, uint64_t mode, uint64_t device)
{
	if (!(mode & S_IFMT))
		mode |= S_IFREG;
	if (S_ISDIR(mode))
		return -EPERM;
	return make_at(dirfd, path, arg, (uint32_t)mode & (S_IFMT | 07777), (uint32_t)device);
}

int64_t sys_mknod(uint64_t path, uint64_t mode, uint64_t dev)
{
	return mknod_at(CWD, path, 0, mode, dev);
}

int64_t sys_mknodat(uint64_t dirfd, uint64_t path, uint64_t mode, uint64_t dev)
{
	return mknod_at(dirfd, path, 1, mode, dev);
}

static int64_t unlink_at(uint64_t dirfd, uint64_t path, unsigned arg, bool directory)
{
	struct at a;
	int error = at_begin(&a, dirfd, path, arg);

	if (!error)
		error = path_unlink(&a.lookup, a.name.text, directory);
	at_end(&a);
	return error;
}

int64_t sys_unlink(uint64_t path)
{
	return unlink_at(CWD, path, 0, false);
}

int64_t sys_rmdir(uint64_t path)
{
	return unlink_at(CWD, path, 0, true);
}

int64_t sys_unlinkat(uint64_t dirfd, uint64_t path, uint64_t flags)
{
	if (flags & ~(uint64_t)AT_REMOVEDIR)
		return -EINVAL;
	return unlink_at(dirfd, path, 1, flags & AT_REMOVEDIR);
}

static int64_t symlink_at(uint64_t target, uint64_t dirfd, uint64_t path, unsigned arg)
{
	struct user_path text;
	struct at a;
	int error = user_path_get(&text, target, 0);

	if (error) {
		user_path_note(path, arg);
		return error;
	}
	error = at_begin(&a, dirfd, path, arg);
	if (!error)
		error = path_symlink(&a.lookup, a.name.text, text.text);
	at_end(&a);
	user_path_put(&text);
	return error;
}

int64_t sys_symlink(uint64_t target, uint64_t linkpath)
{
	return symlink_at(target, CWD, linkpath, 1);
}

int64_t sys_symlinkat(uint64_t target, uint64_t newdirfd, uint64_t linkpath)
{
	return symlink_at(target, newdirfd, linkpath, 2);
}

/* The numbers of the paths in the call differ. */
static int64_t link_at(uint64_t olddirfd, uint64_t oldpath, unsigned old_arg, uint64_t newdirfd,
		       uint64_t newpath, unsigned new_arg, uint64_t flags)
{
	unsigned how = flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW;
	struct path old;
	struct at a;
	int error = 0;

	if (flags & ~(uint64_t)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		error = -EINVAL;
	else if (flags & AT_EMPTY_PATH && !caller_can(CAP_DAC_READ_SEARCH))
		error = -ENOENT;
	if (error)
		user_path_note(oldpath, old_arg);
	else
		error = at_path(olddirfd, oldpath, old_arg, how | (flags & AT_EMPTY_PATH), &old);
	if (error) {
		user_path_note(newpath, new_arg);
		return error;
	}
	error = at_begin(&a, newdirfd, newpath, new_arg);
	if (!error)
		error = path_link(&old, &a.lookup, a.name.text);
	at_end(&a);
	path_put(&old);
	return error;
}

int64_t sys_link(uint64_t oldpath, uint64_t newpath)
{
	return link_at(CWD, oldpath, 0, CWD, newpath, 1, 0);
}

int64_t sys_linkat(uint64_t olddirfd, uint64_t oldpath, uint64_t newdirfd, uint64_t newpath,
		   uint64_t flags)
{
	return link_at(olddirfd, oldpath, 1, newdirfd, newpath, 3, flags);
}

static int64_t rename_at(uint64_t olddirfd, uint64_t oldpath, unsigned old_arg, uint64_t newdirfd,
			 uint64_t newpath, unsigned new_arg, uint64_t flags)
{
	struct at old, new;
	int error = at_begin(&old, olddirfd, oldpath, old_arg);

	if (error) {
		user_path_note(newpath, new_arg);
		at_end(&old);
		return error;
	}
	error = at_begin(&new, newdirfd, newpath, new_arg);
	if (!error)
		error = path_rename(&old.lookup, old.name.text, &new.lookup, new.name.text,
				    (unsigned)flags);
	at_end(&old);
	at_end(&new);
	return error;
}

int64_t sys_rename(uint64_t oldpath, uint64_t newpath)
{
	return rename_at(CWD, oldpath, 0, CWD, newpath, 1, 0);
}

int64_t sys_renameat(uint64_t olddirfd, uint64_t oldpath, uint64_t newdirfd, uint64_t newpath)
{
	return rename_at(olddirfd, oldpath, 1, newdirfd, newpath, 3, 0);
}

int64_t sys_renameat2(uint64_t olddirfd, uint64_t oldpath, uint64_t newdirfd, uint64_t newpath,
		      uint64_t flags)
{
	return rename_at(olddirfd, oldpath, 1, newdirfd, newpath, 3, flags);
}

static int64_t readlink_at(uint64_t dirfd, uint64_t path, unsigned arg, uint64_t buf, uint64_t size)
{
	struct path p;
	char *text;
	int64_t n;

	if ((int)size <= 0)
		return -EINVAL;
	/* readlinkat of "" reads the link that dirfd is (O_PATH); readlink has no dirfd. */
	n = at_path(dirfd, path, arg, AT_SYMLINK_NOFOLLOW | (arg ? AT_EMPTY_PATH : 0), &p);
	if (n)
		return n;
	text = kmalloc(PATH_MAX);
	n = text ? path_readlink(&p, text, MIN((size_t)(int)size, (size_t)PATH_MAX)) : -ENOMEM;
	if (n > 0 && user_copy_out(buf, text, (size_t)n))
		n = -EFAULT;
	if (n > 0)
		trace_data(arg + 1, DATA_PATH, text, (size_t)n);
	kfree(text);
	path_put(&p);
	return n;
}

int64_t sys_readlink(uint64_t path, uint64_t buf, uint64_t length)
{
	return readlink_at(CWD, path, 0, buf, length);
}

int64_t sys_readlinkat(uint64_t dirfd, uint64_t path, uint64_t buf, uint64_t length)
{
	return readlink_at(dirfd, path, 1, buf, length);
}
