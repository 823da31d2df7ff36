/* Mapping memory. */
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/resource.h>

#include "kernel/arch/x86_64/frame.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"

/* RLIMIT_AS leaves room for length bytes more. */
static bool room_for(uint64_t length)
{
	const struct process *p = current_process();
	uint64_t limit = p->limits[RLIMIT_AS].soft;
	struct space_usage usage;

	if (limit == RLIM64_INFINITY)
		return true;
	space_usage(p->space, &usage);
	return length <= limit && usage.size << PAGE_SHIFT <= limit - length;
}

int64_t sys_mmap(uint64_t addr, uint64_t length, uint64_t prot, uint64_t flags, uint64_t fd,
		 uint64_t offset)
{
	struct process *p = current_process();
	struct map_file map;
	struct file *f;
	int64_t result;

	if (offset & PAGE_MASK || !length)
		return -EINVAL;
	if (!room_for(length))
		return -ENOMEM;
	if (flags & MAP_ANONYMOUS)
		return space_map(p->space, addr, length, (int)prot, (int)flags, NULL, 0);
	f = fd_get(p->files, (int)fd);
	if (!f)
		return -EBADF;
	result = file_map(f, (int)prot, (int)flags, &map);
	if (!result)
		result = space_map(p->space, addr, length, (int)prot, (int)flags, &map, offset);
	file_put(f);
	return result;
}

int64_t sys_munmap(uint64_t addr, uint64_t length)
{
	return space_unmap(current_process()->space, addr, length);
}

int64_t sys_mprotect(uint64_t addr, uint64_t length, uint64_t prot)
{
	return space_protect(current_process()->space, addr, length, (int)prot);
}

int64_t sys_mremap(uint64_t old_addr, uint64_t old_length, uint64_t new_length, uint64_t flags,
		   uint64_t new_addr)
{
	if (new_length > old_length && !room_for(new_length - old_length))
		return -ENOMEM;
	return space_remap(current_process()->space, old_addr, old_length, new_length, (int)flags,
			   new_addr);
}

int64_t sys_brk(uint64_t addr)
{
	struct space *s = current_process()->space;
	uint64_t now = space_brk(s, 0);

	if (addr > now && !room_for(addr - now))
		return now;
	return space_brk(s, addr);
}

int64_t sys_madvise(uint64_t addr, uint64_t length, uint64_t advice)
{
	return space_advise(current_process()->space, addr, length, (int)advice);
}

/* Is all of [addr, addr + length) mapped?  addr is page-aligned. */
static bool range_mapped(uint64_t addr, uint64_t length)
{
	struct space *s = current_process()->space;
	uint64_t end = ALIGN_UP(addr + length, PAGE_SIZE);
	struct region_info r;

	if (!user_range(addr, length))
		return false;
	while (addr < end) {
		if (!space_region(s, addr, &r) || r.start > addr)
			return false;
		addr = r.end;
	}
	return true;
}

/* File pages are memory here: what is written is in the file already. */
int64_t sys_msync(uint64_t addr, uint64_t length, uint64_t flags)
{
	if (addr & PAGE_MASK || flags & ~(uint64_t)(MS_ASYNC | MS_INVALIDATE | MS_SYNC) ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	return !length || range_mapped(addr, length) ? 0 : -ENOMEM;
}

/* Nothing is ever paged out, so that a page brought in once is locked. */
int64_t sys_mlock(uint64_t addr, uint64_t length)
{
	const struct process *p = current_process();
	uint64_t start = ALIGN_DOWN(addr, PAGE_SIZE), frame;

	length += addr - start;
	if (p->credentials.euid && length > p->limits[RLIMIT_MEMLOCK].soft)
		return p->limits[RLIMIT_MEMLOCK].soft ? -ENOMEM : -EPERM;
	if (length && !range_mapped(start, length))
		return -ENOMEM;
	for (uint64_t at = start; at < start + length; at += PAGE_SIZE) {
		int cause = space_fault(p->space, at, PF_USER, &frame);

		if (cause < FAULT_DEMAND_ZERO || cause > FAULT_SPURIOUS)
			return cause == FAULT_NO_MEMORY ? -EAGAIN : -ENOMEM;
	}
	return 0;
}

int64_t sys_mlock2(uint64_t addr, uint64_t length, uint64_t flags)
{
	if (flags & ~(uint64_t)MLOCK_ONFAULT)
		return -EINVAL;
	if (!(flags & MLOCK_ONFAULT))
		return sys_mlock(addr, length);
	return !length || range_mapped(ALIGN_DOWN(addr, PAGE_SIZE), length) ? 0 : -ENOMEM;
}

int64_t sys_munlock(uint64_t addr, uint64_t length)
{
	return !length || range_mapped(ALIGN_DOWN(addr, PAGE_SIZE), length) ? 0 : -ENOMEM;
}

int64_t sys_mlockall(uint64_t flags)
{
	const struct process *p = current_process();

	if (!flags || flags & ~(uint64_t)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ||
	    flags == MCL_ONFAULT)
		return -EINVAL;
	return p->credentials.euid && !p->limits[RLIMIT_MEMLOCK].soft ? -EPERM : 0;
}

int64_t sys_munlockall(void)
{
	return 0;
}
