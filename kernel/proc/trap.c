/* Exceptions, page faults, interrupts and NMIs: entry.S comes in at trap_main
 * with a frame and leaves by IRET when it returns.  Each makes one record on the
 * way in and one on the way out, here. */
#include "kernel/proc/trap.h"

#include <asm/siginfo.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/lib/assert.h"
#include "kernel/debug/log.h"
#include "kernel/mm/mapped.h"
#include "kernel/mm/space.h"
#include "kernel/mm/user.h"
#include "kernel/proc/oom.h"
#include "kernel/proc/process.h"
#include "kernel/sched/barrier.h"
#include "kernel/sched/watchdog.h"
#include "kernel/sync/ipi.h"
#include "kernel/sync/stop.h"
#include "kernel/trace/trace.h"

noreturn void frame_return(struct frame *f, bool sysret); /* entry.S */

/* What the time since the last crossing was spent on. */
static void account_entry(const struct frame *f)
{
	const struct cpu *c = this_cpu();

	if (frame_from_user(f))
		trace_account(SHARE_USER);
	else
		trace_account(c->irq_depth == 0 && !current()->tid ? SHARE_IDLE : SHARE_KERNEL);
}

bool user_leave(struct frame *f, bool in_syscall)
{
	bool sysret;

	process_return_work(f, in_syscall);
	while (unlikely(f->rip > USER_END)) {
		/* IRET would fault in ring 0; the program jumped there, so it is its fault. */
		irq_enable();
		signal_fault(SIGSEGV, SI_KERNEL, 0, VECTOR_PROTECTION, 0);
		irq_disable();
		process_return_work(f, false);
	}
	sysret = in_syscall && frame_allows_sysret(f);
	TRACE(user_enter, .rip = f->rip, .way = sysret ? WAY_SYSRET : WAY_IRET_USER);
	trace_account_leave();
	return sysret;
}

void thread_user_start(void)
{
	struct frame *f = current()->frame;

	irq_disable();
	frame_return(f, user_leave(f, false));
}

/* The way an exception or interrupt is left: the record of its end carries it, and
 * user_leave adds the rest when there is work. */
static unsigned leave_way(const struct frame *f)
{
	if (!frame_from_user(f))
		return WAY_IRET_KERNEL;
	return return_work_pending() ? WAY_WORK : WAY_IRET_USER;
}

static void leave(struct frame *f, unsigned way)
{
	if (way == WAY_WORK)
		user_leave(f, false);
	else if (way == WAY_IRET_USER)
		trace_account_leave();
	else
		trace_account(SHARE_KERNEL);
}

/* A stack that ran into its guard page cannot take the fault's frame: a double fault,
 * on a stack of its own. */
static noreturn void die(const struct frame *f, const char *what, uint64_t addr)
{
	if (f->vector == VECTOR_DOUBLE_FAULT && mapped_is_guard(f->rsp - 8))
		panic_at(f, "kernel stack overflow at %lx (the guard page below rsp %lx)", f->rip,
			 f->rsp);
	panic_at(f, "%s in the kernel at %lx (vector %lu, error %lx, address %lx%s)", what, f->rip,
		 f->vector, f->error, addr, mapped_is_guard(addr) ? ", a guard page" : "");
}

/* A program's access that no region allows: its own signal. */
static void fault_signal(const struct frame *f, uint64_t addr, int cause)
{
	switch (cause) {
	case FAULT_BUS:
		signal_fault(SIGBUS, BUS_ADRERR, addr, f->vector, f->error);
		break;
	case FAULT_NO_MEMORY:
		signal_fault(SIGKILL, SI_KERNEL, addr, f->vector, f->error);
		break;
	case FAULT_PROTECTION:
		signal_fault(SIGSEGV, SEGV_ACCERR, addr, f->vector, f->error);
		break;
	default:
		signal_fault(SIGSEGV, SEGV_MAPERR, addr, f->vector, f->error);
	}
}

static bool fault_handled(int cause)
{
	return cause >= FAULT_DEMAND_ZERO && cause <= FAULT_SPURIOUS;
}

/* When there is no memory, somebody is ended and it is tried again: until the one who is
 * ended is this process. */
static int fault_resolve(uint64_t addr, unsigned error, uint64_t *frame)
{
	int cause;

	do {
		cause = space_fault(current()->space, addr, error, frame);
	} while (cause == FAULT_NO_MEMORY && oom_relieve());
	return cause;
}

static void user_page_fault(struct frame *f, uint64_t addr)
{
	uint64_t frame = 0;
	int cause = FAULT_PROTECTION;
	unsigned way;

	irq_enable();
	trace_gate();
	/* What the CPU reads for the program in ring 0's name (descriptor tables; under
	 * QEMU also the frame of its IRET) is no access that a page would help. */
	if (f->error & PF_USER)
		cause = fault_resolve(addr, f->error, &frame);
	if (fault_handled(cause))
		__atomic_fetch_add(&current_process()->min_faults, 1, __ATOMIC_RELAXED);
	else
		fault_signal(f, addr, cause);
	irq_disable();
	way = leave_way(f);
	TRACE(page_fault_end, .frame = frame, .cause = cause, .way = way);
	leave(f, way);
}

/* In ring 0 only mm/user.c may fault, and only on the program's addresses.  Anything else
 * makes no record: it may be the recorder that faults. */
static void kernel_page_fault(struct frame *f, uint64_t addr)
{
	uint64_t fixup = user_fixup(f->rip), frame = 0;
	int cause;

	if (!fixup || addr >= USER_END || !(f->rflags & RFLAGS_IF))
		die(f, f->error & PF_FETCH ? "jump to a bad address" : "bad access", addr);
	TRACE(page_fault, .addr = addr, .rip = f->rip, .error = f->error);
	irq_enable();
	cause = fault_resolve(addr, f->error | PF_USER, &frame);
	if (!fault_handled(cause)) {
		cause = FAULT_FIXUP;
		f->rip = fixup;
	}
	irq_disable();
	TRACE(page_fault_end, .frame = frame, .cause = cause, .way = WAY_IRET_KERNEL);
	trace_account(SHARE_KERNEL);
}

static void page_fault(struct frame *f)
{
	uint64_t addr = cr2_read();

	if (!frame_from_user(f)) {
		kernel_page_fault(f, addr);
		return;
	}
	TRACE(page_fault, .addr = addr, .rip = f->rip, .error = f->error);
	user_page_fault(f, addr);
}

/* Exceptions of programs as signals: Linux's choice for each. */
struct exception_signal {
	int sig, code;
	bool at_rip; /* si_addr is the instruction */
	const char *what;
};

static const struct exception_signal exception_signals[VECTOR_EXCEPTIONS] = {
	[VECTOR_DIVIDE] = { SIGFPE, FPE_INTDIV, true, "division by zero" },
	[VECTOR_DEBUG] = { SIGTRAP, TRAP_TRACE, true, "debug exception" },
	[VECTOR_BREAKPOINT] = { SIGTRAP, SI_KERNEL, false, "breakpoint" },
	[VECTOR_OVERFLOW] = { SIGSEGV, SI_KERNEL, false, "overflow" },
	[VECTOR_BOUND] = { SIGSEGV, SI_KERNEL, false, "bound range exceeded" },
	[VECTOR_OPCODE] = { SIGILL, ILL_ILLOPN, true, "invalid opcode" },
	[VECTOR_NO_FPU] = { SIGSEGV, SI_KERNEL, false, "FPU not available" },
	[VECTOR_TSS] = { SIGSEGV, SI_KERNEL, false, "invalid TSS" },
	[VECTOR_SEGMENT] = { SIGBUS, SI_KERNEL, false, "segment not present" },
	[VECTOR_STACK] = { SIGBUS, SI_KERNEL, false, "stack-segment fault" },
	[VECTOR_PROTECTION] = { SIGSEGV, SI_KERNEL, false, "general protection fault" },
	[VECTOR_FPU] = { SIGFPE, FPE_FLTINV, true, "x87 error" },
	[VECTOR_ALIGNMENT] = { SIGBUS, BUS_ADRALN, false, "misaligned access" },
	[VECTOR_SIMD] = { SIGFPE, FPE_FLTINV, true, "SIMD error" },
};

/* In an exact run RDTSC and RDTSCP fault in ring 3 (CR4.TSD): answer them by the clock
 * that stands still while the host is waited for.  SDM vol. 2: 0f 31, 0f 01 f9. */
static bool time_instruction(struct frame *f)
{
	uint8_t code[3] = { 0 };
	uint64_t time;
	size_t got;

	if (!clock_is_exact() || f->vector != VECTOR_PROTECTION || f->error)
		return false;
	got = user_copy_in_some(code, f->rip, sizeof(code));
	if (got >= 2 && code[0] == 0x0f && code[1] == 0x31)
		f->rip += 2;
	else if (got == 3 && code[0] == 0x0f && code[1] == 0x01 && code[2] == 0xf9)
		f->rip += 3;
	else
		return false;
	if (code[1] == 0x01)
		f->rcx = this_cpu()->id; /* TSC_AUX */
	time = local_time();
	f->rax = (uint32_t)time;
	f->rdx = time >> 32;
	return true;
}

static void exception(struct frame *f)
{
	const struct exception_signal *s = &exception_signals[f->vector];
	unsigned way;

	if (!frame_from_user(f) || !s->sig)
		die(f, s->what ? s->what : "exception", 0);
	TRACE(exception, .rip = f->rip, .vector = f->vector, .user = true, .error = f->error);
	irq_enable();
	trace_gate();
	if (!time_instruction(f))
		signal_fault(s->sig, s->code, s->at_rip ? f->rip : 0, f->vector, f->error);
	irq_disable();
	way = leave_way(f);
	TRACE(exception_end, .vector = f->vector, .way = way);
	leave(f, way);
}

static void nmi(struct frame *f)
{
	if (stop_nmi(f))
		return;
	TRACE(nmi, .rip = f->rip, .user = frame_from_user(f));
	watchdog_nmi(f);
	TRACE(nmi_end, .way = frame_from_user(f) ? WAY_IRET_USER : WAY_IRET_KERNEL);
}

static void interrupt(struct frame *f)
{
	struct cpu *c = this_cpu();
	unsigned way;

	TRACE(interrupt, .rip = f->rip, .vector = f->vector, .user = frame_from_user(f));
	c->irq_depth++;
	if (f->vector != VECTOR_SPURIOUS)
		lapic_eoi();
	switch (f->vector) {
	case VECTOR_TIMER:
		sched_timer();
		break;
	case VECTOR_IPI_RESCHEDULE: /* the sender set what the way out looks at */
		break;
	case VECTOR_IPI_TLB:
		space_tlb_interrupt();
		break;
	case VECTOR_IPI_BARRIER:
		barrier_interrupt();
		break;
	case VECTOR_IPI_STOP:
		if (trace_quiet()) /* else it struck amidst a record: we are asked again */
			ipi_stopped();
		break;
	default:
		if (!irq_dispatch(f->vector) && f->vector != VECTOR_SPURIOUS)
			log_line(LOG_WARNING, "interrupt %lu has no handler", f->vector);
	}
	c->irq_depth--;
	way = leave_way(f);
	TRACE(interrupt_end, .vector = f->vector, .way = way);
	leave(f, way);
}

void trap_main(struct frame *f)
{
	if (f->vector == VECTOR_NMI) {
		nmi(f); /* may have hit anywhere: no accounting */
		return;
	}
	account_entry(f);
	if (f->vector == VECTOR_PAGE_FAULT)
		page_fault(f);
	else if (f->vector < VECTOR_EXCEPTIONS)
		exception(f);
	else
		interrupt(f);
}
