#include "tracer/block.h"

#include <string.h>

#include "schemas/events.h"

int block_check(const void *bytes, size_t count, struct trace_block *out, struct error *why)
{
	if (count < sizeof(*out))
		return error_set(why, 3, "block is cut short: %zu bytes", count);
	memcpy(out, bytes, sizeof(*out));
	if (out->magic != TRACE_BLOCK_MAGIC)
		return error_set(why, 3, "block has a wrong magic number");
	if (out->version != TRACE_VERSION)
		return error_set(why, 3, "block is of version %u, not %u", out->version,
				 TRACE_VERSION);
	if (out->cpu >= TRACE_CPUS_MAX)
		return error_set(why, 3, "block is of CPU %u", out->cpu);
	if (out->bytes < sizeof(*out) || out->bytes > count || out->bytes % 8 ||
	    out->bytes > TRACE_BLOCK_MAX)
		return error_set(why, 3, "block says it has %u bytes of %zu", out->bytes, count);
	if (out->last_time < out->first_time)
		return error_set(why, 3, "block ends before it begins");
	return 0;
}

bool block_adds_up(const void *bytes, const struct trace_block *header)
{
	const uint8_t *p = bytes;
	uint32_t at = sizeof(*header), records = 0;
	uint64_t word;

	for (; at < header->bytes; records++) {
		memcpy(&word, p + at, 8);
		if (trace_word_id(word) == 0 || trace_word_size(word) == 0)
			return false;
		at += trace_word_size(word) * 8;
	}
	return at == header->bytes && records == header->records;
}

void block_walk(struct block_cursor *c, const void *bytes, const struct trace_block *header)
{
	*c = (struct block_cursor){
		.bytes = bytes,
		.offset = sizeof(*header),
		.end = header->bytes,
		.first = header->first_time,
		.last = header->last_time,
		.time = header->first_time,
	};
}

bool block_next(struct block_cursor *c, struct record *out)
{
	uint64_t word;
	unsigned size;

	if (c->bad || c->offset + 8 > c->end)
		return false;
	memcpy(&word, c->bytes + c->offset, 8);
	if (trace_word_id(word) == 0)
		return false;
	size = trace_word_size(word);
	if (size == 0 || c->offset + size * 8 > c->end || trace_word_id(word) >= EV_LIMIT) {
		c->bad = true;
		return false;
	}
	out->id = trace_word_id(word);
	out->words = size - 1;
	out->offset = c->offset;
	out->payload = c->bytes + c->offset + 8;
	/* Records of a CPU are in order of time; a stamp outside the block's span
	 * would shuffle all that follow. */
	out->time = trace_word_time(word, c->first);
	if (out->time > c->last)
		out->time = c->last;
	if (out->time < c->time)
		out->time = c->time;
	c->time = out->time;
	c->offset += size * 8;
	return true;
}
