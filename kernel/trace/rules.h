/* Rules: which records are kept, and what triggers (struct trace_rule).
 *
 * The host sends a set; rules_take compiles it into tables, so that asking costs a
 * few masks: a rule is a bit.  Each CPU puts the set in force for itself, in
 * rules_apply.  What every rule rules out by its event alone is no longer wanted in
 * the counters of the CPU's ring and costs no more than that; all else asks
 * rules_keep, which knows the running thread and its call by struct trace_thread.
 *
 * A call that a rule can judge only at its end (by result, latency, path) is not
 * recorded when it begins: its data is kept aside, up to PENDING_WORDS, and all is
 * told at the end, as syscall_late and syscall_data records. */
#ifndef KERNEL_TRACE_RULES_H
#define KERNEL_TRACE_RULES_H

#include "kernel/lib/types.h"
#include "kernel/trace/ring.h"
#include "schemas/events.h"

#define TRACE_PENDING_WORDS 128

struct function_frame;

enum trace_call_state {
	CALL_NONE, /* the thread is in none */
	CALL_KEPT,
	CALL_LATE, /* to be judged at its end */
	CALL_GONE, /* ruled out */
};

/* What rules know of a thread.  Only the thread itself, and interrupts that it is
 * struck by, look at it while it runs. */
struct trace_thread {
	uint32_t tid, pid;
	uint64_t functions_top;           /* cpu.functions, while another thread runs */
	struct function_frame *functions; /* [I] the thread's own, if functions are recorded */
	const char *name;
	const uint8_t *pointed;   /* of the call it is in, if structures are to be recorded */
	const uint64_t *pointers; /* its arguments: see trace_copied */
	uint32_t set;             /* of rules, to which the next member belongs; 0: ask again */
	uint16_t holds;           /* rules whose terms on the thread hold */

	uint8_t call; /* enum trace_call_state */
	uint8_t arguments;
	uint16_t keep, fire; /* rules that hold for the call, or may at its end */
	uint16_t path;       /* rules whose path was among the call's */
	uint16_t nr;
	uint16_t pending_words;
	uint64_t rip, entered;
	uint64_t argument[6];
	uint64_t pending[TRACE_PENDING_WORDS]; /* syscall_data: words, struct, bytes */
};

/* One rule of a set that the host sends; the last one of a set is compiled.  Any
 * CPU, one at a time, when rules_settled. */
void rules_take(const struct trace_rule *rule);
/* The latest set is in force on all CPUs.  Its number, from 1; 0: none came. */
bool rules_settled(void);
uint32_t rules_set(void);
/* Put the latest set in force on this CPU, if it is not.  Interrupts off. */
void rules_apply(void);

/* The name or number of a thread changed. */
static inline void rules_forget(struct trace_thread *t)
{
	t->set = 0;
}

/* A record of this event is kept now. */
bool rules_keep(unsigned id);
/* A call begins in the running thread: t->nr, arguments, argument, rip are set.
 * True: its syscall_enter is kept. */
bool rules_call_begin(struct trace_thread *t);
/* Its data.  True: the record is kept; else it may have been put aside. */
bool rules_call_data(const struct ev_syscall_data *fixed, const void *bytes);
/* It ends, before the record that says so. */
void rules_call_end(int64_t result);
/* A signal is sent; a process dies of a signal that dumps core. */
void rules_signal(int sig);
void rules_crash(void);

#endif
