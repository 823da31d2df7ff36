#include "kernel/sync/ipi.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/frame.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/trace/function.h"
#include "kernel/trace/trace.h"

/* A CPU that has not stopped by then is given up, and what it still does is not in the counts.
 * The host may run as many other things as it likes meanwhile, and a CPU only now and then. */
#define STOP_NS      5000000000ull
#define ASK_AGAIN_NS 1000000

static uint32_t stopped; /* [a] CPUs that reached ipi_stopped */

void ipi_send(uint32_t cpu, unsigned vector)
{
	TRACE(ipi, .what = vector - VECTOR_IPI_RESCHEDULE + IPI_RESCHEDULE, .target = cpu);
	lapic_command(cpus[cpu]->apic_id, LAPIC_COMMAND_FIXED | vector);
}

/* Interrupt all other online CPUs; how many there are. */
static uint32_t stop_ask(void)
{
	uint32_t others = 0;

	for (uint32_t i = 0; i < cpu_count; i++) {
		if (!cpus[i]->online || cpus[i] == this_cpu())
			continue;
		others++;
		lapic_command(cpus[i]->apic_id, LAPIC_COMMAND_FIXED | VECTOR_IPI_STOP);
	}
	return others;
}

/* A CPU that is amidst a trace record does not stop the first time. */
void ipi_stop_others(void)
{
	uint64_t now = clock_now(), deadline = now + STOP_NS, next = now + ASK_AGAIN_NS;
	uint32_t others = stop_ask();

	while (__atomic_load_n(&stopped, __ATOMIC_ACQUIRE) < others && clock_now() < deadline) {
		cpu_pause();
		if (clock_now() >= next) {
			stop_ask();
			next = clock_now() + ASK_AGAIN_NS;
		}
	}
}

void ipi_stopped(void)
{
	function_stop();
	__atomic_fetch_add(&stopped, 1, __ATOMIC_RELEASE);
	for (;;) {
		irq_disable();
		asm volatile("hlt");
	}
}
