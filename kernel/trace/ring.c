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

/* Attempts on CPUs without a ring; the next ring that is made takes them over. */
static uint64_t early_lost[RING_EVENTS];

static unsigned slot_index(const struct ring *r, uint64_t position)
{
	return (position & r->ring_mask) / (r->block_mask + 1);
}

static bool is_closed(const struct ring *r, uint64_t head)
{
	return (head & r->block_mask) == r->block_mask;
}

void ring_init(struct ring *r, unsigned cpu, void *memory, unsigned blocks, size_t block_bytes)
{
	r->memory = memory;
	r->cpu = cpu;
	r->block_mask = block_bytes - 1;
	r->ring_mask = blocks * block_bytes - 1;
	r->limit = block_bytes - 8;
	r->mark = blocks / 2;
	r->head = UINT64_MAX; /* block "-1" is closed: the first record opens block 0 */
	for (unsigned id = 0; id < RING_EVENTS; id++) {
		uint64_t n = __atomic_exchange_n(&early_lost[id], 0, __ATOMIC_RELAXED);

		r->emitted[id] = r->lost[LOSS_NOT_READY][id] = n;
		r->lost_total[LOSS_NOT_READY] += n;
	}
}

uint64_t *ring_reserve_none(unsigned id)
{
	__atomic_fetch_add(&early_lost[id], 1, __ATOMIC_RELAXED);
	return NULL;
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

/* Open the block after the closed one that head is in.  False: it is still in
 * use.  True also if others moved head. */
static bool block_open(struct ring *r, uint64_t head)
{
	uint64_t start = head + 1, time = local_time();
	struct trace_block *b = ring_block(r, start);
	uint32_t tid = r->tid;

	if (start - __atomic_load_n(&r->released, __ATOMIC_ACQUIRE) > r->ring_mask)
		return false;
	if (!local_cmpxchg(&r->head, head, start + sizeof(*b)))
		return true;
	b->magic = TRACE_BLOCK_MAGIC;
	b->version = TRACE_VERSION;
	b->cpu = r->cpu;
	b->sequence = start / (r->block_mask + 1);
	b->first_time = time;
	b->tid = tid;
	b->unused = 0;
	local_add_release(ring_counter(b), sizeof(*b));
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

bool ring_quiet(const struct ring *r)
{
	uint64_t head = local_load(&r->head), emitted = 0;
	uint64_t found = local_load(&r->stored) + local_load(&r->discarded_total);
	uint64_t end = is_closed(r, head) ? head + 1 : head;

	for (uint64_t at = local_load(&r->taken); at < end; at += r->block_mask + 1)
		found += local_load(ring_counter(ring_block(r, at))) >> 32;
	for (unsigned cause = 0; cause < TRACE_LOSS_CAUSES; cause++)
		found += local_load(&r->lost_total[cause]);
	for (unsigned id = 0; id < RING_EVENTS; id++)
		emitted += local_load(&r->emitted[id]);
	return emitted == found;
}

struct ring_slot *ring_slot_of(struct ring *r, const struct trace_block *b)
{
	return &r->slots[slot_index(r, (uint64_t)((const unsigned char *)b - r->memory))];
}

struct trace_block *ring_take(struct ring *r)
{
	uint64_t at = r->taken;
	struct trace_block *b = ring_block(r, at);

	/* With all blocks taken, this place still is the oldest of them. */
	if (at - r->released > r->ring_mask || !is_complete(r, at))
		return NULL;
	__atomic_store_n(&r->taken, at + r->block_mask + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&r->stored, r->stored + b->records, __ATOMIC_RELAXED);
	b->lost[LOSS_PORT_CLOSED] += r->discarded_total;
	b->emitted = r->stored;
	for (unsigned cause = 0; cause < TRACE_LOSS_CAUSES; cause++)
		b->emitted += b->lost[cause];
	return b;
}

void ring_release(struct ring *r, struct trace_block *b)
{
	struct ring_slot *slot = ring_slot_of(r, b);

	__atomic_store_n(ring_counter(b), 0, __ATOMIC_RELAXED);
	__atomic_store_n(&slot->closed, 0, __ATOMIC_RELAXED);
	slot->released = 1;
	while (r->released < r->taken && r->slots[slot_index(r, r->released)].released) {
		r->slots[slot_index(r, r->released)].released = 0;
		__atomic_store_n(&r->released, r->released + r->block_mask + 1, __ATOMIC_RELEASE);
	}
}

void ring_discard(struct ring *r, struct trace_block *b)
{
	const uint64_t *words = (const uint64_t *)(const void *)b;

	for (uint32_t i = sizeof(*b) / 8; i < b->bytes / 8; i += trace_word_size(words[i]))
		r->discarded[trace_word_id(words[i]) % RING_EVENTS]++;
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
	       r->released == (is_closed(r, head) ? head + 1 : head & ~r->block_mask);
}

bool ring_settled(const struct ring *r)
{
	return r->released == r->taken && !is_complete(r, r->taken);
}
