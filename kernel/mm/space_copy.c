/* Memory of a space that may not be loaded, through the direct map.  Each piece is
 * copied under the space's lock: a fork or copy-on-write in between would leave
 * the copy in a frame that is no longer the program's. */
#include "kernel/lib/string.h"
#include "kernel/mm/space_fault.h"
#include "kernel/mm/table.h"
#include "kernel/mm/tlb.h"
#include "schemas/events.h"

/* Copy n bytes within one page if its frame is there for that access. */
static bool piece_copy(struct space *s, const struct access *a, uint64_t addr, void *kernel,
		       size_t n)
{
	const struct region *r;
	uint64_t *entry = NULL;
	bool ready;
	char *data;

	space_lock(s);
	r = region_find(&s->regions, addr);
	if (r)
		entry = paging_entry(s->root, addr, NULL);
	ready = entry && space_access_ready(r, *entry, a);
	if (ready) {
		data = (char *)phys_to_virt((phys_t){ *entry & PTE_ADDRESS }) + (addr & PAGE_MASK);
		memcpy(a->write ? data : kernel, a->write ? kernel : data, n);
	}
	spin_unlock(&s->lock);
	return ready;
}

static size_t copy(struct space *s, uint64_t addr, char *kernel, size_t n, bool write, bool force)
{
	size_t done = 0;
	uint64_t frame;

	while (done < n && addr + done < USER_END) {
		uint64_t at = addr + done;
		size_t piece = MIN(n - done, PAGE_SIZE - (at & PAGE_MASK));
		struct access a = {
			.addr = ALIGN_DOWN(at, PAGE_SIZE),
			.write = write,
			.force = force,
		};

		while (!piece_copy(s, &a, at, kernel + done, piece))
			if (space_resolve(s, &a, &frame) > FAULT_SPURIOUS)
				return done;
		done += piece;
	}
	return done;
}

size_t space_write(struct space *s, uint64_t addr, const void *from, size_t n, bool force)
{
	return copy(s, addr, (char *)from, n, true, force);
}

size_t space_read(struct space *s, uint64_t addr, void *to, size_t n, bool force)
{
	return copy(s, addr, to, n, false, force);
}
