/* Where a process is in the tree: chdir, getcwd, chroot, umask. */
#include <linux/errno.h>
#include <linux/limits.h>

#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/trace/trace.h"

/* A directory that the caller may search. */
static int directory_check(const struct path *p)
{
	if (!S_ISDIR(path_inode(p)->mode))
		return -ENOTDIR;
	return inode_permission(path_inode(p), caller_credentials(), MAY_EXECUTE);
}

int64_t sys_chdir(uint64_t path)
{
	struct path p;
	int error = at_path((uint64_t)AT_FDCWD, path, 0, 0, &p);

	if (error)
		return error;
	error = directory_check(&p);
	if (!error)
		fs_context_set_cwd(current_process()->fs, &p);
	path_put(&p);
	return error;
}

int64_t sys_fchdir(uint64_t fd)
{
	struct file *f = caller_file(fd);
	int error;

	if (!f)
		return -EBADF;
	error = directory_check(&f->path);
	if (!error)
		fs_context_set_cwd(current_process()->fs, &f->path);
	file_put(f);
	return error;
}

int64_t sys_chroot(uint64_t path)
{
	struct path p;
	int error = at_path((uint64_t)AT_FDCWD, path, 0, 0, &p);

	if (error)
		return error;
	error = directory_check(&p);
	if (!error && !caller_can(CAP_SYS_CHROOT))
		error = -EPERM;
	if (!error)
		fs_context_set_root(current_process()->fs, &p);
	path_put(&p);
	return error;
}

int64_t sys_getcwd(uint64_t buf, uint64_t length)
{
	struct fs_context *c = current_process()->fs;
	char *name = kmalloc(PATH_MAX);
	struct path root, cwd;
	int64_t n;

	if (!name)
		return -ENOMEM;
	fs_context_root(c, &root);
	fs_context_cwd(c, &cwd);
	n = path_deleted(&cwd) ? -ENOENT : path_name(&cwd, &root, name, PATH_MAX);
	path_put(&root);
	path_put(&cwd);
	if (n == -ERANGE)
		n = -ENAMETOOLONG;
	else if (n > 0 && (uint64_t)n > length)
		n = -ERANGE;
	if (n > 0 && user_copy_out(buf, name, (size_t)n))
		n = -EFAULT;
	if (n > 0)
		trace_data(0, DATA_PATH, name, (size_t)n - 1);
	kfree(name);
	return n;
}

int64_t sys_umask(uint64_t mask)
{
	return __atomic_exchange_n(&current_process()->fs->umask, (uint32_t)mask & 0777,
				   __ATOMIC_RELAXED);
}
