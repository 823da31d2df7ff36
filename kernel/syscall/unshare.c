/* unshare and setns.  There are no namespaces; descriptors and the place in the file
 * tree are a process's, so that only a process of one thread can have its own. */
#include <linux/errno.h>
#include <linux/sched.h>

#include "kernel/proc/process.h"
#include "kernel/proc/tree.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/unshare.h"
#include "kernel/syscall/user_path.h"

#define NAMESPACES                                                                                 \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET)
#define WHOLE (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)

int unshare_files(void)
{
	struct process *p = current_process();

	if (!p->files_shared)
		return 0;
	return p->thread_count > 1 ? -EINVAL : process_unshare_files(p);
}

static int unshare_place(void)
{
	struct process *p = current_process();
	struct fs_context *was = p->fs, *own;

	if (ref_count(&was->refs) == 1)
		return 0;
	if (p->thread_count > 1)
		return -EINVAL;
	own = fs_context_copy(was);
	if (!own)
		return -ENOMEM;
	tree_lock();
	p->fs = own;
	tree_unlock();
	fs_context_put(was);
	return 0;
}

int64_t sys_unshare(uint64_t flags)
{
	int error = 0;

	if (flags & ~(uint64_t)(NAMESPACES | WHOLE | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM))
		return -EINVAL;
	if (flags & WHOLE && current_process()->thread_count > 1)
		return -EINVAL;
	if (flags & NAMESPACES)
		return !caller_can(CAP_SYS_ADMIN) && !(flags & CLONE_NEWUSER) ? -EPERM : -EINVAL;
	if (flags & CLONE_FS)
		error = unshare_place();
	if (!error && flags & CLONE_FILES)
		error = unshare_files();
	return error;
}

/* No file stands for a namespace. */
int64_t sys_setns(uint64_t fd, uint64_t type)
{
	struct file *f = caller_file(fd);

	file_put(f);
	return f ? -EINVAL : -EBADF;
}
