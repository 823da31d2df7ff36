#include "kernel/trace/wire.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/local.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/trace/crc.h"
#include "kernel/trace/function.h"
#include "kernel/trace/payload.h"
#include "kernel/trace/wire_input.h"

#define BLOCKS_A_TURN 8   /* bounds the time with interrupts off */
#define STRAGGLER_MS  100 /* for what a CPU is still writing at the end */

/* A frame that is not a block: its memory is busy until the host has it. */
struct wire_message {
	struct trace_frame frame;
	bool busy;
};

/* Locks: [w] the wire's lock   [a] atomic */
static struct {
	uint32_t held; /* [a] the lock: taken without waiting or not at all */
	const struct trace_transport *transport; /* [a] NULL: none was there yet */
	bool attached;                           /* [a] the host is new: say HELLO */
	bool greeted;                            /* [w] HELLO was said to one */
	bool closed;                             /* [a] nobody will take blocks */
	bool away;                               /* [a] nobody takes blocks now: keep them */
	uint32_t hosts;                          /* [a] greeted after the first */
	bool finishing;                          /* [a] trace_finish owns the wire */
	bool stop;                               /* [a] the host wants the machine to end */
	bool ping;                               /* [w] a ping waits for its answer */
	uint64_t credit;                         /* [w] blocks the host is ready for */
	uint32_t next;                           /* [w] CPU whose ring is looked at first */
	struct wire_input input;                 /* [w] */
} wire;

static struct wire_message hello_message, clock_message, state_message, stats_message, bye_message;
static struct trace_hello hello; /* [w] payloads, as their messages */
static struct trace_clock pong;
static struct trace_state state, state_told;
static uint32_t triggers; /* [a] */
static bool kick;         /* [a] CPUs that rest have something to do */
static bool untold;       /* [a] a CPU put rules in force since the wire was last served */
static struct trace_stats stats;
static struct trace_bye bye;

bool wire_is_wanted(void)
{
	return __atomic_load_n(&wire.transport, __ATOMIC_ACQUIRE) &&
	       !__atomic_load_n(&wire.closed, __ATOMIC_RELAXED) &&
	       !__atomic_load_n(&wire.finishing, __ATOMIC_RELAXED);
}

bool wire_is_away(void)
{
	return __atomic_load_n(&wire.away, __ATOMIC_ACQUIRE);
}

uint32_t wire_hosts(void)
{
	return __atomic_load_n(&wire.hosts, __ATOMIC_ACQUIRE);
}

/* Each gate looks: there is a new host to greet, or threads to tell it of. */
static void rings_service(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		if (cpus[cpu] && cpus[cpu]->ring)
			__atomic_store_n(&cpus[cpu]->ring->service, 1, __ATOMIC_RELAXED);
	}
	__atomic_store_n(&kick, true, __ATOMIC_RELAXED);
}

void trace_attach(const struct trace_transport *t)
{
	const bool again = __atomic_load_n(&wire.transport, __ATOMIC_RELAXED);

	__atomic_store_n(&wire.transport, t, __ATOMIC_RELEASE);
	__atomic_store_n(&wire.attached, true, __ATOMIC_RELEASE);
	__atomic_store_n(&wire.closed, false, __ATOMIC_RELEASE);
	__atomic_store_n(&wire.away, false, __ATOMIC_RELEASE);
	if (again)
		rings_service();
}

void trace_detach(void)
{
	const bool keep =
		trace_away == AWAY_WAIT && __atomic_load_n(&wire.transport, __ATOMIC_RELAXED);

	__atomic_store_n(keep ? &wire.away : &wire.closed, true, __ATOMIC_RELEASE);
}

/* --- Sending ----------------------------------------------------------------- */

static void frame_fill(struct trace_frame *f, unsigned kind, const void *payload, size_t length)
{
	*f = (struct trace_frame){
		.magic = TRACE_FRAME_MAGIC,
		.version = TRACE_VERSION,
		.kind = kind,
		.length = length,
	};
	f->crc = crc32c(crc32c(0, f, offsetof(struct trace_frame, crc)), payload,
			trace_frame_covered(f));
}

static void message_done(void *cookie)
{
	struct wire_message *m = cookie;

	m->busy = false;
}

static bool message_send(const struct trace_transport *t, struct wire_message *m, unsigned kind,
			 const void *payload, size_t length)
{
	if (m->busy)
		return false;
	frame_fill(&m->frame, kind, payload, length);
	m->busy = true;
	if (!t->send(&m->frame, sizeof(m->frame), payload, length, message_done, m))
		m->busy = false;
	return m->busy;
}

static bool hello_send(const struct trace_transport *t)
{
	if (hello_message.busy)
		return false;
	trace_hello_fill(&hello);
	return message_send(t, &hello_message, FRAME_HELLO, &hello, sizeof(hello));
}

static struct ring *ring_of(uint32_t cpu)
{
	return cpus[cpu] ? cpus[cpu]->ring : NULL;
}

static void block_done(void *cookie)
{
	struct trace_block *b = cookie;

	ring_release(ring_of(b->cpu), b);
}

/* A taken block the queue had no room for goes first next time. */
static struct trace_block *block_waiting; /* [w] */

static bool block_send(const struct trace_transport *t, struct trace_block *b)
{
	struct ring_slot *slot = ring_slot_of(ring_of(b->cpu), b);

	frame_fill(&slot->frame, FRAME_BLOCK, b, b->bytes);
	if (!t->send(&slot->frame, sizeof(slot->frame), slot->block, b->bytes, block_done, b)) {
		block_waiting = b;
		return false;
	}
	block_waiting = NULL;
	wire.credit--;
	return true;
}

static struct trace_block *block_next(void)
{
	if (block_waiting)
		return block_waiting;
	for (uint32_t i = 0; i < cpu_count; i++) {
		uint32_t cpu = (wire.next + i) % cpu_count;
		struct ring *r = ring_of(cpu);
		struct trace_block *b = NULL;

		if (r && (!ring_is_kept(r) || wire.finishing))
			b = ring_take(r);

		if (b) {
			wire.next = cpu + 1;
			return b;
		}
	}
	return NULL;
}

static void blocks_send(const struct trace_transport *t)
{
	struct trace_block *b;

	for (unsigned i = 0; i < BLOCKS_A_TURN && wire.credit; i++) {
		b = block_next();
		if (!b || !block_send(t, b))
			break;
	}
}

static void blocks_discard(void)
{
	struct trace_block *b;

	for (unsigned i = 0; i < BLOCKS_A_TURN && (b = block_next()); i++) {
		block_waiting = NULL;
		ring_discard(ring_of(b->cpu), b);
	}
}

/* --- Receiving ----------------------------------------------------------------- */

static void rings_flush(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		struct ring *r = ring_of(cpu);

		if (r)
			__atomic_store_n(&r->flush, 1, __ATOMIC_RELAXED);
	}
	__atomic_store_n(&kick, true, __ATOMIC_RELAXED);
}

static void rings_freeze(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		if (ring_of(cpu))
			ring_freeze(ring_of(cpu));
	}
	__atomic_store_n(&kick, true, __ATOMIC_RELAXED);
}

void wire_trigger(void)
{
	rings_freeze();
	__atomic_store_n(&this_cpu()->ring->service, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&triggers, 1, __ATOMIC_RELAXED);
}

static void frame_obey(unsigned kind, const union wire_payload *payload)
{
	switch (kind) {
	case FRAME_CREDIT:
		if (__builtin_add_overflow(wire.credit, payload->value, &wire.credit))
			wire.credit = UINT64_MAX;
		break;
	case FRAME_RULE:
		rules_take(&payload->rule);
		__atomic_store_n(&kick, true, __ATOMIC_RELAXED);
		break;
	case FRAME_FREEZE:
		TRACE(trace_trigger, .rule = TRACE_RULES_MAX, .set = rules_set());
		rings_freeze();
		break;
	case FRAME_FLUSH:
		rings_flush();
		break;
	case FRAME_PING:
		if (!clock_message.busy)
			pong.host_ns = payload->value;
		wire.ping = !clock_message.busy; /* one at a time */
		break;
	case FRAME_STOP:
		__atomic_store_n(&wire.stop, true, __ATOMIC_RELAXED);
		break;
	}
}

static void input_read(const struct trace_transport *t)
{
	unsigned char bytes[256];
	union wire_payload payload;
	size_t count;

	if (!rules_settled()) /* a CPU may still read the set that the next one replaces */
		return;
	count = t->receive(bytes, sizeof(bytes));
	for (size_t at = 0, used; at < count; at += used) {
		unsigned kind =
			wire_input_next(&wire.input, bytes + at, count - at, &used, &payload);

		frame_obey(kind, &payload);
	}
}

/* Frozen rings that are empty go on; what changed is told. */
static void state_tell(const struct trace_transport *t)
{
	bool thawed = false;

	state.frozen = 0;
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		struct ring *r = ring_of(cpu);

		if (r && ring_thaw(r))
			thawed = true;
		state.frozen |= r && __atomic_load_n(&r->frozen, __ATOMIC_RELAXED);
	}
	state.freezes += thawed && !state.frozen;
	state.rules = rules_settled() ? rules_set() : state.rules;
	state.triggers = __atomic_load_n(&triggers, __ATOMIC_RELAXED);
	if (state_message.busy || !memcmp(&state, &state_told, sizeof(state)))
		return;
	state_told = state;
	if (!message_send(t, &state_message, FRAME_STATE, &state_told, sizeof(state_told)))
		memset(&state_told, 0xff, sizeof(state_told)); /* no room: the next time */
}

/* --- Turns ----------------------------------------------------------------------- */

/* Greet a new host.  Threads are told of from here on, not since trace_attach: a CPU that
 * was amidst of a turn then may have thrown a block away after it, and what that tells of a
 * thread must be older than any roster.  Holds: the wire's lock.  False: no room, try later. */
static bool host_greet(const struct trace_transport *t)
{
	/* In an exact run the port is a file, which takes all and says nothing. */
	wire.credit = clock_is_exact() ? UINT64_MAX : 0;
	wire.input.filled = 0;
	if (!hello_send(t)) {
		__atomic_store_n(&wire.attached, true, __ATOMIC_RELAXED);
		return false;
	}
	memset(&state_told, 0xff, sizeof(state_told));
	if (wire.greeted) {
		__atomic_fetch_add(&wire.hosts, 1, __ATOMIC_RELEASE);
		rings_service();
	}
	wire.greeted = true;
	return true;
}

/* Holds: the wire's lock. */
static void turn(void)
{
	const struct trace_transport *t = __atomic_load_n(&wire.transport, __ATOMIC_ACQUIRE);

	if (t)
		t->reclaim();
	if (__atomic_load_n(&wire.closed, __ATOMIC_ACQUIRE)) {
		blocks_discard();
		return;
	}
	if (!t || wire_is_away())
		return;
	if (__atomic_load_n(&wire.attached, __ATOMIC_RELAXED) &&
	    __atomic_exchange_n(&wire.attached, false, __ATOMIC_ACQUIRE) && !host_greet(t))
		return;
	input_read(t);
	if (wire.ping) {
		pong.tsc = local_time();
		wire.ping = !message_send(t, &clock_message, FRAME_CLOCK, &pong, sizeof(pong));
	}
	state_tell(t);
	blocks_send(t);
}

static bool wire_try(void)
{
	return !__atomic_load_n(&wire.held, __ATOMIC_RELAXED) &&
	       !__atomic_exchange_n(&wire.held, 1, __ATOMIC_ACQUIRE);
}

static void wire_release(void)
{
	__atomic_store_n(&wire.held, 0, __ATOMIC_RELEASE);
}

void wire_state_changed(void)
{
	__atomic_store_n(&untold, true, __ATOMIC_SEQ_CST);
}

bool wire_service(void)
{
	bool asked = false;
	uint64_t flags;

	if (__atomic_load_n(&wire.finishing, __ATOMIC_RELAXED))
		return false;
	flags = irq_save(); /* a CPU must not be stopped with the lock held */
	while (wire_try()) {
		__atomic_store_n(&untold, false, __ATOMIC_RELAXED);
		turn();
		wire_release();
		if (__atomic_exchange_n(&kick, false, __ATOMIC_SEQ_CST)) {
			asked = true;
			if (trace_kick_hook)
				trace_kick_hook();
		}
		/* Whoever set it meanwhile found the wire taken. */
		if (!__atomic_load_n(&untold, __ATOMIC_SEQ_CST))
			break;
	}
	irq_restore(flags);
	/* Not amidst a record that this interrupt may have struck. */
	if (__atomic_load_n(&wire.stop, __ATOMIC_RELAXED) && trace_stop_hook && trace_quiet() &&
	    __atomic_exchange_n(&wire.stop, false, __ATOMIC_RELAXED))
		trace_stop_hook();
	return asked;
}

bool wire_listen(bool on)
{
	const struct trace_transport *t = __atomic_load_n(&wire.transport, __ATOMIC_ACQUIRE);

	return t && t->listen(on) && wire_is_wanted();
}

/* --- The end --------------------------------------------------------------------- */

/* Serve the wire until done(argument); false: it is no use, or the deadline came. */
static bool poll_until(bool (*done)(void *argument), void *argument, uint64_t deadline)
{
	while (wire.transport && !wire.closed && local_time() <= deadline) {
		turn();
		if (done(argument))
			return true;
		cpu_pause();
	}
	return false;
}

/* is_done(ring) for each ring: argument is a pointer to that function. */
static bool rings_done(void *argument)
{
	bool (**is_done)(const struct ring *r) = argument;

	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		struct ring *r = ring_of(cpu);

		if (r && !(*is_done)(r))
			return false;
	}
	return true;
}

/* Send all there is.  A block that a stopped CPU left uncommitted never becomes
 * complete; one that did not stop yet gets a moment. */
static void rings_finish(uint64_t deadline)
{
	bool (*settled)(const struct ring *r) = ring_settled;
	bool (*empty)(const struct ring *r) = ring_empty;
	uint64_t moment = clock_tsc_hz() / 1000 * STRAGGLER_MS;

	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		if (!ring_of(cpu))
			continue;
		for (unsigned id = 0; id < EV_LIMIT; id++)
			ring_want(ring_of(cpu), id, false);
		ring_close(ring_of(cpu));
	}
	poll_until(rings_done, &settled, deadline);
	poll_until(rings_done, &empty, MIN(deadline, local_time() + moment));
}

static bool message_idle(void *argument)
{
	const struct wire_message *m = argument;

	return !m->busy && !wire.attached;
}

static void message_finish(struct wire_message *m, unsigned kind, const void *payload,
			   size_t length, uint64_t deadline)
{
	while (poll_until(message_idle, m, deadline)) {
		if (message_send(wire.transport, m, kind, payload, length)) {
			poll_until(message_idle, m, deadline);
			return;
		}
	}
}

/* Nobody holds the lock for long.  False: whoever does has stopped amidst of it. */
static bool wire_seize(uint64_t deadline)
{
	__atomic_store_n(&wire.finishing, true, __ATOMIC_RELAXED);
	while (!wire_try()) {
		if (local_time() > deadline)
			return false;
		cpu_pause();
	}
	return true;
}

void trace_finish(uint32_t reason, uint32_t status, unsigned timeout_ms)
{
	uint64_t ticks = clock_tsc_hz() / 1000 * timeout_ms;
	uint64_t deadline = local_time() + ticks;

	function_stop();
	if (!wire_seize(local_time() + clock_tsc_hz() / 100))
		return;
	rings_finish(deadline - ticks / 2); /* leaves time for the rest */
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		if (!ring_of(cpu))
			continue;
		payload_stats(&stats, cpus[cpu]);
		message_finish(&stats_message, FRAME_STATS, &stats, sizeof(stats), deadline);
	}
	bye.reason = reason;
	bye.status = status;
	message_finish(&bye_message, FRAME_BYE, &bye, sizeof(bye), deadline);
}
