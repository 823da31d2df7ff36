/* A recording whose blocks hold any records at all: stored, decoded into tables,
 * read back.
 *
 * The input is a list of records (id, words, time step, payload) and of a few other
 * frames; the headers around them are right, as the receiver would insist. */
#include <stdlib.h>

#include "schemas/events.h"
#include "tests/fuzz/fuzz.h"
#include "tracer/block.h"
#include "tracer/store/store.h"

#define CPUS        3u
#define BLOCK_BYTES 4096u

struct recording {
	struct store *store;
	uint64_t time;
	struct trace_block head[CPUS];
	uint64_t bytes[CPUS][BLOCK_BYTES / 8];
};

static void block_begin(struct recording *r, unsigned cpu, uint32_t tid)
{
	struct trace_block *h = &r->head[cpu];

	h->magic = TRACE_BLOCK_MAGIC;
	h->version = TRACE_VERSION;
	h->cpu = (uint16_t)cpu;
	h->first_time = r->time;
	h->bytes = sizeof(*h);
	h->records = 0;
	h->tid = tid;
}

static void block_end(struct recording *r, unsigned cpu, uint32_t tid)
{
	struct trace_block *h = &r->head[cpu];
	struct trace_block checked;
	struct error why = { 0 };

	h->last_time = r->time;
	memcpy(r->bytes[cpu], h, sizeof(*h));
	if (block_check(r->bytes[cpu], h->bytes, &checked, &why) == 0 &&
	    block_adds_up(r->bytes[cpu], &checked))
		store_block(r->store, &checked, r->bytes[cpu], &why);
	h->sequence++;
	block_begin(r, cpu, tid);
}

/* One record from the input into the open block of its CPU. */
static void record_add(struct recording *r, struct fuzz_input *in)
{
	const uint64_t head = fuzz_number(in, 4);
	const unsigned id = (unsigned)head % (EV_LIMIT + 1);
	const unsigned cpu = (unsigned)(head >> 10) % CPUS;
	unsigned words = (unsigned)(head >> 12) & 0x3f;
	size_t count = words * 8;
	const uint8_t *payload;

	r->time += head >> 18;
	payload = fuzz_bytes(in, &count);
	words = (unsigned)(count / 8);
	if (r->head[cpu].bytes + 8 + words * 8 > BLOCK_BYTES)
		block_end(r, cpu, (uint32_t)head & 7);
	r->bytes[cpu][r->head[cpu].bytes / 8] = trace_word(id, words + 1, r->time);
	memcpy(&r->bytes[cpu][r->head[cpu].bytes / 8 + 1], payload, words * 8);
	r->head[cpu].bytes += 8 + words * 8;
	r->head[cpu].records++;
	r->head[cpu].emitted++;
}

static void frame_add(struct recording *r, struct fuzz_input *in, unsigned kind)
{
	struct error why = { 0 };
	struct trace_stats stats = { 0 };
	struct trace_clock pair = { fuzz_number(in, 8), fuzz_number(in, 8) };
	struct trace_bye bye = { (uint32_t)pair.host_ns, (uint32_t)pair.tsc };

	if (kind == 0) {
		stats.cpu = (uint32_t)pair.tsc % CPUS;
		stats.events = EV_LIMIT;
		stats.emitted[pair.tsc % 256] = fuzz_number(in, 8);
		stats.lost[0][pair.tsc % 256] = fuzz_number(in, 8);
		store_stats(r->store, &stats, &why);
	} else if (kind == 1) {
		store_clock(r->store, &pair, fuzz_number(in, 8), &why);
	} else if (kind == 2) {
		store_bye(r->store, &bye, &why);
	} else {
		block_end(r, kind % CPUS, (uint32_t)pair.tsc & 0xff);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct recording r;
	struct fuzz_input in = { bytes, size };
	struct error why = { 0 };
	const struct trace_hello hello = { .schema = RINGSCOPE_SCHEMA_HASH,
					   .tsc_hz = 1000000 + fuzz_number(&in, 4),
					   .boot_tsc = fuzz_number(&in, 2),
					   .cpus = CPUS,
					   .block_bytes = BLOCK_BYTES,
					   .blocks_per_cpu = 4 };

	memset(&r, 0, sizeof(r));
	r.time = hello.boot_tsc;
	fuzz_path_clear();
	if (store_create(&r.store, fuzz_path(), true, &why) || store_hello(r.store, &hello, &why))
		abort(); /* nothing of the input is in it yet */
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		block_begin(&r, cpu, 0);
	while (in.left) {
		const unsigned kind = (unsigned)fuzz_number(&in, 1);

		if (kind < 8)
			frame_add(&r, &in, kind);
		else
			record_add(&r, &in);
	}
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		block_end(&r, cpu, 0);
	store_close(r.store, &why);
	fuzz_read_trace(fuzz_path());
	fuzz_path_clear();
	return 0;
}
