/* How the machine ends when its command has ended, or the host asks. */
#include "kernel/arch/x86_64/frame.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/assert.h"
#include "kernel/debug/log.h"
#include "kernel/drivers/port.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/main/machine.h"
#include "kernel/proc/process.h"
#include "kernel/sync/ipi.h"
#include "kernel/trace/trace.h"
#include "schemas/trace.h"

#define FLUSH_MS 10000 /* the host may be slow, but it is not waited for for ever */

static bool ending; /* [a] somebody is in there already */

static noreturn void machine_off(enum end_reason reason, uint32_t status)
{
	irq_disable();
	ipi_stop_others();
	trace_finish(reason, status, FLUSH_MS);
	power_off();
}

void machine_end(int status)
{
	static const char *const outputs[] = { OUTPUT_PORT_NAME, ERROR_PORT_NAME, CORE_PORT_NAME };

	if (__atomic_exchange_n(&ending, true, __ATOMIC_ACQ_REL))
		thread_exit();
	trace_host_wait();
	for (unsigned i = 0; i < ARRAY_SIZE(outputs); i++) {
		struct port *p = port_by_name(outputs[i]);

		if (p)
			port_drain(p, FLUSH_MS);
	}
	machine_off(END_COMMAND, status);
}

/* The host asked for the end (FRAME_STOP). */
static void machine_stop(void)
{
	if (!__atomic_exchange_n(&ending, true, __ATOMIC_ACQ_REL))
		machine_off(END_ASKED, 0);
}

static void others_kick(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		if (cpus[cpu] != this_cpu() && cpus[cpu]->online)
			ipi_send(cpu, VECTOR_IPI_RESCHEDULE);
	}
}

void machine_init(void)
{
	trace_kick_hook = others_kick;
	trace_stop_hook = machine_stop;
}
