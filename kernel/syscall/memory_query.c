/* Asking about memory, and two calls that are about what a mapping shows. */
#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/fs/host.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"

#define RESIDENCE_PAGES 256 /* asked at once */

int64_t sys_mincore(uint64_t addr, uint64_t length, uint64_t vec)
{
	uint8_t there[RESIDENCE_PAGES];
	uint64_t pages = ALIGN_UP(length, PAGE_SIZE) >> PAGE_SHIFT;

	if (addr & PAGE_MASK)
		return -EINVAL;
	if (!user_range(addr, length))
		return -ENOMEM;
	if (!user_range(vec, pages))
		return -EFAULT;
	for (uint64_t done = 0; done < pages;) {
		uint64_t n = MIN(pages - done, (uint64_t)RESIDENCE_PAGES);
		int error = space_residence(current_process()->space, addr + (done << PAGE_SHIFT),
					    n, there);

		if (error)
			return error;
		if (user_copy_out(vec + done, there, n))
			return -EFAULT;
		done += n;
	}
	return 0;
}

/* Is all of [addr, addr + length) mapped, and none of it pinned when that counts?
 * addr is page-aligned. */
static int range_check(uint64_t addr, uint64_t length, bool pinned_busy)
{
	struct space *s = current_process()->space;
	uint64_t end = ALIGN_UP(addr + length, PAGE_SIZE);
	bool hole = false;
	struct region_info r;

	if (!user_range(addr, length))
		return -ENOMEM;
	while (addr < end) {
		if (!space_region(s, addr, &r) || r.start >= end)
			return -ENOMEM;
		hole |= r.start > addr;
		if (pinned_busy && r.pinned)
			return -EBUSY;
		addr = r.end;
	}
	return hole ? -ENOMEM : 0;
}

/* Pages of files are the files' own; those of the host's are sent to it. */
int64_t sys_msync(uint64_t addr, uint64_t length, uint64_t flags)
{
	if (addr & PAGE_MASK || flags & ~(uint64_t)(MS_ASYNC | MS_INVALIDATE | MS_SYNC) ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	if (flags & MS_SYNC)
		host_sync();
	return length ? range_check(addr, length, flags & MS_INVALIDATE) : 0;
}

int64_t sys_remap_file_pages(uint64_t addr, uint64_t length, uint64_t prot, uint64_t pgoff,
			     uint64_t flags)
{
	uint64_t start = ALIGN_DOWN(addr, PAGE_SIZE), size = ALIGN_DOWN(length, PAGE_SIZE);

	if (prot || start + size <= start || pgoff + (size >> PAGE_SHIFT) < pgoff ||
	    pgoff > UINT64_MAX >> PAGE_SHIFT)
		return -EINVAL;
	return space_remap_pages(current_process()->space, start, size, pgoff);
}
