#include "kernel/arch/x86_64/smp.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/paging.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/string.h"

/* QEMU docs/specs/fw_cfg: selector and data ports, key of the CPU count. */
#define FW_CFG_SELECT  0x510
#define FW_CFG_DATA    0x511
#define FW_CFG_NB_CPUS 5
#define AP_START       0x8000 /* page where real mode begins */
#define START_TIMEOUT  1000000000ull

extern char ap_start[], ap_end[]; /* boot.S: linked low */
uint64_t ap_stack, ap_root;       /* read by boot.S */
struct cpu *ap_cpu;

unsigned smp_cpus_present(void)
{
	unsigned n;

	port_write16(FW_CFG_SELECT, FW_CFG_NB_CPUS);
	n = port_read8(FW_CFG_DATA);
	n |= (unsigned)port_read8(FW_CFG_DATA) << 8;
	return n >= 1 && n <= CPU_MAX ? n : 1;
}

static void wait_ns(uint64_t ns)
{
	uint64_t end = clock_now() + ns;

	while (clock_now() < end)
		cpu_pause();
}

static bool wait_online(struct cpu *c, uint64_t ns)
{
	uint64_t end = clock_now() + ns;

	while (!c->online && clock_now() < end)
		cpu_pause();
	return c->online;
}

bool smp_start_cpu(struct cpu *c, uint64_t stack_top)
{
	/* .boot is linked at its physical address. */
	memcpy(phys_to_virt((phys_t){ AP_START }), phys_to_virt((phys_t){ (uint64_t)ap_start }),
	       ap_end - ap_start);
	ap_stack = stack_top;
	ap_root = virt_to_phys(paging_kernel_root()).raw;
	ap_cpu = c;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	lapic_command(c->apic_id, LAPIC_COMMAND_INIT);
	wait_ns(10000);
	lapic_command(c->apic_id, LAPIC_COMMAND_STARTUP | AP_START >> 12);
	if (wait_online(c, START_TIMEOUT / 10))
		return true;
	lapic_command(c->apic_id, LAPIC_COMMAND_STARTUP | AP_START >> 12);
	return wait_online(c, START_TIMEOUT);
}
