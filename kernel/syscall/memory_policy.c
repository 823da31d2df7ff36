/* Memory policies on a machine with one node, number 0: checked and remembered as
 * Linux does, and nothing else, since every page comes from there anyway. */
#include <linux/errno.h>
#include <linux/mempolicy.h>

#include "kernel/mm/user.h"
#include "kernel/proc/task.h"
#include "kernel/syscall/table.h"

#define NODES_MAX   1024 /* MAX_NUMNODES of Debian's kernel */
#define FLAGS_KNOWN (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES | MPOL_F_NUMA_BALANCING)
/* Node 0 is named: a bit of what is remembered that no mode uses. */
#define WITH_NODE 0x1000

/* The bits of a mask of maxnode - 1 nodes: is node 0 among them, is any other? */
static int nodes_read(uint64_t mask, uint64_t maxnode, bool *zero, bool *others)
{
	uint64_t bits, word;

	*zero = *others = false;
	maxnode--;
	if (!maxnode || maxnode == UINT64_MAX || !mask)
		return 0;
	if (maxnode > PAGE_SIZE * 8)
		return -EINVAL;
	for (uint64_t at = 0; at < maxnode; at += 64) {
		if (user_copy_in(&word, mask + at / 8, sizeof(word)))
			return -EFAULT;
		bits = maxnode - at < 64 ? word & ((1ull << (maxnode - at)) - 1) : word;
		if (bits && at >= NODES_MAX)
			return -EINVAL;
		if (!at)
			*zero = bits & 1;
		*others |= at ? bits != 0 : (bits & ~1ull) != 0;
	}
	return 0;
}

/* What to remember for the mode, its flags and the nodes; or -EINVAL. */
static int policy_make(uint64_t policy, bool zero, bool others)
{
	int flags = (int)policy & FLAGS_KNOWN, mode = (int)policy & ~FLAGS_KNOWN;
	bool any = zero || others, relative = flags & MPOL_F_RELATIVE_NODES;

	if (mode < 0 || mode >= MPOL_MAX ||
	    (flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES)) ==
		    (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES) ||
	    (flags & MPOL_F_NUMA_BALANCING && mode != MPOL_BIND))
		return -EINVAL;
	if (mode == MPOL_DEFAULT)
		return any || flags ? -EINVAL : 0;
	if (mode == MPOL_PREFERRED && !any)
		return flags ? -EINVAL : MPOL_LOCAL;
	if (mode == MPOL_LOCAL)
		return any || flags ? -EINVAL : MPOL_LOCAL;
	/* Relative nodes are counted within those there are: each of them is node 0. */
	return zero || (relative && others) ? mode | flags | WITH_NODE : -EINVAL;
}

static int policy_read(uint64_t policy, uint64_t mask, uint64_t maxnode)
{
	bool zero, others;
	int error = nodes_read(mask, maxnode, &zero, &others);

	return error ? error : policy_make(policy, zero, others);
}

int64_t sys_set_mempolicy(uint64_t policy, uint64_t nodemask, uint64_t maxnode)
{
	int made = policy_read(policy, nodemask, maxnode);

	if (made < 0)
		return made;
	current_task()->memory_policy = (uint16_t)made;
	return 0;
}

int64_t sys_mbind(uint64_t addr, uint64_t length, uint64_t policy, uint64_t nodemask,
		  uint64_t maxnode, uint64_t flags)
{
	uint64_t end = addr + ALIGN_UP(length, PAGE_SIZE);
	int made = policy_read(policy, nodemask, maxnode);

	if (flags & ~(uint64_t)MPOL_MF_VALID || addr & PAGE_MASK)
		return -EINVAL;
	if (flags & MPOL_MF_MOVE_ALL && !caller_can(CAP_SYS_NICE))
		return -EPERM;
	if (made < 0)
		return made;
	if (end < addr)
		return -EINVAL;
	if (end == addr)
		return 0;
	if (!user_range(addr, end - addr))
		return -EFAULT;
	return space_policy_set(current_process()->space, addr, end - addr, (uint16_t)made);
}

/* Store a mask with node 0 or without: maxnode bits, whole words. */
static int nodes_write(uint64_t mask, uint64_t maxnode, bool zero)
{
	uint64_t word = zero, bytes = ALIGN_UP(maxnode - 1, 64) / 8;

	if (!mask)
		return 0;
	if (user_copy_out(mask, &word, sizeof(word)))
		return -EFAULT;
	return bytes > sizeof(word) ? user_zero(mask + sizeof(word), bytes - sizeof(word)) : 0;
}

/* The number that get_mempolicy stores, and whether node 0 is named. */
static int policy_tell(uint64_t addr, uint64_t flags, int *policy, bool *zero)
{
	uint16_t found = current_task()->memory_policy;
	uint8_t byte;
	int error = 0;

	if (flags & MPOL_F_ADDR)
		error = space_policy_get(current_process()->space, addr, &found);
	else if (addr)
		return -EINVAL;
	if (error)
		return error;
	*zero = found & WITH_NODE;
	*policy = found & ~WITH_NODE;
	if (!(flags & MPOL_F_NODE))
		return 0;
	if (flags & MPOL_F_ADDR)
		error = user_copy_in(&byte, addr, 1);
	else if ((*policy & ~FLAGS_KNOWN) != MPOL_INTERLEAVE)
		error = -EINVAL;
	*policy = 0; /* the node */
	return error;
}

int64_t sys_get_mempolicy(uint64_t policy, uint64_t nodemask, uint64_t maxnode, uint64_t addr,
			  uint64_t flags)
{
	int told = 0, error = 0;
	bool zero = true;

	if (flags & ~(uint64_t)(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED) ||
	    (nodemask && maxnode < 1))
		return -EINVAL;
	if (flags & MPOL_F_MEMS_ALLOWED)
		error = flags & (MPOL_F_NODE | MPOL_F_ADDR) ? -EINVAL : 0;
	else
		error = policy_tell(addr, flags, &told, &zero);
	if (!error && policy)
		error = user_copy_out(policy, &told, sizeof(told));
	return error ? error : nodes_write(nodemask, maxnode, zero);
}

/* All pages are on the one node already. */
int64_t sys_migrate_pages(uint64_t pid, uint64_t maxnode, uint64_t old_nodes, uint64_t new_nodes)
{
	bool zero, others;
	struct process *p;
	int error = nodes_read(old_nodes, maxnode, &zero, &others);

	if (!error)
		error = nodes_read(new_nodes, maxnode, &zero, &others);
	if (error)
		return error;
	p = process_find((uint32_t)pid ? (uint32_t)pid : current_process()->pid);
	if (!p)
		return -ESRCH;
	process_put(p);
	return zero ? 0 : -EINVAL;
}

int64_t sys_set_mempolicy_home_node(uint64_t addr, uint64_t length, uint64_t home_node,
				    uint64_t flags)
{
	if (addr & PAGE_MASK || flags || home_node)
		return -EINVAL;
	return 0;
}
