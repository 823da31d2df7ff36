#include "kernel/sync/ipi.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/frame.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/trace/trace.h"

static uint32_t stopped; /* [a] CPUs that reached ipi_stopped */

void ipi_send(uint32_t cpu, unsigned vector)
{
	TRACE(ipi, .what = vector - VECTOR_IPI_RESCHEDULE + IPI_RESCHEDULE, .target = cpu);
	lapic_command(cpus[cpu]->apic_id, LAPIC_COMMAND_FIXED | vector);
}

void ipi_stop_others(void)
{
	uint64_t deadline = clock_now() + 100000000;
	uint32_t online = 0;

	for (uint32_t i = 0; i < cpu_count; i++) {
		if (!cpus[i]->online || cpus[i] == this_cpu())
			continue;
		online++;
		ipi_send(i, VECTOR_IPI_STOP);
	}
	while (__atomic_load_n(&stopped, __ATOMIC_ACQUIRE) < online && clock_now() < deadline)
		cpu_pause();
}

void ipi_stopped(void)
{
	__atomic_fetch_add(&stopped, 1, __ATOMIC_RELEASE);
	for (;;) {
		irq_disable();
		asm volatile("hlt");
	}
}
