/* move_pages: which node pages are on, and moving them.  There is one node, 0: a page is
 * there, or not in memory. */
#include <linux/errno.h>
#include <linux/mempolicy.h>

#include "kernel/mm/user.h"
#include "kernel/proc/access.h"
#include "kernel/proc/procfs.h"
#include "kernel/syscall/table.h"

/* The nodes that pages shall go to: all of them 0. */
static int nodes_check(uint64_t nodes, uint64_t count)
{
	int32_t node;

	for (uint64_t i = 0; i < count; i++) {
		if (user_copy_in(&node, nodes + i * sizeof(node), sizeof(node)))
			return -EFAULT;
		if (node)
			return -ENODEV;
	}
	return 0;
}

static int status_tell(struct space *s, uint64_t pages, uint64_t status, uint64_t count)
{
	uint64_t addr;
	int32_t is;

	for (uint64_t i = 0; i < count; i++) {
		if (user_copy_in(&addr, pages + i * sizeof(addr), sizeof(addr)))
			return -EFAULT;
		is = space_page_mapped(s, addr);
		is = is > 0 ? 0 : is ? is : -ENOENT;
		if (user_copy_out(status + i * sizeof(is), &is, sizeof(is)))
			return -EFAULT;
	}
	return 0;
}

int64_t sys_move_pages(uint64_t pid, uint64_t count, uint64_t pages, uint64_t nodes,
		       uint64_t status, uint64_t flags)
{
	struct process *p;
	struct space *s;
	int error = 0;

	if ((uint32_t)flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		return -EINVAL;
	if ((uint32_t)flags & MPOL_MF_MOVE_ALL && !caller_can(CAP_SYS_NICE))
		return -EPERM;
	p = process_find((uint32_t)pid ? (uint32_t)pid : current_process()->pid);
	if (!p)
		return -ESRCH;
	s = process_may_access(p, ACCESS_REAL) ? process_space(p) : NULL;
	if (!s)
		error = process_may_access(p, ACCESS_REAL) ? -EINVAL : -EPERM;
	process_put(p);
	if (error)
		return error;
	if (nodes)
		error = nodes_check(nodes, count);
	if (!error)
		error = status_tell(s, pages, status, count);
	space_put(s);
	return error;
}
