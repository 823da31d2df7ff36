/* Per-CPU data, reached through GS.  this_cpu() may only be kept while nothing
 * can move the thread: the kernel is not preemptible, so until it blocks. */
#ifndef KERNEL_ARCH_CPU_H
#define KERNEL_ARCH_CPU_H

#include "kernel/lib/types.h"

#define CPU_MAX 64

struct thread;
struct ring;
struct run_queue;
struct space;
struct trace_thread;

#define CPU_TRACE_EVENTS 256 /* EV_LIMIT */
#define CPU_RING_WORDS   2080

/* Offsets of the first five members are known to entry.S, of those up to trace_ring to
 * trace/function_layout.h. */
struct cpu {
	struct cpu *self;      /* gs:0 */
	uint64_t kernel_stack; /* gs:8   top of the current thread's kernel stack */
	uint64_t user_stack;   /* gs:16  scratch of the SYSCALL entry */
	struct thread *thread; /* gs:24  running now */
	struct ring *ring;     /* gs:32  trace ring of this CPU: trace_ring, once it is ready */
	uint64_t functions;    /* gs:40  where the next function_frame goes; 0: none is recorded */
	struct trace_thread *function_owner; /* whose frames these are */
	struct trace_thread *trace_thread;   /* what rules know of the running thread */
	uint64_t enter_word, exit_word;      /* headers of function records, but for the time */
	uint64_t trace_attempts[CPU_TRACE_EVENTS]; /* see ring_attempt; trace.h knows where */
	uint64_t trace_ring[CPU_RING_WORDS];       /* struct ring */
	bool functions_paused;                     /* functions is 0 for a while, roots or not */
	bool stack_busy;                           /* a stack is being taken */
	bool trace_watched;                        /* rules are in force: ask them */
	uint32_t id;                               /* 0.. in the order CPUs came up */
	uint32_t apic_id;
	struct run_queue *queue;
	struct space *space;      /* whose page tables are loaded; NULL: the kernel's */
	volatile bool reschedule; /* look for another thread on the way to ring 3 */
	volatile bool online;
	uint32_t irq_depth; /* interrupts and exceptions nested in ring 0 */
	/* Accounting: where TSC ticks went; `mark` is when the last share was added. */
	uint64_t mark, user_ticks, kernel_ticks, idle_ticks, wait_ticks;
	bool in_user; /* what the time since `mark` is spent in, unless the CPU is idle */
	/* Already charged to threads, and when it was. */
	uint64_t thread_user_mark, thread_kernel_mark, thread_mark;
	struct thread *fpu_owner; /* whose extended state the registers hold */
	void *tss;
};

extern struct cpu *cpus[CPU_MAX]; /* [0, cpu_count) are set once smp_start returned */
extern uint32_t cpu_count;

static inline struct cpu *this_cpu(void)
{
	struct cpu *c;

	asm volatile("mov %%gs:0, %0" : "=r"(c));
	return c;
}

static inline struct thread *current(void)
{
	struct thread *t;

	asm volatile("mov %%gs:24, %0" : "=r"(t));
	return t;
}

#endif
