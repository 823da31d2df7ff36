#include "kernel/arch/x86_64/fpu.h"

#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"

#define XCR0_WANTED    0x7 /* x87, SSE, AVX: SDM vol. 1, 13.3 */
#define LEGACY_SIZE    512 /* FXSAVE region */
#define HEADER_SIZE    64
#define MXCSR_RESERVED 0xffff0000u
#define OFFSET_MXCSR   24

static bool has_xsave; /* [I] after the boot CPU; the others are equal */
static uint64_t mask = 3;
static uint32_t size = LEGACY_SIZE;

static void xcr0_write(uint64_t v)
{
	asm volatile("xsetbv" : : "c"(0), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)));
}

void fpu_init_cpu(void)
{
	cr4_write(cr4_read() | CR4_OSFXSR | CR4_OSXMMEXCPT);
	has_xsave = cpuid(1, 0).c & 1 << 26;
	if (!has_xsave)
		return;
	cr4_write(cr4_read() | CR4_OSXSAVE);
	mask = cpuid(0xd, 0).a & XCR0_WANTED;
	xcr0_write(mask);
	size = cpuid(0xd, 0).b; /* for what XCR0 enables now */
	KASSERT(size <= FPU_SIZE_MAX);
}

uint32_t fpu_size(void)
{
	return size;
}

uint64_t fpu_mask(void)
{
	return mask;
}

void fpu_area_init(void *area)
{
	memset(area, 0, size);
	*(uint16_t *)area = 0x37f; /* FCW and MXCSR after FNINIT and reset */
	*(uint32_t *)((char *)area + OFFSET_MXCSR) = 0x1f80;
}

void fpu_save(void *area)
{
	if (has_xsave)
		asm volatile("xsave64 (%0)" : : "r"(area), "a"((uint32_t)mask), "d"(0) : "memory");
	else
		asm volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

void fpu_restore(const void *area)
{
	if (has_xsave)
		asm volatile("xrstor64 (%0)" : : "r"(area), "a"((uint32_t)mask), "d"(0) : "memory");
	else
		asm volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

bool fpu_area_check(void *area)
{
	char *at = area;

	if (*(uint32_t *)(at + OFFSET_MXCSR) & MXCSR_RESERVED)
		return false;
	if (has_xsave) {
		uint64_t *header = (uint64_t *)(at + LEGACY_SIZE);

		if (header[0] & ~mask)
			return false;
		memset(header + 1, 0, HEADER_SIZE - 8); /* XCOMP_BV and reserved: must be 0 */
	}
	return true;
}
