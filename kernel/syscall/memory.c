/* Mapping memory. */
#include "kernel/syscall/memory.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/proc/process.h"
#include "kernel/syscall/personality.h"
#include "kernel/syscall/table.h"

struct space *caller_space(void)
{
	process_limits_apply(current_process());
	return current_process()->space;
}

int64_t sys_mmap(uint64_t addr, uint64_t length, uint64_t prot, uint64_t flags, uint64_t fd,
		 uint64_t offset)
{
	struct space *s = caller_space();
	struct map_file map;
	struct file *f;
	int protection;
	int64_t result;

	if (offset & PAGE_MASK || !length)
		return -EINVAL;
	if (flags & MAP_ANONYMOUS)
		return space_map(s, addr, length, personality_protection(prot, NULL), (int)flags,
				 NULL, 0);
	f = fd_get(current_process()->files, (int)fd);
	if (!f)
		return -EBADF;
	protection = personality_protection(prot, f);
	result = file_map(f, protection, (int)flags, &map);
	if (!result)
		result = space_map(s, addr, length, protection, (int)flags, &map, offset);
	file_put(f);
	return result;
}

int64_t sys_munmap(uint64_t addr, uint64_t length)
{
	return space_unmap(current_process()->space, addr, length);
}

int64_t sys_mprotect(uint64_t addr, uint64_t length, uint64_t prot)
{
	return space_protect(caller_space(), addr, length, personality_protection(prot, NULL));
}

int64_t sys_mremap(uint64_t old_addr, uint64_t old_length, uint64_t new_length, uint64_t flags,
		   uint64_t new_addr)
{
	return space_remap(caller_space(), old_addr, old_length, new_length, (int)flags, new_addr);
}

int64_t sys_brk(uint64_t addr)
{
	return space_brk(caller_space(), addr);
}

int64_t sys_madvise(uint64_t addr, uint64_t length, uint64_t advice)
{
	return space_advise(current_process()->space, addr, length, (int)advice);
}
