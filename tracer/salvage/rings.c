#include "tracer/salvage/rings.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"
#include "tracer/block.h"

#define WANTED (1ull << 63) /* RING_WANTED of kernel/trace/ring.h */

/* A ring as its memory has it. */
struct ring {
	uint64_t base, head, block_mask, ring_mask, slots, released, taken, slot_size;
	uint64_t stored; /* records in blocks up to the one looked at */
	uint64_t lost[TRACE_LOSS_CAUSES], discarded;
};

struct salvage {
	const struct guest *g;
	const struct rings_taker *taker;
	struct rings_outcome *out;
	struct error *why;
	uint8_t *raw, *whole;
	size_t room;
};

static bool is_mask(uint64_t mask, uint64_t least, uint64_t most)
{
	return (mask & (mask + 1)) == 0 && mask + 1 >= least && mask + 1 <= most;
}

/* The places of what is read below fit. */
static bool fields_fit(const struct guest *g)
{
	const struct salvage_field *f = g->page.field;

	return f[SALVAGE_size_ring_slot].size >= 8 && f[SALVAGE_size_ring_slot].size <= 4096 &&
	       f[SALVAGE_ring_slot_block].offset < 4096 &&
	       f[SALVAGE_ring_slot_closed].offset < 4096;
}

static bool ring_read(const struct guest *g, unsigned cpu, struct ring *r)
{
	*r = (struct ring){ .base = guest_member(g, g->cpu[cpu], SALVAGE_cpu_ring) };
	r->head = guest_member(g, r->base, SALVAGE_ring_head);
	r->block_mask = guest_member(g, r->base, SALVAGE_ring_block_mask);
	r->ring_mask = guest_member(g, r->base, SALVAGE_ring_ring_mask);
	r->slots = guest_member(g, r->base, SALVAGE_ring_slots);
	r->released = guest_member(g, r->base, SALVAGE_ring_released);
	r->taken = guest_member(g, r->base, SALVAGE_ring_taken);
	r->slot_size = g->page.field[SALVAGE_size_ring_slot].size;
	r->stored = guest_member(g, r->base, SALVAGE_ring_stored);
	r->discarded = guest_member(g, r->base, SALVAGE_ring_discarded_total);
	guest_bytes(g, r->base, SALVAGE_ring_lost_total, r->lost, sizeof(r->lost));
	return fields_fit(g) && r->base && r->slots &&
	       is_mask(r->block_mask, sizeof(struct trace_block), TRACE_BLOCK_MAX) &&
	       is_mask(r->ring_mask, r->block_mask + 1, 1ull << 32) &&
	       r->ring_mask < ram_top(g->memory) &&
	       (r->head == UINT64_MAX ||
		(r->released <= r->taken && r->taken <= (r->head | r->block_mask) + 1 &&
		 (r->head | r->block_mask) + 1 - r->released <= r->ring_mask + 1)) &&
	       ((r->released | r->taken) & r->block_mask) == 0;
}

static bool room_make(struct salvage *s, size_t size)
{
	if (size <= s->room)
		return true;
	free(s->raw);
	free(s->whole);
	s->raw = malloc(size);
	s->whole = malloc(size);
	s->room = s->raw && s->whole ? size : 0;
	return s->room != 0;
}

/* What the closer and the consumer would have written into a header. */
static void totals_fill(struct trace_block *head, struct ring *ring, bool closed, bool taken)
{
	if (taken)
		return;
	if (!closed)
		memcpy(head->lost, ring->lost, sizeof(head->lost));
	head->lost[LOSS_PORT_CLOSED] += ring->discarded;
	head->lost[LOSS_OVERWRITTEN] = ring->lost[LOSS_OVERWRITTEN];
	ring->stored += head->records;
	head->emitted = ring->stored;
	for (unsigned cause = 0; cause < TRACE_LOSS_CAUSES; cause++)
		head->emitted += head->lost[cause];
}

/* Give a block away, unless it is here already. */
static int block_give(struct salvage *s, struct recovery *r)
{
	int status;

	if (s->taker->have(s->taker->cookie, r->head.cpu, r->head.sequence))
		return 0;
	s->out->unfinished += r->unfinished;
	s->out->missing += r->missing;
	s->out->unsure |= r->unsure;
	if (!r->head.records)
		return 0;
	memcpy(s->whole, &r->head, sizeof(r->head));
	status = s->taker->take(s->taker->cookie, r, s->whole);
	s->out->blocks += !status;
	s->out->records += status ? 0 : r->head.records;
	return status;
}
/* The block at a position of a ring.  *sound: it is one, or is free. */
static int position_take(struct salvage *s, struct ring *r, unsigned cpu, uint64_t at, bool *sound)
{
	const uint64_t size = r->block_mask + 1;
	const uint64_t slot = r->slots + (at & r->ring_mask) / size * r->slot_size;
	const uint64_t block = guest_member(s->g, slot, SALVAGE_ring_slot_block);
	uint32_t reserved = (uint32_t)guest_member(s->g, slot, SALVAGE_ring_slot_closed);
	const bool closed = reserved != 0;
	struct trace_block head;
	struct recovery whole;

	*sound = block && guest_read(s->g, block, &head, sizeof(head));
	if (!*sound || (head.bytes == 0 && head.records == 0))
		return 0; /* was sent and given back, before an older one */
	if (!reserved && at == (r->head & ~r->block_mask) &&
	    (r->head & r->block_mask) != r->block_mask)
		reserved = (uint32_t)(r->head & r->block_mask);
	*sound = guest_read(s->g, block, s->raw, size) &&
		 block_recover(s->raw, size, reserved, s->whole, &whole) && whole.head.cpu == cpu &&
		 whole.head.sequence == at / size;
	if (!*sound)
		return 0;
	totals_fill(&whole.head, r, closed, at < r->taken);
	return block_give(s, &whole);
}

/* False in *sound: something of it is not what it should be. */
static int ring_take(struct salvage *s, unsigned cpu, bool *sound)
{
	struct ring r;
	int status = 0;
	bool good;

	if (!s->g->cpu[cpu] || !guest_member(s->g, s->g->cpu[cpu], SALVAGE_cpu_ring)) {
		*sound = s->g->cpu[cpu] == 0; /* a CPU that never came up has none */
		return 0;
	}
	*sound = ring_read(s->g, cpu, &r);
	if (!*sound || r.head == UINT64_MAX)
		return 0;
	if (!room_make(s, r.block_mask + 1))
		return error_set(s->why, 2, "cannot salvage the rings: out of memory");
	for (uint64_t at = r.released; at <= r.head && !status; at += r.block_mask + 1) {
		status = position_take(s, &r, cpu, at, &good);
		*sound = *sound && good;
	}
	return status;
}

/* A ring that cannot be believed: whatever in memory looks like a block. */
static int memory_take(struct salvage *s)
{
	const uint64_t size = s->g->page.hello.block_bytes;
	uint64_t phys = 0, end;
	struct recovery whole;
	uint32_t magic;
	int status = 0;

	if (!is_mask(size - 1, 4096, TRACE_BLOCK_MAX))
		return 0;
	if (!room_make(s, size))
		return error_set(s->why, 2, "cannot salvage the rings: out of memory");
	for (; !status && ram_next(s->g->memory, &phys, &end); phys = end) {
		for (uint64_t at = phys & ~(size - 1); at < end && !status; at += size) {
			if (ram_read(s->g->memory, at, &magic, sizeof(magic)) != sizeof(magic) ||
			    magic != TRACE_BLOCK_MAGIC)
				continue;
			memset(s->raw, 0, size);
			ram_read(s->g->memory, at, s->raw, size);
			if (!block_recover(s->raw, size, 0, s->whole, &whole))
				continue;
			memset(whole.head.lost, 0, sizeof(whole.head.lost));
			whole.head.emitted = whole.head.records;
			status = block_give(s, &whole);
		}
	}
	return status;
}

int rings_salvage(const struct guest *g, const struct rings_taker *taker, struct rings_outcome *out,
		  struct error *why)
{
	struct salvage s = { .g = g, .taker = taker, .out = out, .why = why };
	int status = 0;
	bool sound;

	*out = (struct rings_outcome){ 0 };
	for (unsigned cpu = 0; cpu < g->cpus && !status; cpu++) {
		status = ring_take(&s, cpu, &sound);
		out->broken += !sound;
	}
	if (!status && out->broken)
		status = memory_take(&s);
	free(s.raw);
	free(s.whole);
	return status;
}

bool rings_stats(const struct guest *g, unsigned cpu, struct trace_stats *out)
{
	uint64_t attempts[EV_LIMIT], since[EV_LIMIT], discarded[EV_LIMIT];
	const uint64_t base = g->cpu[cpu];
	struct ring r;

	if (!ring_read(g, cpu, &r) ||
	    !guest_bytes(g, base, SALVAGE_cpu_trace_attempts, attempts, sizeof(attempts)) ||
	    !guest_bytes(g, r.base, SALVAGE_ring_unwanted_since, since, sizeof(since)) ||
	    !guest_bytes(g, r.base, SALVAGE_ring_filtered, out->filtered, sizeof(out->filtered)) ||
	    !guest_bytes(g, r.base, SALVAGE_ring_lost, out->lost, sizeof(out->lost)) ||
	    !guest_bytes(g, r.base, SALVAGE_ring_discarded, discarded, sizeof(discarded)))
		return false;
	out->cpu = cpu;
	out->events = EV_LIMIT;
	out->user_ticks = guest_member(g, base, SALVAGE_cpu_user_ticks);
	out->kernel_ticks = guest_member(g, base, SALVAGE_cpu_kernel_ticks);
	out->idle_ticks = guest_member(g, base, SALVAGE_cpu_idle_ticks);
	out->wait_ticks = guest_member(g, base, SALVAGE_cpu_wait_ticks);
	out->blocks = r.taken / (r.block_mask + 1);
	for (unsigned id = 0; id < EV_LIMIT; id++) {
		out->emitted[id] = attempts[id] & ~WANTED;
		if (!(attempts[id] & WANTED))
			out->filtered[id] += attempts[id] - since[id];
		out->lost[LOSS_PORT_CLOSED][id] += discarded[id];
	}
	return true;
}
