/* Threads and the scheduler.
 *
 * A thread switches away only in sched_block, sched_yield, thread_exit or on the
 * way back to ring 3 (sched_preempt).  Wake-ups may come from interrupts.
 *
 * Locks: [I] set before the thread is visible   [q] queue lock of t->cpu
 *        [o] only the thread itself              [a] atomic   [p] proc/'s rules */
#ifndef KERNEL_SCHED_THREAD_H
#define KERNEL_SCHED_THREAD_H

#include "kernel/arch/x86_64/frame.h"
#include "kernel/lib/list.h"
#include "kernel/sync/atomic.h"
#include "kernel/sync/spinlock.h"
#include "kernel/trace/rules.h"
#include "schemas/events.h"

struct process;
struct space;

enum thread_state {
	THREAD_NEW,
	THREAD_READY,
	THREAD_RUNNING,
	THREAD_SLEEPING, /* wakes on signals */
	THREAD_BLOCKED,  /* does not wake on signals */
	THREAD_STOPPED,  /* by a stop signal or a tracer */
	THREAD_DEAD,
};

#define KERNEL_STACK_SIZE (16 * 1024)
#define THREAD_NAME_SIZE  16 /* TASK_COMM_LEN */

struct thread {
	struct ref refs;             /* [a] the thread's own, the tid table's, waiters' */
	uint32_t tid;                /* [I] */
	struct process *process;     /* [I] NULL: a kernel thread */
	struct space *space;         /* [o] loaded when it runs; NULL: kernel thread */
	char name[THREAD_NAME_SIZE]; /* [o] */
	struct trace_thread trace;   /* [o] */

	void *stack;               /* [I] lowest address of the kernel stack */
	uint64_t stack_pointer;    /* [q] saved by the switch */
	struct frame *frame;       /* [o] where it came in from ring 3: top of the stack */
	void *fpu;                 /* [o] fpu_size() bytes, 64-byte aligned */
	void *fpu_memory;          /* [I] the allocation fpu is in */
	uint64_t fs_base, gs_base; /* [o] of the program */

	enum thread_state state; /* [q] */
	uint32_t cpu;            /* [q] whose queue it is in or was last */
	uint32_t last_cpu;       /* [q] whose registers may still hold its FPU state */
	struct list queue_link;  /* [q] */
	uint64_t virtual_time;   /* [q] weighted ns of CPU time: the least runs next */
	int8_t nice;             /* [a] -20..19 */
	uint8_t policy;          /* [a] SCHED_* of Linux, which knows what each means */
	uint8_t urgency;         /* [a] real-time priority: 1..99, 0 for the others */
	bool policy_not_forked;  /* [a] SCHED_RESET_ON_FORK */
	uint16_t io_priority;    /* [a] of ioprio_set(2): class and level */
	int8_t inherited;        /* [a] the nice value of who waits for it; 19: nobody */
	uint64_t affinity;       /* [a] bit a CPU */
	uint64_t run_since;      /* [q] ns */
	uint8_t wait_reason;     /* [o] WAIT_* while not running */
	bool kernel_only;        /* [I] */
	bool timed;              /* [p] its tick asks thread_timed */
	union {
		volatile uint16_t attention; /* either of these, looked at in one */
		struct {
			volatile bool interrupted; /* [a] a signal wants attention: sleeps end
						    * with -EINTR */
			volatile bool resumed;     /* [o] sequences, and was preempted or moved */
		};
	};
	bool killed;           /* [a] its process is ending, or a signal is about to end it */
	bool killable;         /* [a] BLOCKED in a wait that this ends */
	bool sequences;        /* [o] restartable ones are registered */
	uint32_t sequence_cpu; /* [o] the CPU that the program was told */

	/* CPU time, in TSC ticks, until it was last switched away from: thread_times
	 * tells all of it. */
	uint64_t user_ticks, kernel_ticks; /* [q] */
	uint64_t start_ns;                 /* [I] */
	uint64_t switches_voluntary, switches_forced;

	/* For proc/: its own per-thread part, and the exit hook. */
	void *task;               /* [p] */
	struct list process_link; /* [p]; of a kernel thread: thread.c's */
};

/* A kernel thread, not yet running; NULL without memory. */
struct thread *thread_create_kernel(const char *name, void (*run)(void *), void *argument);
/* each(t) for the kernel's own threads that have a number, idle ones not.  Interrupts are off
 * and a lock of the last ranks is held meanwhile. */
void thread_each_kernel(void (*each)(const struct thread *t));
/* A thread for a program whose first return to ring 3 uses *frame (copied);
 * tid is given by thread_id_alloc.  Not yet running. */
struct thread *thread_create_user(uint32_t tid, const char *name, const struct frame *frame);
/* Make a NEW thread runnable on a CPU the balancer picks; emits wakeup. */
void thread_start(struct thread *t);
/* End the running thread.  Its stack is freed by the next one on the CPU. */
noreturn void thread_exit(void);
void thread_get(struct thread *t);
void thread_put(struct thread *t);
/* Threads there may be: their stacks take an eighth of memory, as on Linux. */
uint32_t thread_limit(void);
/* Thread ids, shared with process and group ids: 1..32767, wrapping as Linux. */
uint32_t thread_id_alloc(void);
/* This very number: 0, -EINVAL (there is no such number), -EEXIST. */
int thread_id_take(uint32_t id);
void thread_id_free(uint32_t id);
uint32_t thread_count(void);

/* The sleeping protocol (wait.h wraps it):
 *   sched_prepare(state, why);   now a wake-up is not lost
 *   if (!condition) sched_block();
 *   sched_ready();               back to RUNNING when it did not block */
void sched_prepare(enum thread_state state, unsigned why);
void sched_block(void);
void sched_ready(void);
/* Wake t if it is SLEEPING or BLOCKED; false if it was not.  Safe in interrupts. */
bool thread_wake(struct thread *t);
/* The same for a thread that is STOPPED. */
bool thread_resume(struct thread *t);
/* Set interrupted and wake t if it is SLEEPING. */
void thread_interrupt(struct thread *t);
/* As that, and set killed: wakes t also where only its end does. */
void thread_kill(struct thread *t);
/* Let others run; come back when it is this thread's turn. */
void sched_yield(void);
/* Called on the way to ring 3 when cpu->reschedule is set. */
void sched_preempt(void);
/* CPU time of t in ns, up to now also while it runs: taken at each crossing, so the
 * sum is exact, and the shares are but for the crossing that happens meanwhile.  Safe
 * in interrupts. */
void thread_times(struct thread *t, uint64_t *user, uint64_t *kernel);
/* The same for a CPU, in TSC ticks. */
struct cpu_times {
	uint64_t user, kernel, idle;
};
void sched_cpu_times(uint32_t cpu, struct cpu_times *out);
/* VECTOR_TIMER arrived on this CPU, interrupts off. */
void sched_timer(void);
/* Make the code running on CPU c its idle thread, whose stack is [stack, +size). */
void sched_init_cpu(struct cpu *c, void *stack);
/* The idle loop, in the thread made by sched_init_cpu; never returns. */
noreturn void sched_idle(void);
/* Policy and real-time priority (0 for policies without); where t stands among others
 * changes with its next turn. */
void thread_policy_set(struct thread *t, uint8_t policy, uint8_t urgency);
void thread_affinity_set(struct thread *t, uint64_t mask); /* moves it if needed */
/* Threads ready or running now, for /proc/loadavg. */
uint32_t sched_running(void);

/* This CPU goes from its idle thread to another one: set by proc/, called with the queue's
 * lock held, interrupts off; may start timers.  NULL: nobody wants to know. */
extern void (*sched_busy_hook)(void);

/* Where a new user thread begins: defined in proc/, goes to ring 3. */
noreturn void thread_user_start(void);
/* t, which runs here, has timers of CPU time: look at them.  ns until the next look, at
 * most a tick.  In the timer interrupt; defined in proc/. */
uint64_t thread_timed(struct thread *t);
/* thread_put found the last reference of a user thread with a task: proc/ frees
 * task and gives its reference to the process back.  Does not sleep. */
void thread_released(struct thread *t);

#endif
