/* What is in a block and what is not.  Its counter says how many records and bytes were
 * committed.  Each reserved record has its header word, unless the CPU was stopped in the
 * two instructions before it is written; what lies there then is of an earlier round, so
 * its time stamp is older than the block.  A record is unfinished when what was nested in
 * it never came back: it is the last one, or the beginning of an interrupt follows. */
#include "tracer/salvage/recover.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"
#include "tracer/block.h"
#include "tracer/schema.h"

#define TIME_AHEAD_MAX (1ull << (TRACE_TIME_BITS - 1)) /* what lies further ahead lies behind */
#define NESTED_MAX     4u

struct found {
	uint32_t at, size;
	uint16_t id;
	bool dropped;
};

struct search {
	const uint8_t *raw;
	uint32_t end;
	struct trace_block head;
	struct found *list;
	uint32_t count, bytes;
	uint64_t last;
};

static bool record_at(const struct search *s, uint32_t at, struct found *out, uint64_t *time)
{
	uint64_t word;

	if (at + 8 > s->end)
		return false;
	memcpy(&word, s->raw + at, 8);
	*out = (struct found){ .at = at,
			       .size = trace_word_size(word) * 8,
			       .id = (uint16_t)trace_word_id(word) };
	*time = trace_word_time(word, s->head.first_time);
	return out->id != 0 && out->id < EV_LIMIT && event_info(out->id) && out->size != 0 &&
	       out->size <= s->end - at && event_fits(out->id, out->size / 8 - 1) &&
	       *time - s->head.first_time < TIME_AHEAD_MAX && *time >= s->last;
}

static bool all_found(const struct search *s)
{
	return s->count == s->head.records && s->bytes + sizeof(s->head) == s->head.bytes;
}

/* All records that look like ones. */
static void records_find(struct search *s, bool end_known)
{
	uint32_t at = sizeof(s->head);
	struct found f;
	uint64_t time;

	while (at + 8 <= s->end && (end_known || !all_found(s))) {
		if (!record_at(s, at, &f, &time)) {
			at += 8;
			continue;
		}
		s->list[s->count++] = f;
		s->bytes += f.size;
		s->last = time;
		at += f.size;
	}
}

/* Something began here that may have struck the record before. */
static bool strikes(unsigned id)
{
	return id == EV_interrupt || id == EV_nmi || id == EV_exception || id == EV_page_fault ||
	       id == EV_panic || id == EV_log;
}

static bool may_be_unfinished(const struct search *s, uint32_t i)
{
	return i + 1 == s->count || strikes(s->list[i + 1].id);
}

/* Mark `left` records of `bytes` in all as unfinished, the latest that fit. */
static bool unfinished_choose(struct search *s, uint32_t before, unsigned left, uint32_t bytes)
{
	if (left == 0)
		return bytes == 0;
	for (uint32_t i = before; i-- > 0;) {
		if (s->list[i].size > bytes || !may_be_unfinished(s, i))
			continue;
		s->list[i].dropped = true;
		if (unfinished_choose(s, i, left - 1, bytes - s->list[i].size))
			return true;
		s->list[i].dropped = false;
		if (left > 1 && before - i > 4096)
			break;
	}
	return false;
}

/* More were found than committed. */
static void unfinished_drop(struct search *s, struct recovery *out)
{
	const uint32_t extra = s->count - s->head.records;
	const uint32_t bytes = s->bytes + (uint32_t)sizeof(s->head) - s->head.bytes;
	unsigned like = 0;

	if (extra > NESTED_MAX || !unfinished_choose(s, s->count, extra, bytes)) {
		out->unsure = true;
		return;
	}
	for (uint32_t i = 0; i < s->count; i++)
		like += extra == 1 && s->list[i].size == bytes && may_be_unfinished(s, i);
	out->unsure = extra > 1 || like > 1;
}

static void records_copy(struct search *s, uint8_t *to, struct recovery *out)
{
	struct trace_block *head = &out->head;
	uint64_t word, time = head->first_time;

	head->bytes = sizeof(*head);
	head->records = 0;
	for (uint32_t i = 0; i < s->count; i++) {
		const struct found *f = &s->list[i];

		if (f->dropped)
			continue;
		memcpy(&word, s->raw + f->at, 8);
		time = trace_word_time(word, head->first_time);
		memcpy(to + head->bytes, s->raw + f->at, f->size);
		head->bytes += f->size;
		head->records++;
	}
	/* The last time is the closer's, who may not have come. */
	if (head->last_time < time || head->last_time - time > TIME_AHEAD_MAX)
		head->last_time = time;
}

bool block_recover(const uint8_t *raw, size_t capacity, uint32_t reserved, uint8_t *to,
		   struct recovery *out)
{
	struct search s = { .raw = raw };

	*out = (struct recovery){ 0 };
	if (capacity < sizeof(s.head) || capacity > TRACE_BLOCK_MAX)
		return false;
	memcpy(&s.head, raw, sizeof(s.head));
	if (s.head.magic != TRACE_BLOCK_MAGIC || s.head.version != TRACE_VERSION ||
	    s.head.cpu >= TRACE_CPUS_MAX || s.head.bytes < sizeof(s.head))
		return false;
	s.end = reserved >= sizeof(s.head) && reserved <= capacity ? reserved : (uint32_t)capacity;
	s.list = malloc((capacity / 8 + 1) * sizeof(*s.list));
	if (!s.list)
		return false;
	s.last = s.head.first_time;
	out->head = s.head;
	out->head.unused = 0;
	records_find(&s, s.end == reserved);
	if (s.count > s.head.records)
		unfinished_drop(&s, out);
	else
		out->missing = s.head.records - s.count;
	records_copy(&s, to, out);
	/* Given out, and not part of what was committed. */
	out->unfinished = s.count > s.head.records ? s.count - s.head.records : 0;
	if (s.end == reserved && s.bytes + sizeof(s.head) < reserved)
		out->unfinished++;
	memcpy(to, &out->head, sizeof(out->head));
	free(s.list);
	return true;
}
