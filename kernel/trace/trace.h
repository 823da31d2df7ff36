/* Emitting records: TRACE(page_fault, .addr = cr2, .rip = f->rip, .error = e).
 *
 * Safe anywhere, NMIs included, once the CPU has a ring; before that, and when
 * the ring is full, the record is counted as lost.  Nothing here takes a lock,
 * blocks or allocates.  Each TRACE'd event has one typed emit function, made
 * from schemas/events.def. */
#ifndef KERNEL_TRACE_TRACE_H
#define KERNEL_TRACE_TRACE_H

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/lib/string.h"
#include "kernel/trace/ring.h"
#include "kernel/trace/rules.h"
#include "schemas/events.h"

/* Count an attempt on this CPU and ask whether the event is wanted: ring_attempt in
 * two instructions, the branch taken only when it is. */
static inline __attribute__((always_inline)) bool trace_attempt(unsigned id)
{
	asm goto("incq %%gs:%c0\n\tjs %l[wanted]"
		 :
		 : "i"(offsetof(struct cpu, trace_attempts) + id * sizeof(uint64_t))
		 : "cc", "memory"
		 : wanted);
	return false;
wanted:
	return true;
}

/* The event is wanted on this CPU, as far as that is known without asking rules. */
static inline bool trace_is_wanted(unsigned id)
{
	bool wanted;

	asm volatile("cmpq $0, %%gs:%c1"
		     : "=@ccs"(wanted)
		     : "i"(offsetof(struct cpu, trace_attempts) + id * sizeof(uint64_t)));
	return wanted;
}

/* Rules are in force on this CPU. */
static inline bool trace_is_watched(void)
{
	bool watched;

	asm volatile("cmpb $0, %%gs:%c1"
		     : "=@ccne"(watched)
		     : "i"(offsetof(struct cpu, trace_watched)));
	return unlikely(watched);
}

static inline struct ring *trace_ring(void)
{
	struct ring *r;

	asm volatile("mov %%gs:%c1, %0" : "=r"(r) : "i"(offsetof(struct cpu, ring)));
	return r;
}

/* Do rules keep it?  If not, count that. */
bool trace_keep_slow(unsigned id);
static inline bool trace_keep(unsigned id)
{
	return !trace_is_watched() || trace_keep_slow(id);
}

/* Emit functions.  tail/tail_bytes: the event's variable part, cut so that the
 * record fits TRACE_WORDS_MAX, padded with zero bytes to whole words. */
#define EVENT(id, name, label)                                                                     \
	unhooked static inline void trace_emit_##name(const struct ev_##name *e)                   \
	{                                                                                          \
		struct ring *r = trace_ring();                                                     \
		uint64_t *to = ring_reserve(r, (id), 1 + sizeof(*e) / 8);                          \
		if (likely(to)) {                                                                  \
			__builtin_memcpy(to, e, sizeof(*e));                                       \
			ring_commit(r, to, 1 + sizeof(*e) / 8);                                    \
		}                                                                                  \
	}
#include "schemas/events.def"

#define TRACE(name, ...)                                                                           \
	do {                                                                                       \
		if (trace_attempt(EV_##name) && trace_keep(EV_##name))                             \
			trace_emit_##name(&(struct ev_##name){ __VA_ARGS__ });                     \
	} while (0)

/* As TRACE with a tail; fixed is the event's struct.  The attempt is counted. */
void trace_tail(unsigned id, const void *fixed, size_t fixed_bytes, const void *tail,
		size_t tail_bytes);
#define TRACE_TAIL(name, tail, tail_bytes, ...)                                                    \
	do {                                                                                       \
		if (trace_attempt(EV_##name) && trace_keep(EV_##name))                             \
			trace_tail(EV_##name, &(struct ev_##name){ __VA_ARGS__ },                  \
				   sizeof(struct ev_##name), (tail), (tail_bytes));                \
	} while (0)

/* syscall_data: bytes that argument arg (0..5) of the current call points to;
 * what is DATA_*.  At most 256 bytes are kept (the total is recorded). */
void trace_data(unsigned arg, unsigned what, const void *bytes, size_t total);
/* The same of kept bytes, at most TRACE_DATA_MAX, of total. */
void trace_data_part(unsigned arg, unsigned what, const void *bytes, size_t kept, size_t total);
/* The same of whole words, the last one padded with zero bytes. */
void trace_data_words(unsigned arg, unsigned what, const uint64_t *words, size_t kept,
		      size_t total);
/* The same of one word, in few instructions, while no rules are in force. */
void trace_data_word_slow(struct ev_syscall_data fixed, uint64_t word);
static inline void trace_data_word(struct ev_syscall_data fixed, uint64_t word)
{
	struct ring *r;
	uint64_t at, time, *to;

	if (!trace_attempt(EV_syscall_data))
		return;
	r = trace_ring();
	if (unlikely(!ring_reserve_open(r, 3, &at, &time))) {
		trace_data_word_slow(fixed, word);
		return;
	}
	to = ring_record(r, at, EV_syscall_data, 3, time);
	__builtin_memcpy(to, &fixed, sizeof(fixed));
	to[1] = word;
	ring_commit(r, to, 3);
}
/* Is anybody interested in the bytes that calls read and write?  Else they need not
 * be fetched.  At most trace_data_kept of them: "data=" of the command line.  [I] */
extern unsigned trace_data_kept;
static inline bool trace_data_wanted(void)
{
	return trace_data_kept && (trace_is_wanted(EV_syscall_data) || trace_is_watched());
}
/* n bytes were copied from or to the program's memory at addr: if an argument of the
 * running call points there, and is of a type that asks for it (POINTED of
 * schemas/types.def), they are recorded. */
enum trace_pointed { TRACE_POINTED_IN = 1, TRACE_POINTED_OUT = 2, TRACE_POINTED_BOTH = 3 };
void trace_copied_slow(uint64_t addr, const void *bytes, size_t n, enum trace_pointed direction);
static inline void trace_copied(uint64_t addr, const void *bytes, size_t n,
				enum trace_pointed direction)
{
	if (unlikely(this_cpu()->trace_thread->pointed))
		trace_copied_slow(addr, bytes, n, direction);
}

/* For triggers: sig is sent; the process ends with this wait status. */
static inline void trace_signal(int sig)
{
	if (trace_is_watched())
		rules_signal(sig);
}
void trace_process_end(uint32_t status);

/* --- for main/, sched/, syscall/ -------------------------------------------- */

extern unsigned trace_mode; /* MODE_* of enums.def.  [I] */

/* Programs get a vDSO, and HELLO says so: whether "vdso=off" is not given.  [I] */
extern bool trace_vdso;

#define TRACE_DATA_MAX 256 /* bytes of one syscall_data */

/* What becomes of a recording whose host closes the port: "tracer=" of the command
 * line.  [I] */
enum trace_away {
	AWAY_FOREVER, /* nobody comes back: go on, what is not sent is lost */
	AWAY_GO_ON,   /* the same until another tracer opens the port */
	AWAY_WAIT,    /* keep what the ring holds, and wait when it is full */
};
extern enum trace_away trace_away;

/* Parse "mode=", "vdso=", "ring=" (blocks x KiB, both powers of two), "data=" (bytes),
 * "tracer=" (go-on, wait) and "rules=1" (rules will come), give the boot CPU its ring.
 * Early: right after the page allocator works.  Panics on a command line that it does
 * not understand. */
void trace_init(const char *command_line);
/* Wait until the rules that the command line promised are in force.  In a thread,
 * interrupts on, no locks. */
void trace_rules_wait(void);
/* Give CPU c its ring, in every mode; panics without memory.  Before c runs. */
void trace_cpu_init(struct cpu *c);
/* The boundary gate: in lossless mode wait until this CPU's ring has room for
 * what a trip through the kernel may emit; in any mode send closed blocks.  Only
 * where a thread has just entered from ring 3 or is about to return, interrupts
 * on, no locks. */
void trace_gate_slow(void);
static inline void trace_gate(void)
{
	if (unlikely(ring_wants_service(trace_ring())))
		trace_gate_slow();
}
/* What the gate ends with, for who emits more than a trip through the kernel may: wait, where
 * nothing may be lost, until this CPU's ring has room again.  Interrupts on, no locks. */
void trace_room(void);
/* On each tick and in the idle loop, interrupts off: close a block that
 * has been open for long, send what can be sent, read what the host asks, put new
 * rules in force. */
void trace_tick(void);
/* This CPU is about to rest, interrupts off: in how many ns it is to have a tick, UINT64_MAX: in
 * none.  It needs one if its open block holds more than what sending the one before brought
 * about. */
uint64_t trace_rest(void);
/* Nobody looks at the wire while all CPUs rest: whether what the host sends shall
 * interrupt IRQ_CPU.  True if something has come already. */
bool trace_listen(bool on);
/* Nothing is reserved and uncommitted on this CPU.  A CPU that is told to stop
 * must come to this first, or the block can never be sent: where it does not hold
 * (the stop interrupted an emit), let the interrupted code go on and ask again. */
bool trace_quiet(void);

/* How trace/ reaches the wire: set by drivers/ when the trace port is open.  The
 * functions are called by one CPU at a time, interrupts off. */
struct trace_transport {
	/* Queue a frame: header, then payload straight from memory; done(cookie) is
	 * called when the memory may be reused.  False: no room now, try later. */
	bool (*send)(const void *header, size_t header_bytes, const void *payload,
		     size_t payload_bytes, void (*done)(void *cookie), void *cookie);
	/* Take back finished buffers, calling their done. */
	void (*reclaim)(void);
	/* Bytes the host sent, at most size; never waits. */
	size_t (*receive)(void *to, size_t size);
	/* Interrupt for what comes in, or not; true if something is there. */
	bool (*listen)(bool on);
};
/* The host has the port open: HELLO goes first; blocks follow as the host grants
 * credit.  Safe in interrupts. */
void trace_attach(const struct trace_transport *t);
/* What HELLO says. */
void trace_hello_fill(struct trace_hello *to);
/* There is no trace port, or the host closed it: nobody waits for it any more;
 * blocks are thrown away and their records count as LOSS_PORT_CLOSED.  With AWAY_WAIT
 * they are kept instead.  Safe in interrupts. */
void trace_detach(void);
/* With AWAY_WAIT: wait until a host has the port open.  In a thread, interrupts on, no
 * locks. */
void trace_host_wait(void);
/* 2^order zeroed contiguous pages that devices can reach, or NULL.  Declared here,
 * defined in drivers/, since trace/ is below mm/. */
void *trace_memory_alloc(unsigned order);
/* count such pieces of that many bytes, at one place one behind the other, aligned as
 * they are: for the CPUs only.  NULL: no memory. */
void *trace_memory_join(void *const *pieces, size_t count, size_t bytes);

/* Tell of each living thread by thread_alive records: set by proc/, called from
 * trace_gate when the beginnings of threads may have been overwritten or went to
 * another host. */
extern void (*trace_roster_hook)(void);

/* Interrupt all other CPUs, so that those that rest have a trace_tick: set by main/,
 * called with interrupts off. */
extern void (*trace_kick_hook)(void);

/* What the host's FRAME_STOP asks for: set by main/.  Called once, with interrupts
 * as they were in trace_tick or trace_gate, no locks, amidst no record. */
extern void (*trace_stop_hook)(void);
/* End of the recording: other CPUs are stopped, interrupts off.  Close and send
 * all blocks, STATS and BYE, polling; gives up after timeout_ms, and at once when a CPU
 * stopped while it served the wire.  Nothing is recorded afterwards. */
void trace_finish(uint32_t reason, uint32_t status, unsigned timeout_ms);

/* Account the ticks since cpu->mark: to user, kernel or idle.  Interrupts off. */
enum trace_share { SHARE_USER, SHARE_KERNEL, SHARE_IDLE };
static inline void trace_account(enum trace_share to)
{
	struct cpu *c = this_cpu();
	uint64_t now = local_time(), ticks = now - c->mark;

	c->mark = now;
	if (to == SHARE_USER) {
		c->user_ticks += ticks;
		c->in_user = false;
	} else if (to == SHARE_KERNEL) {
		c->kernel_ticks += ticks;
	} else {
		c->idle_ticks += ticks;
	}
}

/* On the way to ring 3: to kernel, and what comes now is the program's. */
static inline void trace_account_leave(void)
{
	trace_account(SHARE_KERNEL);
	this_cpu()->in_user = true;
}

#endif
