/* Mapping memory. */
#include "kernel/syscall/memory.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/fs/huge_file.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/personality.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

/* The bits that name the size of huge pages. */
#define MAP_HUGE_ALL ((unsigned)MAP_HUGE_MASK << MAP_HUGE_SHIFT)

struct space *caller_space(void)
{
	process_limits_apply(current_process());
	return current_process()->space;
}

/* Map f, which may have huge pages. */
static int64_t mmap_file(struct file *f, uint64_t addr, uint64_t length, int protection, int flags,
			 uint64_t offset)
{
	struct map_file map;
	int64_t result = file_map(f, protection, flags, &map);
	uint64_t huge = 0;

	if (!result && unlikely(map.huge_shift)) {
		huge = ALIGN_UP(length, 1ull << map.huge_shift);
		flags = (flags & ~(int)MAP_HUGE_ALL) | space_file_flags(&map);
		length = huge;
		if (offset > INT64_MAX - huge)
			result = -EOVERFLOW;
	} else if (!result && flags & MAP_HUGETLB) {
		result = -EINVAL;
	}
	if (!result)
		result = space_map(current_process()->space, addr, length, protection, flags, &map,
				   offset);
	if (result > 0 && huge && protection & PROT_WRITE)
		huge_file_mapped(f, offset + huge);
	return result;
}

/* Without a file, but of huge pages: as Linux, of a file that nobody sees. */
static __attribute__((noinline)) int64_t mmap_huge(uint64_t addr, uint64_t length, int protection,
						   int flags, uint64_t offset)
{
	unsigned shift = huge_shift((unsigned)flags);
	uint64_t size = ALIGN_UP(length, 1ull << shift);
	struct file *f;
	int64_t result;

	if (!shift || !size)
		return -EINVAL;
	if (size > USER_END)
		return -ENOMEM;
	result = huge_file_create("/anon_hugepage (deleted)", shift, size, false,
				  caller_credentials(), &f);
	if (result)
		return result;
	result = mmap_file(f, addr, size, protection, flags, offset);
	file_put(f);
	return result;
}

int64_t sys_mmap(uint64_t addr, uint64_t length, uint64_t prot, uint64_t flags, uint64_t fd,
		 uint64_t offset)
{
	struct space *s = caller_space();
	struct file *f;
	int protection;
	int64_t result;

	if (offset & PAGE_MASK || !length)
		return -EINVAL;
	if (flags & MAP_ANONYMOUS) {
		protection = personality_protection(prot, NULL);
		if (unlikely(flags & MAP_HUGETLB))
			return mmap_huge(addr, length, protection, (int)flags, offset);
		return space_map(s, addr, length, protection, (int)flags, NULL, 0);
	}
	f = fd_get(current_process()->files, (int)fd);
	if (!f)
		return -EBADF;
	result = mmap_file(f, addr, length, personality_protection(prot, f), (int)flags, offset);
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
