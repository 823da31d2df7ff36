#include "kernel/trace/trace.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/assert.h"
#include "kernel/debug/log.h"
#include "kernel/trace/wire.h"

#define RING_BYTES_MAX (4096u << 10) /* what the page allocator gives in one piece */
#define DATA_KEPT      256

uint8_t trace_enabled[EV_LIMIT];
unsigned trace_mode = MODE_LOSSLESS;
void (*trace_stop_hook)(void);

static unsigned ring_blocks = 16;
static size_t ring_block_bytes = 64 << 10;

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
	else if (!option_is(option, "lossless"))
		panic("mode= is none of lossless, drop, off");
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
	    kib > RING_BYTES_MAX >> 10 || (blocks * kib) << 10 > RING_BYTES_MAX)
		panic("ring= is not BLOCKSxKIB: powers of two, at least 4x4, at most 4096 KiB");
	ring_blocks = blocks;
	ring_block_bytes = kib << 10;
}

/* --- Start ---------------------------------------------------------------------- */

static unsigned order_of(size_t bytes)
{
	unsigned order = 0;

	while (PAGE_SIZE << order < bytes)
		order++;
	return order;
}

void trace_cpu_init(struct cpu *c)
{
	struct ring *r = trace_memory_alloc(order_of(sizeof(*r)));
	void *memory = trace_memory_alloc(order_of(ring_blocks * ring_block_bytes));

	if (!r || !memory)
		panic("no memory for the trace ring of CPU %u", c->id);
	ring_init(r, c->id, memory, ring_blocks, ring_block_bytes);
	c->ring = r;
}

static void log_to_trace(enum log_level level, const char *text, size_t length)
{
	TRACE_TAIL(log, text, length, .level = level, .length = length);
}

void trace_init(const char *command_line)
{
	const char *mode = option_find(command_line, "mode=");
	const char *ring = option_find(command_line, "ring=");

	if (mode)
		mode_parse(mode);
	if (ring)
		ring_parse(ring);
	if (trace_mode == MODE_OFF) { /* what never gets a record need not be large */
		ring_blocks = RING_BLOCKS_MIN;
		ring_block_bytes = PAGE_SIZE;
	}
	wire_init(ring_blocks, ring_block_bytes);
	trace_cpu_init(this_cpu());
	if (trace_mode == MODE_OFF)
		return;
#define EVENT(id, name, label) trace_enabled[id] = 1;
#include "schemas/events.def"
	log_sink_trace = log_to_trace;
}

/* --- Records with a tail ---------------------------------------------------------- */

void trace_tail(unsigned id, const void *fixed, size_t fixed_bytes, const void *tail,
		size_t tail_bytes)
{
	struct ring *r = this_cpu()->ring;
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

void trace_data(unsigned arg, unsigned what, const void *bytes, size_t total)
{
	size_t kept = MIN(total, DATA_KEPT);

	TRACE_TAIL(syscall_data, bytes, kept, .arg = arg, .what = what, .length = kept,
		   .total = MIN(total, UINT32_MAX));
}

/* --- Service ----------------------------------------------------------------------- */

/* Wait while the ring is short of blocks and the host may still take some. */
static void wait_for_room(struct ring *r)
{
	uint64_t start = local_time();

	while (ring_free(r) < r->mark && wire_is_wanted()) {
		cpu_pause();
		wire_service();
	}
	start = local_time() - start;
	this_cpu()->wait_ticks += start;
	TRACE(trace_wait, .ticks = start);
}

void trace_gate_slow(void)
{
	struct ring *r = this_cpu()->ring;

	/* Cleared first: what comes up meanwhile sets it again. */
	__atomic_store_n(&r->service, 0, __ATOMIC_RELAXED);
	wire_service();
	if (trace_mode == MODE_LOSSLESS && ring_free(r) < r->mark && wire_is_wanted())
		wait_for_room(r);
}

void trace_tick(void)
{
	struct ring *r = this_cpu()->ring;
	uint64_t since = ring_open_since(r);

	if (__atomic_load_n(&r->flush, __ATOMIC_RELAXED) ||
	    (since && clock_from_ticks(local_time() - since) >= TRACE_OPEN_NS)) {
		__atomic_store_n(&r->flush, 0, __ATOMIC_RELAXED);
		ring_close(r);
	}
	wire_service();
}

bool trace_open(void)
{
	return ring_open_records(this_cpu()->ring) > 1;
}

bool trace_listen(bool on)
{
	return wire_listen(on);
}

bool trace_quiet(void)
{
	return ring_quiet(this_cpu()->ring);
}
