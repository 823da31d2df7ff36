#include "kernel/trace/trace.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/assert.h"
#include "kernel/debug/log.h"
#include "kernel/trace/function.h"
#include "kernel/trace/payload.h"
#include "kernel/trace/wire.h"

#define PIECE_BYTES    (4096u << 10) /* what the page allocator gives at once */
#define RING_BYTES_MAX (1024ull << 20)
#define RULES_WAIT_MS  10000
#define TRACE_OPEN_NS  50000000ull /* a block that is open for longer is closed and sent */
#define REST_MS        500         /* between ticks of a CPU that rests until the host is there */
/* What sending a block brings about on a CPU that rests: the end of the interrupt that
 * closed it, and the interrupt in which the host grants its credit. */
#define SENDING_RECORDS 3

unsigned trace_mode = MODE_LOSSLESS;
bool trace_vdso = true;
enum trace_away trace_away = AWAY_FOREVER;
void (*trace_stop_hook)(void);
void (*trace_roster_hook)(void);
void (*trace_kick_hook)(void);

unsigned trace_data_kept = 32; /* as strace's default */

static unsigned ring_blocks = 16;
static size_t ring_block_bytes = 64 << 10;
static bool rules_promised;

/* --- The command line --------------------------------------------------------- */

/* The text behind name ("mode=") at the start of a word, or NULL. */
static const char *option_find(const char *line, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = line; *at; at++) {
		if ((at == line || at[-1] == ' ') && strncmp(at, name, length) == 0)
			return at + length;
	}
	return NULL;
}

static bool option_is(const char *option, const char *value)
{
	size_t length = strlen(value);

	return strncmp(option, value, length) == 0 && (option[length] == ' ' || !option[length]);
}

static void mode_parse(const char *option)
{
	if (option_is(option, "off"))
		trace_mode = MODE_OFF;
	else if (option_is(option, "drop"))
		trace_mode = MODE_DROP;
	else if (option_is(option, "flight"))
		trace_mode = MODE_FLIGHT;
	else if (!option_is(option, "lossless"))
		panic("mode= is none of lossless, flight, drop, off");
}

static void away_parse(const char *option)
{
	if (option_is(option, "go-on"))
		trace_away = AWAY_GO_ON;
	else if (option_is(option, "wait"))
		trace_away = AWAY_WAIT;
	else
		panic("tracer= is neither go-on nor wait");
}

static bool is_power_of_two(uint64_t n)
{
	return n && !(n & (n - 1));
}

static void ring_parse(const char *option)
{
	uint64_t blocks = string_number(option, &option), kib = 0;

	if (*option == 'x')
		kib = string_number(option + 1, &option);
	if ((*option && *option != ' ') || !is_power_of_two(blocks) || !is_power_of_two(kib) ||
	    blocks < RING_BLOCKS_MIN || blocks > RING_BLOCKS_MAX || kib < 4 ||
	    kib > PIECE_BYTES >> 10 || (blocks * kib) << 10 > RING_BYTES_MAX)
		panic("ring= is not BLOCKSxKIB: powers of two, from 2x4 to 1 GiB in all");
	ring_blocks = blocks;
	ring_block_bytes = kib << 10;
}

static void data_parse(const char *option)
{
	uint64_t bytes = string_number(option, &option);

	if ((*option && *option != ' ') || bytes > TRACE_DATA_MAX)
		panic("data= is no number from 0 to 256");
	trace_data_kept = bytes;
}

/* --- Start ---------------------------------------------------------------------- */

static unsigned order_of(size_t bytes)
{
	unsigned order = 0;

	while (PAGE_SIZE << order < bytes)
		order++;
	return order;
}

/* Memory for all blocks, in as few pieces as there can be; NULL: not that much. */
static unsigned char *blocks_alloc(struct ring_slot *slots)
{
	size_t bytes = ring_blocks * ring_block_bytes, piece = MIN(bytes, (size_t)PIECE_BYTES);
	void *pieces[RING_BYTES_MAX / PIECE_BYTES] = { NULL };

	for (size_t i = 0; i < bytes / piece; i++) {
		pieces[i] = trace_memory_alloc(order_of(piece));
		if (!pieces[i])
			return NULL;
	}
	for (unsigned i = 0; i < ring_blocks; i++) {
		size_t at = i * ring_block_bytes;

		slots[i].block = (unsigned char *)pieces[at / piece] + at % piece;
	}
	return bytes == piece ? pieces[0] : trace_memory_join(pieces, bytes / piece, piece);
}

void trace_cpu_init(struct cpu *c)
{
	struct ring *r = (struct ring *)(void *)c->trace_ring;
	struct ring_slot *slots = trace_memory_alloc(order_of(ring_blocks * sizeof(*slots)));
	unsigned char *memory = slots ? blocks_alloc(slots) : NULL;

	if (!memory)
		panic("no memory for the trace ring of CPU %u", c->id);
	ring_init(r, c->id, c->trace_attempts, slots, memory, ring_blocks, ring_block_bytes);
	r->flight = trace_mode == MODE_FLIGHT;
	c->ring = r;
	function_cpu_init(c);
	for (unsigned id = 0; id < EV_LIMIT; id++) {
		if (event_exists(id) && trace_mode != MODE_OFF)
			ring_want(r, id, true);
	}
}

static void log_to_trace(enum log_level level, const char *text, size_t length)
{
	TRACE_TAIL(log, text, length, .level = level, .length = length);
}

void trace_init(const char *command_line)
{
	const char *mode = option_find(command_line, "mode=");
	const char *ring = option_find(command_line, "ring=");
	const char *vdso = option_find(command_line, "vdso=");
	const char *data = option_find(command_line, "data=");
	const char *away = option_find(command_line, "tracer=");

	rules_promised = option_find(command_line, "rules=");

	if (mode)
		mode_parse(mode);
	if (ring)
		ring_parse(ring);
	if (vdso)
		trace_vdso = !option_is(vdso, "off");
	if (data)
		data_parse(data);
	if (away)
		away_parse(away);
	if (trace_mode == MODE_OFF) { /* what never gets a record need not be large */
		ring_blocks = RING_BLOCKS_MIN;
		ring_block_bytes = PAGE_SIZE;
	}
	payload_init(ring_blocks, ring_block_bytes);
	trace_cpu_init(this_cpu());
	if (trace_mode != MODE_OFF)
		log_sink_trace = log_to_trace;
}

/* As it goes, so that watchdogs see that it is the host who is slow.  The time now. */
static uint64_t wait_account(uint64_t since)
{
	const uint64_t now = local_time();

	this_cpu()->wait_ticks += now - since;
	return now;
}

/* What interrupts a CPU that waits for the host fills the room that is kept for what cannot
 * wait, and each interrupt of its timer sets the next one.  So there is none while it polls,
 * and before each rest it is put off as long as watchdogs bear.  *head: of the ring when it
 * was looked at last.  True: it was put off. */
static bool tick_put_off(const struct ring *r, bool rests, uint64_t *head)
{
	const uint64_t flags = irq_save();
	const bool off = rests || *head != local_load(&r->head) || !ring_free(r);

	*head = local_load(&r->head);
	if (off)
		lapic_timer_set(rests ? local_time() + clock_tsc_hz() / 1000 * REST_MS
				      : UINT64_MAX);
	irq_restore(flags);
	return off;
}

/* At once: its handler sees what is due, and sets the next one. */
static void tick_resume(void)
{
	const uint64_t flags = irq_save();

	lapic_timer_set(local_time());
	irq_restore(flags);
}

void trace_host_wait(void)
{
	uint64_t now = local_time(), head = local_load(&trace_ring()->head);
	bool off = false;

	while (wire_is_away()) {
		off |= tick_put_off(trace_ring(), true, &head);
		irq_wait();
		now = wait_account(now);
	}
	if (off)
		tick_resume();
}

void trace_rules_wait(void)
{
	uint64_t end = local_time() + clock_tsc_hz() / 1000 * RULES_WAIT_MS;

	while (rules_promised && (!rules_set() || !rules_settled()) && local_time() < end) {
		wire_service();
		cpu_pause();
	}
}

/* --- Records with a tail ---------------------------------------------------------- */

void trace_tail(unsigned id, const void *fixed, size_t fixed_bytes, const void *tail,
		size_t tail_bytes)
{
	struct ring *r = trace_ring();
	size_t room = (TRACE_WORDS_MAX - 1) * 8 - fixed_bytes;
	size_t words;
	uint64_t *to;

	tail_bytes = MIN(tail_bytes, room);
	words = 1 + (fixed_bytes + tail_bytes + 7) / 8;
	to = ring_reserve(r, id, words);
	if (!to)
		return;
	if (tail_bytes % 8)
		to[words - 2] = 0;
	memcpy(to, fixed, fixed_bytes);
	memcpy((char *)to + fixed_bytes, tail, tail_bytes);
	ring_commit(r, to, words);
}

bool trace_keep_slow(unsigned id)
{
	if (rules_keep(id))
		return true;
	ring_filter(trace_ring(), id);
	return false;
}

void trace_data_part(unsigned arg, unsigned what, const void *bytes, size_t kept, size_t total)
{
	struct ev_syscall_data fixed = {
		.arg = arg,
		.what = what,
		.length = MIN(kept, TRACE_DATA_MAX),
		.total = MIN(total, UINT32_MAX),
	};
	bool wanted = trace_attempt(EV_syscall_data);

	if (trace_is_watched() && !rules_call_data(&fixed, bytes) && wanted) {
		ring_filter(trace_ring(), EV_syscall_data);
		return;
	}
	if (wanted)
		trace_tail(EV_syscall_data, &fixed, sizeof(fixed), bytes, fixed.length);
}

void trace_data_words(unsigned arg, unsigned what, const uint64_t *words, size_t kept, size_t total)
{
	const struct ev_syscall_data fixed = {
		.arg = arg, .what = what, .length = kept, .total = MIN(total, UINT32_MAX)
	};
	const unsigned size = 2 + (unsigned)(kept + 7) / 8;
	struct ring *r = trace_ring();
	uint64_t *to;

	if (trace_is_watched()) {
		trace_data_part(arg, what, words, kept, total);
		return;
	}
	if (!trace_attempt(EV_syscall_data))
		return;
	to = ring_reserve(r, EV_syscall_data, size);
	if (!to)
		return;
	__builtin_memcpy(to, &fixed, sizeof(fixed));
	for (unsigned i = 0; i < size - 2; i++)
		to[1 + i] = words[i];
	ring_commit(r, to, size);
}

void trace_data_word_slow(struct ev_syscall_data fixed, uint64_t word)
{
	trace_tail(EV_syscall_data, &fixed, sizeof(fixed), &word, sizeof(word));
}

void trace_data(unsigned arg, unsigned what, const void *bytes, size_t total)
{
	trace_data_part(arg, what, bytes, MIN(total, (size_t)TRACE_DATA_MAX), total);
}

void trace_copied_slow(uint64_t addr, const void *bytes, size_t n, enum trace_pointed direction)
{
	const struct trace_thread *t = this_cpu()->trace_thread;
	unsigned what = direction == TRACE_POINTED_IN ? DATA_STRUCT_IN : DATA_STRUCT_OUT;

	for (unsigned i = 0; i < 6; i++) {
		if (t->pointed[i] & direction && t->pointers[i] == addr)
			trace_data(i, what, bytes, n);
	}
}

void trace_process_end(uint32_t status)
{
	/* A bit a signal whose default action dumps core. */
#define CORE(number) | 1ull << (number)
#define TERM(number)
#define IGN(number)
#define STOP(number)
#define CONT(number)
#define SIGNAL(number, name, action, text) action(number)
	static const uint64_t core = 0
#include "schemas/signals.def"
		;

	if (trace_is_watched() && core >> (status & 0x3f) & 1)
		rules_crash();
}

/* --- Service ----------------------------------------------------------------------- */

/* Wait while the ring is short of blocks and the host may still take some. */
static void wait_for_room(struct ring *r)
{
	const uint64_t start = local_time();
	uint64_t now = start, head = local_load(&r->head);
	bool off = false;

	while (ring_free(r) < r->mark && wire_is_wanted()) {
		const bool away = wire_is_away();

		off |= tick_put_off(r, away, &head);
		if (away)
			irq_wait();
		else
			cpu_pause();
		wire_service();
		now = wait_account(now);
	}
	if (off)
		tick_resume();
	TRACE(trace_wait, .ticks = now - start);
}

void trace_room(void)
{
	struct ring *r = trace_ring();

	if (trace_mode == MODE_LOSSLESS && ring_free(r) < r->mark && wire_is_wanted())
		wait_for_room(r);
}

/* Threads are told of again before all that told of them is overwritten, and to each
 * host that is not the first. */
static void roster_tell(struct ring *r)
{
	uint64_t part = wire_hosts();

	if (trace_mode == MODE_FLIGHT)
		part += local_load(&r->head) / ((r->ring_mask + 1) / 4) << 32;
	if (!trace_roster_hook || r->roster == part)
		return;
	r->roster = part;
	trace_roster_hook();
}

void trace_gate_slow(void)
{
	struct ring *r = trace_ring();

	/* Cleared first: what comes up meanwhile sets it again. */
	__atomic_store_n(&r->service, 0, __ATOMIC_RELAXED);
	wire_service();
	roster_tell(r);
	trace_room();
}

/* Its block has been open for long, somebody takes it, and what cannot wait has room without
 * what closing it wastes. */
static bool ring_is_old(const struct ring *r)
{
	uint64_t since = ring_open_since(r);

	return since && !r->flight && clock_from_ticks(local_time() - since) >= TRACE_OPEN_NS &&
	       ring_free(r) >= r->mark && wire_is_wanted() && !wire_is_away();
}

/* What the host asked of each CPU, and an old block. */
static void ring_tend(struct ring *r)
{
	bool freezing = __atomic_load_n(&r->frozen, __ATOMIC_ACQUIRE) == RING_FREEZING;
	bool old = ring_is_old(r);

	rules_apply();
	if (__atomic_load_n(&r->flush, __ATOMIC_RELAXED) || old) {
		__atomic_store_n(&r->flush, 0, __ATOMIC_RELAXED);
		ring_close(r);
		r->aged = old;
	}
	if (freezing)
		ring_freeze_end(r);
}

void trace_tick(void)
{
	/* What this CPU itself took from the wire is for it too: it may be about to rest. */
	do {
		ring_tend(trace_ring());
	} while (wire_service());
}

uint64_t trace_rest(void)
{
	struct ring *r = trace_ring();
	uint32_t records = ring_open_records(r);

	/* The rest of the interrupt in which the block before was closed would be all that
	 * the host lacks, for as long as the CPU rests. */
	if (records && records <= SENDING_RECORDS && r->aged && !r->flight) {
		r->aged = false;
		ring_close(r);
		trace_tick();
		records = ring_open_records(r);
	}
	if (r->flight || records <= SENDING_RECORDS)
		return UINT64_MAX;
	if (ring_free(r) >= r->mark)
		return TRACE_OPEN_NS;
	/* It cannot be closed before the host has taken others.  IRQ_CPU hears from the host, by
	 * a ping at the latest. */
	return r->cpu == IRQ_CPU ? UINT64_MAX : REST_MS * 1000000ull;
}

bool trace_listen(bool on)
{
	return wire_listen(on);
}

bool trace_quiet(void)
{
	return ring_quiet(trace_ring());
}
