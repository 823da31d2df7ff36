#include "kernel/arch/x86_64/patch.h"

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/paging.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"

#define CALL 0xe8 /* SDM vol. 2, CALL: relative, four bytes of displacement */

bool patch_is_site(uint64_t addr)
{
	static const uint8_t nop[PATCH_BYTES] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };

	return addr >= (uint64_t)text_start && addr + PATCH_BYTES <= (uint64_t)text_end &&
	       !memcmp((const void *)addr, nop, sizeof(nop));
}

void patch_call(uint64_t site, const void *target)
{
	uint64_t flags = irq_save(), cr0 = cr0_read();
	int32_t displacement = (int32_t)((uint64_t)target - (site + PATCH_BYTES));
	uint8_t *code = (uint8_t *)site;

	KASSERT(cpu_count == 1 && patch_is_site(site));
	cr0_write(cr0 & ~(uint64_t)CR0_WP);
	code[0] = CALL;
	memcpy(code + 1, &displacement, sizeof(displacement));
	cr0_write(cr0);
	irq_restore(flags);
}
