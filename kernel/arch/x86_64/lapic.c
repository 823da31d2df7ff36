#include "kernel/arch/x86_64/lapic.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/frame.h"
#include "kernel/arch/x86_64/local.h"
#include "kernel/arch/x86_64/paging.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/assert.h"

/* Register map: SDM vol. 3, table 11-1. */
enum {
	LAPIC_ID = 0x020,
	LAPIC_TPR = 0x080,
	LAPIC_EOI = 0x0b0,
	LAPIC_SPURIOUS = 0x0f0,
	LAPIC_ICR_LOW = 0x300,
	LAPIC_ICR_HIGH = 0x310,
	LAPIC_TIMER = 0x320,
	LAPIC_LINT0 = 0x350,
	LAPIC_LINT1 = 0x360,
	LAPIC_TIMER_COUNT = 0x380,
	LAPIC_TIMER_NOW = 0x390,
	LAPIC_TIMER_DIVIDE = 0x3e0,
};
#define LAPIC_PHYS      0xfee00000ull
#define SPURIOUS_ENABLE 0x100
#define TIMER_DEADLINE  0x40000
#define MASKED          0x10000
#define DELIVER_NMI     0x400
#define DIVIDE_BY_1     0x0b
#define ICR_BUSY        0x1000
#define HAS_DEADLINE    (1u << 24) /* CPUID.1:ECX, SDM vol. 3, 11.5.4.1 */

static volatile uint32_t *const lapic = (volatile uint32_t *)(DIRECT_BASE + LAPIC_PHYS);
static bool has_deadline; /* alike on all CPUs */

static uint32_t reg_read(unsigned reg)
{
	return lapic[reg / 4];
}

static void reg_write(unsigned reg, uint32_t v)
{
	lapic[reg / 4] = v;
}

void lapic_map(void)
{
	KASSERT(paging_map_kernel(DIRECT_BASE + LAPIC_PHYS, (phys_t){ LAPIC_PHYS }, PAGE_SIZE,
				  PTE_WRITE | PTE_NX | PTE_PCD | PTE_PWT));
}

void lapic_init_cpu(void)
{
	msr_write(MSR_APIC_BASE, LAPIC_PHYS | (msr_read(MSR_APIC_BASE) & 0x100) | 0x800);
	reg_write(LAPIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	reg_write(LAPIC_LINT0, MASKED);
	reg_write(LAPIC_LINT1, DELIVER_NMI); /* the machine's NMI line */
	reg_write(LAPIC_TPR, 0);
}

uint32_t lapic_id(void)
{
	return reg_read(LAPIC_ID) >> 24;
}

void lapic_eoi(void)
{
	reg_write(LAPIC_EOI, 0);
}

/* The count that lasts until the TSC shows tsc, 0 for ever.  The two were measured against
 * each other: a little more, so that it does not come just before. */
static uint32_t count_until(uint64_t tsc)
{
	uint64_t now = local_time(), ns = tsc > now ? clock_from_ticks(tsc - now) : 0, count;

	if (tsc == UINT64_MAX)
		return 0;
	if (ns > UINT32_MAX)
		return UINT32_MAX;
	count = ns * (clock_lapic_hz() / 1000) / 1000000;
	count += count * clock_tsc_error_ppm() / 1000000 + 1;
	return MIN(count, (uint64_t)UINT32_MAX);
}

void lapic_timer_start(void)
{
	has_deadline = cpuid(1, 0).c & HAS_DEADLINE;
	reg_write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_1);
	reg_write(LAPIC_TIMER, (has_deadline ? TIMER_DEADLINE : 0) | VECTOR_TIMER);
}

void lapic_timer_set(uint64_t tsc)
{
	if (has_deadline) {
		/* Writes to memory may still be on their way: SDM vol. 3, 11.5.4.1. */
		asm volatile("mfence" ::: "memory");
		msr_write(MSR_TSC_DEADLINE, MAX(tsc, 1ull));
	} else {
		reg_write(LAPIC_TIMER_COUNT, count_until(tsc));
	}
}

uint32_t lapic_count_start(void)
{
	reg_write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_1);
	reg_write(LAPIC_TIMER, MASKED);
	reg_write(LAPIC_TIMER_COUNT, UINT32_MAX);
	return UINT32_MAX;
}

uint32_t lapic_count(void)
{
	return reg_read(LAPIC_TIMER_NOW);
}

void lapic_count_set(uint32_t count)
{
	reg_write(LAPIC_TIMER_COUNT, count);
}

void lapic_command(uint32_t apic_id, uint32_t command)
{
	uint64_t flags = irq_save();

	while (reg_read(LAPIC_ICR_LOW) & ICR_BUSY)
		cpu_pause();
	reg_write(LAPIC_ICR_HIGH, apic_id << 24);
	reg_write(LAPIC_ICR_LOW, command);
	irq_restore(flags);
}
