#include "kernel/arch/x86_64/paging.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/string.h"
#include "kernel/mm/page.h"
#include "kernel/mm/user.h"

/* Where the running program has this address, NULL: not in memory, or not its own. */
static const uint8_t *page_at(uint64_t addr)
{
	const uint64_t *e;

	if (!user_range(addr, 1))
		return NULL;
	e = paging_entry(phys_to_virt((phys_t){ cr3_read() & PTE_ADDRESS }), addr, NULL);
	if (!e || !(*e & PTE_PRESENT) || !(*e & PTE_USER) || !page_of((phys_t){ *e & PTE_ADDRESS }))
		return NULL;
	return (const uint8_t *)phys_to_virt((phys_t){ *e & PTE_ADDRESS }) + (addr & PAGE_MASK);
}

size_t user_peek(void *to, uint64_t from, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t piece = MIN(n - done, PAGE_SIZE - ((from + done) & PAGE_MASK));
		const uint8_t *bytes = page_at(from + done);

		if (!bytes)
			break;
		if (to)
			memcpy((uint8_t *)to + done, bytes, piece);
		done += piece;
	}
	return done;
}
