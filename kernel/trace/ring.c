/* The ring's slow path (a block is full), and its consumer's side.
 *
 * Who writes a block header: the opener all but the fields of the closer, the
 * closer last_time and lost, the consumer emitted; the counter is everybody's,
 * by adding.  So an opener or closer that is interrupted half-way by others who
 * fill, close and open blocks finds nothing to overwrite when it goes on: its
 * block cannot be complete before it is done. */
#include "kernel/trace/ring.h"
#include "schemas/events.h"

_Static_assert(RING_EVENTS == EV_LIMIT, "counters an event");

static unsigned slot_index(const struct ring *r, uint64_t position)
{
	return (position & r->ring_mask) / (r->block_mask + 1);
}

static bool is_closed(const struct ring *r, uint64_t head)
{
	return (head & r->block_mask) == r->block_mask;
}

void ring_init(struct ring *r, unsigned cpu, uint64_t *attempts, struct ring_slot *slots,
	       unsigned char *memory, unsigned blocks, size_t block_bytes)
{
	r->cpu = cpu;
	r->attempts = attempts;
	r->slots = slots;
	r->memory = memory;
	r->block_mask = block_bytes - 1;
	r->block_start = ~r->block_mask;
	r->block_shift = (unsigned)__builtin_ctzll(block_bytes);
	r->ring_mask = blocks * block_bytes - 1;
	r->limit = block_bytes - 8;
	r->mark = blocks / 2;
	r->head = UINT64_MAX; /* block "-1" is closed: the first record opens block 0 */
	for (unsigned id = 0; id < RING_EVENTS; id++) {
		r->lost[LOSS_NOT_READY][id] = r->unwanted_since[id] = attempts[id];
		r->lost_total[LOSS_NOT_READY] += attempts[id];
	}
}

void ring_want(struct ring *r, unsigned id, bool wanted)
{
	uint64_t was;

	do
		was = local_load(&r->attempts[id]);
	while (!local_cmpxchg(&r->attempts[id], was,
			      wanted ? was | RING_WANTED : was & ~RING_WANTED));
	if (wanted && !(was & RING_WANTED))
		local_add(&r->filtered[id], was - r->unwanted_since[id]);
	else if (!wanted && was & RING_WANTED)
		r->unwanted_since[id] = was & ~RING_WANTED;
}

uint64_t ring_emitted(const struct ring *r, unsigned id, uint64_t *filtered)
{
	uint64_t attempts = local_load(&r->attempts[id]);

	*filtered = local_load(&r->filtered[id]);
	if (!(attempts & RING_WANTED))
		*filtered += attempts - r->unwanted_since[id];
	return attempts & ~RING_WANTED;
}

static void count_lost(struct ring *r, unsigned cause, unsigned id)
{
	local_add(&r->lost[cause][id], 1);
	local_add(&r->lost_total[cause], 1);
}

/* Close the block that head is in.  Does nothing if others moved head. */
static void block_close(struct ring *r, uint64_t head)
{
	uint64_t time = local_time();
	struct trace_block *b = ring_block(r, head);

	if (!local_cmpxchg(&r->head, head, head | r->block_mask))
		return;
	b->last_time = time;
	for (unsigned cause = 0; cause < TRACE_LOSS_CAUSES; cause++)
		b->lost[cause] = local_load(&r->lost_total[cause]);
	__atomic_store_n(&r->slots[slot_index(r, head)].closed, head & r->block_mask,
			 __ATOMIC_RELEASE);
	__atomic_store_n(&r->service, 1, __ATOMIC_RELAXED);
}

/* Committed bytes of the block at a position. */
static uint32_t committed(const struct ring *r, uint64_t position)
{
	return __atomic_load_n(ring_counter(ring_block(r, position)), __ATOMIC_ACQUIRE);
}

static bool is_complete(const struct ring *r, uint64_t position)
{
	uint32_t closed =
		__atomic_load_n(&r->slots[slot_index(r, position)].closed, __ATOMIC_ACQUIRE);

	return closed && committed(r, position) == closed;
}

static uint32_t block_mark(const struct ring *r, uint64_t position)
{
	return (uint32_t)(position >> r->block_shift) + 1;
}

/* The block at a position may be used again, as soon as all before it may.  Consumer
 * and producers may be here at once: who resets the mark of the oldest block moves
 * `released`, and looks again, since the other may have found the mark of the next
 * one only.  The mark is the block's number, lest one of a later round be taken. */
static void block_free(struct ring *r, uint64_t position)
{
	uint64_t at;
	uint32_t mark = block_mark(r, position);

	__atomic_store_n(ring_counter(ring_block(r, position)), 0, __ATOMIC_RELAXED);
	__atomic_store_n(&r->slots[slot_index(r, position)].closed, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&r->slots[slot_index(r, position)].released, mark, __ATOMIC_SEQ_CST);
	for (;;) {
		at = __atomic_load_n(&r->released, __ATOMIC_SEQ_CST);
		mark = block_mark(r, at);
		if (!__atomic_compare_exchange_n(&r->slots[slot_index(r, at)].released, &mark, 0,
						 false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			return;
		__atomic_store_n(&r->released, at + r->block_mask + 1, __ATOMIC_SEQ_CST);
	}
}

/* Take the block at a position, which was the oldest that nobody has. */
static bool block_claim(struct ring *r, uint64_t position)
{
	return __atomic_compare_exchange_n(&r->taken, &position, position + r->block_mask + 1,
					   false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* Count each record of a block that nobody will see. */
static void block_count(const struct trace_block *b, uint64_t *counts)
{
	const uint64_t *words = (const uint64_t *)(const void *)b;

	for (uint32_t i = sizeof(*b) / 8; i < b->bytes / 8; i += trace_word_size(words[i]))
		local_add(&counts[trace_word_id(words[i]) % RING_EVENTS], 1);
}

/* A flight recorder gives up its oldest block.  False: it may not, or is none. */
static bool block_overwrite(struct ring *r)
{
	uint64_t at = __atomic_load_n(&r->taken, __ATOMIC_RELAXED);
	struct trace_block *b = ring_block(r, at);

	if (!r->flight || __atomic_load_n(&r->frozen, __ATOMIC_RELAXED) ||
	    at != __atomic_load_n(&r->released, __ATOMIC_ACQUIRE) || !is_complete(r, at))
		return false;
	if (!block_claim(r, at))
		return true; /* others made room, or wanted it */
	block_count(b, r->lost[LOSS_OVERWRITTEN]);
	local_add(&r->lost_total[LOSS_OVERWRITTEN], b->records);
	block_free(r, at);
	return true;
}

/* Open the block after the closed one that head is in.  False: it is still in
 * use.  True also if others moved head, or room was made. */
static bool block_open(struct ring *r, uint64_t head)
{
	uint64_t start = head + 1, time = local_time();
	struct trace_block *b = ring_block(r, start);
	uint32_t tid = r->tid;

	if (start - __atomic_load_n(&r->released, __ATOMIC_ACQUIRE) > r->ring_mask)
		return block_overwrite(r);
	if (!local_cmpxchg(&r->head, head, start + sizeof(*b)))
		return true;
	__atomic_store_n(&r->end, start + r->limit, __ATOMIC_RELAXED);
	b->magic = TRACE_BLOCK_MAGIC;
	b->version = TRACE_VERSION;
	b->cpu = r->cpu;
	b->sequence = start / (r->block_mask + 1);
	b->first_time = time;
	b->tid = tid;
	b->unused = 0;
	local_add_release(ring_counter(b), sizeof(*b));
	while (r->flight && ring_free(r) < RING_FLIGHT_SPARE && block_overwrite(r))
		continue;
	return true;
}

/* Each turn of the loop either ends it, or moves head, or was overtaken by a
 * nested producer that moved it: they nest boundedly, so it ends. */
uint64_t *ring_reserve_slow(struct ring *r, unsigned id, unsigned words)
{
	for (;;) {
		uint64_t head = local_load(&r->head);

		if (is_closed(r, head)) {
			if (!block_open(r, head)) {
				count_lost(r, LOSS_RING_FULL, id);
				return NULL;
			}
		} else if ((head & r->block_mask) + words * 8 > r->limit) {
			block_close(r, head);
		} else {
			uint64_t time = local_time();

			if (local_cmpxchg(&r->head, head, head + words * 8))
				return ring_record(r, head, id, words, time);
		}
	}
}

static bool has_records(const struct ring *r, uint64_t head)
{
	return !is_closed(r, head) && (head & r->block_mask) > sizeof(struct trace_block);
}

void ring_close(struct ring *r)
{
	uint64_t head = local_load(&r->head);

	while (has_records(r, head)) {
		block_close(r, head);
		head = local_load(&r->head);
	}
}

uint64_t ring_open_since(const struct ring *r)
{
	uint64_t head = local_load(&r->head);

	return has_records(r, head) ? ring_block(r, head)->first_time : 0;
}

uint32_t ring_open_records(const struct ring *r)
{
	uint64_t head = local_load(&r->head);

	return has_records(r, head) ? local_load(ring_counter(ring_block(r, head))) >> 32 : 0;
}

void ring_freeze_end(struct ring *r)
{
	uint64_t head;

	ring_close(r);
	head = local_load(&r->head);
	r->frozen_end = is_closed(r, head) ? head + 1 : head & ~r->block_mask;
	__atomic_store_n(&r->frozen, RING_FROZEN, __ATOMIC_RELEASE);
}

bool ring_quiet(const struct ring *r)
{
	uint64_t head = local_load(&r->head), emitted = 0, filtered;
	uint64_t found = local_load(&r->stored) + local_load(&r->discarded_total);
	uint64_t end = is_closed(r, head) ? head + 1 : head;

	for (uint64_t at = local_load(&r->taken); at < end; at += r->block_mask + 1)
		found += local_load(ring_counter(ring_block(r, at))) >> 32;
	for (unsigned cause = 0; cause < TRACE_LOSS_CAUSES; cause++)
		found += local_load(&r->lost_total[cause]);
	for (unsigned id = 0; id < RING_EVENTS; id++) {
		emitted += ring_emitted(r, id, &filtered);
		found += filtered;
	}
	return emitted == found;
}

struct ring_slot *ring_slot_of(struct ring *r, const struct trace_block *b)
{
	return &r->slots[b->sequence & r->ring_mask >> r->block_shift];
}

bool ring_freeze(struct ring *r)
{
	uint8_t runs = RING_RUNS;

	return r->flight && __atomic_compare_exchange_n(&r->frozen, &runs, RING_FREEZING, false,
							__ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

bool ring_thaw(struct ring *r)
{
	if (__atomic_load_n(&r->frozen, __ATOMIC_ACQUIRE) != RING_FROZEN ||
	    local_load(&r->released) < r->frozen_end)
		return false;
	__atomic_store_n(&r->frozen, RING_RUNS, __ATOMIC_RELEASE);
	return true;
}

struct trace_block *ring_take(struct ring *r)
{
	uint64_t at = __atomic_load_n(&r->taken, __ATOMIC_RELAXED);
	struct trace_block *b = ring_block(r, at);

	/* With all blocks taken, this place still is the oldest of them. */
	if (at - __atomic_load_n(&r->released, __ATOMIC_ACQUIRE) > r->ring_mask ||
	    !is_complete(r, at) || !block_claim(r, at))
		return NULL;
	__atomic_store_n(&r->stored, r->stored + b->records, __ATOMIC_RELAXED);
	b->lost[LOSS_PORT_CLOSED] += r->discarded_total;
	b->lost[LOSS_OVERWRITTEN] = local_load(&r->lost_total[LOSS_OVERWRITTEN]);
	b->emitted = r->stored;
	for (unsigned cause = 0; cause < TRACE_LOSS_CAUSES; cause++)
		b->emitted += b->lost[cause];
	return b;
}

void ring_release(struct ring *r, struct trace_block *b)
{
	block_free(r, b->sequence << r->block_shift);
}

void ring_discard(struct ring *r, struct trace_block *b)
{
	block_count(b, r->discarded);
	__atomic_store_n(&r->stored, r->stored - b->records, __ATOMIC_RELAXED);
	__atomic_store_n(&r->discarded_total, r->discarded_total + b->records, __ATOMIC_RELAXED);
	ring_release(r, b);
}

unsigned ring_free(const struct ring *r)
{
	uint64_t head = local_load(&r->head);
	uint64_t next = (head | r->block_mask) + 1; /* block to be opened next */
	uint64_t used = next - __atomic_load_n(&r->released, __ATOMIC_ACQUIRE);

	return (r->ring_mask + 1 - used) / (r->block_mask + 1);
}

bool ring_empty(const struct ring *r)
{
	uint64_t head = local_load(&r->head);

	return !has_records(r, head) &&
	       local_load(&r->released) == (is_closed(r, head) ? head + 1 : head & ~r->block_mask);
}

bool ring_settled(const struct ring *r)
{
	return local_load(&r->released) == local_load(&r->taken) && !is_complete(r, r->taken);
}
