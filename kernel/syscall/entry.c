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

/* Ask the rules.  True: record the entry, which somebody wants, now. */
static bool call_watch(const struct frame *f, uint64_t nr, unsigned arguments, bool wanted)
{
	struct trace_thread *t = this_cpu()->trace_thread;
	bool kept;

	t->nr = MIN(nr, NR_MAX);
	t->rip = f->rip;
	t->arguments = arguments;
	t->argument[0] = f->rdi;
	t->argument[1] = f->rsi;
	t->argument[2] = f->rdx;
	t->argument[3] = f->r10;
	t->argument[4] = f->r8;
	t->argument[5] = f->r9;
	kept = rules_call_begin(t);
	if (wanted && !kept)
		ring_filter(trace_ring(), EV_syscall_enter);
	return wanted && kept;
}

static inline __attribute__((always_inline)) void record_enter(const struct frame *f, uint64_t nr,
							       unsigned arguments)
{
	struct ring *ring = trace_ring();
	struct ev_syscall_enter e = { .rip = f->rip, .nr = MIN(nr, NR_MAX) };
	uint64_t *to = ring_reserve(ring, EV_syscall_enter, 2 + arguments);

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

/* A call with structures behind its arguments: they are recorded as they are copied. */
static __attribute__((noinline)) int64_t call_with_pointers(const struct syscall_entry *call,
							    struct frame *f)
{
	const uint64_t pointers[6] = { f->rdi, f->rsi, f->rdx, f->r10, f->r8, f->r9 };
	struct trace_thread *t = &current()->trace;
	int64_t result;

	t->pointers = pointers;
	t->pointed = call->pointed;
	result = call->call(f);
	t->pointed = NULL;
	return result;
}

static inline int64_t call_make(const struct syscall_entry *call, struct frame *f)
{
	return unlikely(call->points) ? call_with_pointers(call, f) : call->call(f);
}

bool syscall_main(struct frame *f)
{
	static const struct syscall_entry unknown;
	uint64_t nr = f->error;
	const struct syscall_entry *call =
		likely(nr < SYSCALL_LIMIT) ? &syscall_table[nr] : &unknown;
	bool wanted;

	trace_account(SHARE_USER);
	wanted = trace_attempt(EV_syscall_enter);
	if (trace_is_watched())
		wanted = call_watch(f, nr, call->arguments, wanted);
	if (wanted)
		record_enter(f, nr, call->arguments);
	irq_enable();
	trace_gate();
	f->rax = likely(call->handler) ? call_make(call, f) : syscall_absent(nr);
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
