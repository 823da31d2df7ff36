/* How the machine ends: when its command has ended, or by a panic. */
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
#include "kernel/trace/function.h"
#include "kernel/trace/trace.h"
#include "schemas/trace.h"

#define FLUSH_MS       10000 /* the host may be slow, but it is not waited for for ever */
#define BACKTRACE_MAX  16
#define STATUS_FAILURE 125

enum end_reason { END_COMMAND = 0, END_PANIC = 1, END_ASKED = 2 };

static bool ending, panicking; /* [a] somebody is in there already */
static struct cpu *panicking_cpu;

static noreturn void machine_off(enum end_reason reason, uint32_t status)
{
	irq_disable();
	ipi_stop_others();
	trace_finish(reason, status, FLUSH_MS);
	power_off();
}

void machine_end(int status)
{
	static const char *const outputs[] = { OUTPUT_PORT_NAME, ERROR_PORT_NAME };

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

/* Return addresses by frame pointers, as far as they look right. */
static void backtrace(void)
{
	const uint64_t *frame = __builtin_frame_address(0);
	struct function_walk functions = function_walk_begin();

	for (unsigned i = 0; i < BACKTRACE_MAX; i++) {
		uint64_t next = frame[0];

		log_line(LOG_ERROR, "  called from %lx",
			 function_walk_address(&functions, frame[1]));
		if (next <= (uint64_t)frame || next - (uint64_t)frame > KERNEL_STACK_SIZE ||
		    next & 7)
			break;
		frame = (const uint64_t *)next;
	}
}

void panic(const char *format, ...)
{
	char text[200];
	va_list arguments;

	irq_disable();
	if (__atomic_exchange_n(&panicking, true, __ATOMIC_ACQ_REL)) {
		/* Another CPU is telling already; on this one, telling has failed. */
		if (panicking_cpu != this_cpu())
			ipi_stopped();
		power_off();
	}
	panicking_cpu = this_cpu();
	va_start(arguments, format);
	print_text_list(text, sizeof(text), format, arguments);
	va_end(arguments);
	log_line(LOG_ERROR, "kernel panic: %s", text);
	TRACE_TAIL(panic, text, strlen(text), .rip = (uint64_t)__builtin_return_address(0));
	backtrace();
	machine_off(END_PANIC, STATUS_FAILURE);
}
