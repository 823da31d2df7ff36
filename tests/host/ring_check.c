#include "tests/host/ring_check.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"

uint64_t local_time_stopped; /* clock.c's, which is not here */

struct ring *ring_check_make(unsigned blocks, size_t block_bytes)
{
	struct ring *r = calloc(1, sizeof(*r));
	struct ring_slot *slots = calloc(blocks, sizeof(*slots));
	uint64_t *attempts = calloc(RING_EVENTS, sizeof(*attempts));
	unsigned char *memory = aligned_alloc(block_bytes, blocks * block_bytes);

	if (!r || !slots || !attempts || !memory) {
		free(r);
		free(slots);
		free(attempts);
		free(memory);
		return NULL;
	}
	memset(memory, 0, blocks * block_bytes);
	ring_init(r, 3, attempts, slots, memory, blocks, block_bytes);
	for (unsigned id = 1; id < RING_EVENTS; id++)
		ring_want(r, id, true);
	return r;
}

void ring_check_free(struct ring *r)
{
	free(r->memory);
	free(r->slots);
	free(r->attempts);
	free(r);
}

static uint64_t word_of(unsigned id, uint64_t serial, unsigned index)
{
	return (serial + index) * 0x9e3779b97f4a7c15ull ^ id;
}

bool ring_check_emit_nested(struct ring *r, unsigned id, uint64_t serial, unsigned words,
			    void (*nested)(void))
{
	uint64_t *to = ring_attempt(r, id) ? ring_reserve(r, id, words) : NULL;

	if (!to)
		return false;
	to[0] = serial;
	if (nested)
		nested();
	for (unsigned i = 1; i < words - 1; i++)
		to[i] = word_of(id, serial, i);
	ring_commit(r, to, words);
	return true;
}

bool ring_check_emit(struct ring *r, unsigned id, uint64_t serial, unsigned words)
{
	return ring_check_emit_nested(r, id, serial, words, NULL);
}

static void fail(struct ring_check *c, const char *what)
{
	if (!c->error)
		c->error = what;
}

static void check_record(struct ring_check *c, const struct trace_block *b, const uint64_t *record,
			 unsigned words)
{
	unsigned id = trace_word_id(*record);
	uint64_t time = trace_word_time(*record, b->first_time);
	uint64_t serial = record[1];

	if (id == 0 || id >= RING_EVENTS) {
		fail(c, "event id out of range");
		return;
	}
	if (time < c->last_time || time < b->first_time || time > b->last_time)
		fail(c, "records are not in the order of time");
	c->last_time = time;
	if (serial < c->next[id])
		fail(c, "a record came twice or out of order");
	c->next[id] = serial + 1;
	for (unsigned i = 1; i < words - 1; i++) {
		if (record[1 + i] != word_of(id, serial, i))
			fail(c, "torn record");
	}
	c->stored[id]++;
}

void ring_check_block(struct ring_check *c, const struct trace_block *b)
{
	const uint64_t *words = (const uint64_t *)(const void *)b;
	uint64_t sum = 0;
	uint32_t at = sizeof(*b) / 8, records = 0;

	if (b->magic != TRACE_BLOCK_MAGIC || b->version != TRACE_VERSION || b->cpu != c->ring->cpu)
		fail(c, "block header");
	if (b->sequence < c->blocks || (b->sequence > c->blocks && !c->ring->flight))
		fail(c, "sequence has a gap");
	c->blocks = b->sequence + 1;
	if (b->first_time > b->last_time || b->first_time < c->last_time)
		fail(c, "block times");
	if (b->bytes > c->ring->block_mask + 1 || b->bytes % 8) {
		fail(c, "block size");
		return;
	}
	while (at < b->bytes / 8) {
		unsigned size = trace_word_size(words[at]);

		if (size < 2 || size > b->bytes / 8 - at) {
			fail(c, "record size");
			return;
		}
		check_record(c, b, words + at, size);
		records++;
		at += size;
	}
	c->records += records;
	if (records != b->records)
		fail(c, "record count of the block");
	for (unsigned cause = 0; cause < TRACE_LOSS_CAUSES; cause++)
		sum += b->lost[cause];
	if (b->emitted != c->records + sum)
		fail(c, "emitted = stored + lost in the block header");
}

void ring_check_end(struct ring_check *c)
{
	for (unsigned id = 0; id < RING_EVENTS; id++) {
		uint64_t lost = c->ring->discarded[id], filtered;
		uint64_t emitted = ring_emitted(c->ring, id, &filtered);

		for (unsigned cause = 0; cause < TRACE_LOSS_CAUSES; cause++)
			lost += c->ring->lost[cause][id];
		if (emitted != c->stored[id] + lost + filtered)
			fail(c, "emitted = stored + lost + filtered for each event");
	}
}
