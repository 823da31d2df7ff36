/* The end by a bug.  Takes no lock, allocates nothing, and stands on a stack of its own,
 * since the one it was called on may be what is broken.  It goes in stages, each tried
 * once: where one of them fails too, panic is entered again and the next one begins.
 * What it could not send lies in memory, where the host finds it (main/salvage.c). */
#include "kernel/arch/x86_64/paging.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/debug/log.h"
#include "kernel/drivers/port.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/main/machine.h"
#include "kernel/sync/stop.h"
#include "kernel/trace/function.h"
#include "kernel/trace/trace.h"

#define BACKTRACE_MAX 24   /* frames that are told */
#define BACKTRACE_ALL 4096 /* and counted */
#define STACK_SIZE    (16 * 1024)
#define PVPANIC       0x505 /* QEMU docs/specs/pvpanic: bit 0 of a write says "panicked" */
#define PVPANIC_EVENT 1
#define FLUSH_MS      1000 /* for a host that takes nothing; it can read our memory */

enum panic_stage { PANIC_STOP = 1, PANIC_TELL, PANIC_FLUSH, PANIC_END };

extern const char trap_called_kernel[], trap_called_paranoid[];

struct salvage_panic panic_state;

static char panic_stack[STACK_SIZE] __attribute__((aligned(16)));
static bool all_quiet; /* others have stopped, and not amidst a record */

static void caller_log(struct function_walk *functions, uint64_t at)
{
	const uint64_t *frame = (const uint64_t *)at;

	log_line(LOG_ERROR, "  called from %lx", function_walk_address(functions, frame[1]));
	if ((frame[1] == (uint64_t)trap_called_kernel ||
	     frame[1] == (uint64_t)trap_called_paranoid) &&
	    paging_readable(at + 16, sizeof(struct frame)))
		log_line(LOG_ERROR, "  which struck %lx", ((const struct frame *)(at + 16))->rip);
}

/* Return addresses by frame pointers, as far as they look right. */
static void backtrace_log(const struct salvage_cpu *s)
{
	struct function_walk functions = function_walk_begin();
	uint64_t at = s->registers.rbp, next;
	unsigned count = 0;

	functions.next = (const struct function_frame *)s->functions;

	while (count < BACKTRACE_ALL && paging_readable(at, 16) && !(at & 7)) {
		if (count++ < BACKTRACE_MAX)
			caller_log(&functions, at);
		next = *(const uint64_t *)at;
		if (next <= at || next - at > KERNEL_STACK_SIZE)
			break;
		at = next;
	}
	if (count > BACKTRACE_MAX)
		log_line(LOG_ERROR, "  and %u more callers", count - BACKTRACE_MAX);
}

static void registers_log(const struct salvage_cpu *s)
{
	const struct salvage_registers *r = &s->registers;

	log_line(LOG_ERROR, "rip %lx rsp %lx rbp %lx", r->rip, r->rsp, r->rbp);
	if (r->vector == FRAME_CALL)
		return; /* it knows no others */
	log_line(LOG_ERROR, "rflags %lx error %lx cr2 %lx", r->rflags, r->error, s->cr2);
	log_line(LOG_ERROR, "rax %lx rbx %lx rcx %lx rdx %lx rsi %lx rdi %lx", r->rax, r->rbx,
		 r->rcx, r->rdx, r->rsi, r->rdi);
	log_line(LOG_ERROR, "r8 %lx r9 %lx r10 %lx r11 %lx r12 %lx r13 %lx r14 %lx r15 %lx", r->r8,
		 r->r9, r->r10, r->r11, r->r12, r->r13, r->r14, r->r15);
}

static void panic_tell(void)
{
	const struct salvage_cpu *s = &cpu_states[this_cpu()->id];

	log_line(LOG_ERROR, "kernel panic: %s", panic_state.text);
	if (panic_state.again[0])
		log_line(LOG_ERROR, "and while it was told: %s", panic_state.again);
	TRACE_TAIL(panic, panic_state.text, strlen(panic_state.text), .rip = s->registers.rip);
	registers_log(s);
	backtrace_log(s);
}

static noreturn void panic_run(void)
{
	while (panic_state.stage < PANIC_END) {
		switch (++panic_state.stage) {
		case PANIC_STOP:
			all_quiet = stop_others();
			break;
		case PANIC_TELL:
			panic_tell();
			break;
		case PANIC_FLUSH:
			/* A ring that somebody was amidst of is for the host to read. */
			if (all_quiet)
				trace_finish(END_PANIC, STATUS_FAILURE, FLUSH_MS);
			break;
		}
	}
	port_write8(PVPANIC, PVPANIC_EVENT); /* QEMU stops here, and tells the host */
	power_off();
}

static noreturn void panic_begin(const struct frame *f, const char *format, va_list arguments)
{
	uint32_t owner = 0, me = this_cpu()->id + 1;

	irq_disable();
	if (__atomic_compare_exchange_n(&panic_state.owner, &owner, me, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE)) {
		cpu_state_save(f);
		print_text_list(panic_state.text, SALVAGE_TEXT, format, arguments);
	} else if (owner != me) { /* another CPU is telling already */
		if (!cpu_states[me - 1].valid)
			cpu_state_save(f);
		stop_here();
	} else if (!panic_state.again[0]) { /* telling has failed */
		print_text_list(panic_state.again, SALVAGE_TEXT, format, arguments);
	}
	asm volatile("movq %0, %%rsp\n\t"
		     "xorl %%ebp, %%ebp\n\t"
		     "call *%1\n\t"
		     "ud2"
		     :
		     : "r"(panic_stack + STACK_SIZE), "r"(panic_run)
		     : "memory");
	__builtin_unreachable();
}

void panic_at(const struct frame *f, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	panic_begin(f, format, arguments);
}

void panic(const char *format, ...)
{
	const uint64_t *mine = __builtin_frame_address(0);
	const struct frame caller = {
		.rip = mine[1],
		.rbp = mine[0],
		.rsp = (uint64_t)(mine + 2),
		.cs = SEL_KERNEL_CODE,
		.ss = SEL_KERNEL_DATA,
		.vector = FRAME_CALL,
	};
	va_list arguments;

	va_start(arguments, format);
	panic_begin(&caller, format, arguments);
}
