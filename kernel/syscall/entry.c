/* The system-call path: entry.S comes in here with a frame and leaves with the
 * answer whether SYSRET will do.  Every SYSCALL instruction makes exactly one
 * syscall_enter record, here; every return to ring 3 exactly one record whose
 * way says how, here or in proc/trap.c. */
#include <linux/errno.h>

#include "kernel/arch/x86_64/regs.h"
#include "kernel/proc/process.h"
#include "kernel/proc/trap.h"
#include "kernel/syscall/entry.h"
#include "kernel/syscall/table.h"
#include "kernel/trace/trace.h"

#define NR_MAX 0xffff /* what the record's field holds; larger numbers show as this */

/* Ask the rules.  True: record the entry now. */
static bool call_watch(const struct frame *f, uint64_t nr, unsigned arguments)
{
	struct trace_thread *t = this_cpu()->trace_thread;

	t->nr = MIN(nr, NR_MAX);
	t->rip = f->rip;
	t->arguments = arguments;
	t->argument[0] = f->rdi;
	t->argument[1] = f->rsi;
	t->argument[2] = f->rdx;
	t->argument[3] = f->r10;
	t->argument[4] = f->r8;
	t->argument[5] = f->r9;
	return rules_call_begin(t);
}

static void record_enter(const struct frame *f, uint64_t nr, unsigned arguments)
{
	struct ring *ring = this_cpu()->ring;
	struct ev_syscall_enter e = { .rip = f->rip, .nr = MIN(nr, NR_MAX) };
	bool wanted = trace_attempt(EV_syscall_enter);
	uint64_t *to;

	if (trace_is_watched() && !call_watch(f, nr, arguments) && wanted) {
		ring_filter(ring, EV_syscall_enter);
		return;
	}
	if (!wanted)
		return;
	to = ring_reserve(ring, EV_syscall_enter, 2 + arguments);
	if (!to)
		return;
	__builtin_memcpy(to, &e, sizeof(e));
	switch (arguments) {
	case 6:
		to[6] = f->r9;
		__attribute__((fallthrough));
	case 5:
		to[5] = f->r8;
		__attribute__((fallthrough));
	case 4:
		to[4] = f->r10;
		__attribute__((fallthrough));
	case 3:
		to[3] = f->rdx;
		__attribute__((fallthrough));
	case 2:
		to[2] = f->rsi;
		__attribute__((fallthrough));
	case 1:
		to[1] = f->rdi;
	}
	ring_commit(ring, to, 2 + arguments);
}

static int64_t syscall_absent(uint64_t nr)
{
	TRACE(syscall_absent, .nr = MIN(nr, NR_MAX));
	return -ENOSYS;
}

bool syscall_main(struct frame *f)
{
	const struct syscall_entry *call = NULL;
	uint64_t nr = f->error;

	if (likely(nr < SYSCALL_LIMIT))
		call = &syscall_table[nr];
	trace_account(SHARE_USER);
	record_enter(f, nr, call ? call->arguments : 0);
	irq_enable();
	trace_gate();
	f->rax = likely(call && call->handler) ? call->call(f) : syscall_absent(nr);
	if (trace_is_watched())
		rules_call_end((int64_t)f->rax);
	irq_disable();
	if (likely(!return_work_pending() && frame_allows_sysret(f))) {
		TRACE(syscall_return, .result = f->rax);
		trace_account_leave();
		return true;
	}
	TRACE(syscall_result, .result = f->rax);
	return user_leave(f, true);
}
