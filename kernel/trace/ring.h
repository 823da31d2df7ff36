/* The ring of one CPU: blocks that are filled with records by whatever runs on
 * the CPU (threads, interrupts, NMIs nested in each other), closed, and handed
 * to the wire in order.
 *
 * Positions count bytes from the beginning of time: position / block size is the
 * block's sequence number, the rest the offset in it.  `head` is where the next
 * record goes; an offset of all ones says that this block is closed and the next
 * one is not open yet.
 *
 * Reserve moves head by a non-LOCK compare-exchange, with the time stamp read
 * inside the retry loop, so that records are in the order of time.  Commit adds
 * bytes and one record to the counter of the block, which is the pair of fields
 * bytes and records of its header.  The header is reserved and committed like a
 * record.  A block is complete when it is closed and the committed bytes are what
 * the closer found reserved; only then the consumer takes it, and only when the
 * consumer released it may it be opened again.  Nothing here waits for anything,
 * so an interrupt may come at any instruction.  Model: tests/model/ring.pml.
 *
 * This file knows nothing of the kernel but arch/x86_64/local.h, so that host
 * tests run it as it is. */
#ifndef KERNEL_TRACE_RING_H
#define KERNEL_TRACE_RING_H

#include "kernel/arch/x86_64/local.h"
#include "kernel/lib/types.h"
#include "schemas/trace.h"

#define RING_EVENTS     256 /* EV_LIMIT */
#define RING_BLOCKS_MIN 4
#define RING_BLOCKS_MAX 64

/* What is known of a block outside of its memory.  [p] closer  [c] consumer */
struct ring_slot {
	struct trace_frame frame; /* [c] for the wire, lives as long as the block is sent */
	uint32_t closed;          /* [p][c] bytes reserved in the closed block; 0: not closed */
	uint32_t released;        /* [c] done with, but an older block is not */
};

/* Locks: [I] set by ring_init    [p] producers of the CPU, by local operations
 *        [c] the consumer, one at a time (the wire's lock) */
struct ring {
	uint64_t head;         /* [p] */
	uint64_t block_mask;   /* [I] block size - 1 */
	uint64_t limit;        /* [I] a record ends here at the latest: head never gets to 0 */
	uint64_t ring_mask;    /* [I] size of all blocks - 1 */
	unsigned char *memory; /* [I] blocks, aligned to their size */
	uint8_t service;       /* [p] see ring_wants_service */
	uint8_t flush;         /* set by the consumer, cleared by the CPU: close the open block */
	uint16_t cpu;          /* [I] */
	uint32_t tid;          /* thread that runs: ring_set_thread */
	uint32_t mark;         /* [I] blocks kept free for what cannot wait */

	uint64_t released;        /* [c] position: blocks before it may be used again */
	uint64_t taken;           /* [c] position: blocks before it were handed out */
	uint64_t stored;          /* [c] records in blocks handed out, discarded ones apart */
	uint64_t discarded_total; /* [c] */

	uint64_t lost_total[TRACE_LOSS_CAUSES];        /* [p] */
	uint64_t emitted[RING_EVENTS];                 /* [p] attempts */
	uint64_t lost[TRACE_LOSS_CAUSES][RING_EVENTS]; /* [p] */
	uint64_t discarded[RING_EVENTS];               /* [c] taken, but never sent */

	struct ring_slot slots[RING_BLOCKS_MAX];
};

/* blocks of block_bytes (both powers of two; at least 4 of 4096) at memory, which
 * is aligned to block_bytes and zeroed, as *r is. */
void ring_init(struct ring *r, unsigned cpu, void *memory, unsigned blocks, size_t block_bytes);

/* --- Producers: on the ring's own CPU --------------------------------------- */

/* The rest of ring_reserve, out of line. */
uint64_t *ring_reserve_slow(struct ring *r, unsigned id, unsigned words);
uint64_t *ring_reserve_none(unsigned id);

static inline struct trace_block *ring_block(const struct ring *r, uint64_t position)
{
	return (struct trace_block *)(r->memory + (position & r->ring_mask & ~r->block_mask));
}

/* bytes and records of a block as one number: records << 32 | bytes. */
static inline uint64_t *ring_counter(struct trace_block *b)
{
	_Static_assert(offsetof(struct trace_block, bytes) % 8 == 0 &&
			       offsetof(struct trace_block, records) ==
				       offsetof(struct trace_block, bytes) + 4,
		       "bytes and records are one aligned 64-bit number");
	return (uint64_t *)(void *)&b->bytes;
}

/* Write the header of the record reserved at a position; its payload. */
static inline uint64_t *ring_record(struct ring *r, uint64_t position, unsigned id, unsigned words,
				    uint64_t time)
{
	uint64_t *record = (uint64_t *)(void *)(r->memory + (position & r->ring_mask));

	*record = trace_word(id, words, time);
	return record + 1;
}

/* Room for a record of words 8-byte words (header included); the header is
 * written, the address of its payload returned.  NULL: the record is lost and
 * counted.  ring NULL: lost, counted as NOT_READY.  Every non-NULL reserve is
 * followed by its commit on the same CPU. */
static inline uint64_t *ring_reserve(struct ring *r, unsigned id, unsigned words)
{
	uint64_t at, time;

	if (unlikely(!r))
		return ring_reserve_none(id);
	local_add(&r->emitted[id], 1);
	do {
		at = local_load(&r->head);
		if (unlikely((at & r->block_mask) + words * 8 > r->limit))
			return ring_reserve_slow(r, id, words);
		time = local_time();
	} while (unlikely(!local_cmpxchg(&r->head, at, at + words * 8)));
	return ring_record(r, at, id, words, time);
}

static inline void ring_commit(struct ring *r, uint64_t *payload, unsigned words)
{
	uint64_t block = (uint64_t)payload & ~r->block_mask;

	local_add_release(ring_counter((struct trace_block *)block), 1ull << 32 | words * 8);
}

/* There is a closed block to send, room is short, or the host asked something. */
static inline bool ring_wants_service(const struct ring *r)
{
	return r && __atomic_load_n(&r->service, __ATOMIC_RELAXED);
}

/* Thread tid runs from now on.  Interrupts off, right after the context_switch
 * record, so that a block opened later names the right one.  r may be NULL. */
static inline void ring_set_thread(struct ring *r, uint32_t tid)
{
	if (r)
		r->tid = tid;
}

/* Close the open block if there are records in it.  On the ring's CPU, or when
 * that CPU has stopped. */
void ring_close(struct ring *r);
/* When the open block was opened, if there are records in it; else 0. */
uint64_t ring_open_since(const struct ring *r);
/* Records in the open block. */
uint32_t ring_open_records(const struct ring *r);
/* Each attempt ended: stored and committed, or counted as lost.  On the ring's own
 * CPU, in an interrupt, it says whether code that was interrupted is amidst one;
 * false also while the consumer is at work. */
bool ring_quiet(const struct ring *r);

/* --- Consumer: any CPU, one at a time ---------------------------------------- */

/* The next complete block in order, with a finished header; NULL: none yet.  It
 * is the caller's until ring_release. */
struct trace_block *ring_take(struct ring *r);
void ring_release(struct ring *r, struct trace_block *b);
/* Release a taken block that nobody will see: its records count as lost because
 * the port is closed. */
void ring_discard(struct ring *r, struct trace_block *b);
struct ring_slot *ring_slot_of(struct ring *r, const struct trace_block *b);
/* Blocks that can be opened besides the open one. */
unsigned ring_free(const struct ring *r);
/* All that was reserved is taken and released. */
bool ring_empty(const struct ring *r);
/* All that is complete is taken and released. */
bool ring_settled(const struct ring *r);

#endif
