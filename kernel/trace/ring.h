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
 * inside the retry loop, so that records are in the order of time.  It looks at `end`
 * first, which who opened a block sets when head is there already: it may lag behind
 * (then the slow path looks closely) but is never ahead of head's block.  Commit adds
 * bytes and one record to the counter of the block, which is the pair of fields
 * bytes and records of its header.  The header is reserved and committed like a
 * record.  A block is complete when it is closed and the committed bytes are what
 * the closer found reserved; only then the consumer takes it, and only when the
 * consumer released it may it be opened again.  Nothing here waits for anything,
 * so an interrupt may come at any instruction.  Model: tests/model/ring.pml.
 *
 * A flight recorder's producers release the oldest complete block themselves when
 * room is short, having counted its records as overwritten.  Who moves `taken` past
 * a block has it: a block that the consumer has taken is never overwritten, one
 * that is not complete neither, and a frozen ring overwrites nothing.
 *
 * Attempts are counted outside, in an array of the CPU whose counters carry in
 * their sign whether the event is wanted: one add both counts and asks.
 *
 * This file knows nothing of the kernel but arch/x86_64/local.h, so that host
 * tests run it as it is. */
#ifndef KERNEL_TRACE_RING_H
#define KERNEL_TRACE_RING_H

#include "kernel/arch/x86_64/local.h"
#include "kernel/lib/types.h"
#include "schemas/trace.h"

#define RING_EVENTS       256 /* EV_LIMIT */
#define RING_BLOCKS_MIN   2
#define RING_BLOCKS_MAX   16384
#define RING_FLIGHT_SPARE 2 /* blocks that a flight recorder keeps free for nested producers */

#define RING_WANTED (1ull << 63) /* in a counter of attempts */

/* A frozen ring: the open block is not closed yet; it is, and what came before is
 * for the consumer. */
enum ring_frozen { RING_RUNS, RING_FREEZING, RING_FROZEN };

/* What is known of a block outside of its memory.  [p] closer  [c] consumer */
struct ring_slot {
	struct trace_frame frame; /* [c] for the wire, lives as long as the block is sent */
	uint32_t closed;          /* [p][c] bytes reserved in the closed block; 0: not closed */
	uint32_t released;        /* [a] number + 1 of a block done with, while an older is not */
	unsigned char *block;     /* [I] its memory as devices reach it, for the wire */
};

/* Locks: [I] set by ring_init    [p] producers of the CPU, by local operations
 *        [c] the consumer, one at a time (the wire's lock)    [a] atomic, LOCKed */
struct ring {
	uint64_t head;           /* [p] */
	uint64_t end;            /* [p] position: where room is known to end */
	uint64_t block_mask;     /* [I] block size - 1 */
	uint64_t limit;          /* [I] a record ends here at the latest: head never gets to 0 */
	uint64_t ring_mask;      /* [I] size of all blocks - 1 */
	uint64_t block_start;    /* [I] ~block_mask: of an address in a block, its beginning */
	unsigned char *memory;   /* [I] of all blocks, one behind the other */
	struct ring_slot *slots; /* [I] one a block */
	uint32_t block_shift;    /* [I] log2 of the block size */
	uint8_t service;         /* [p] see ring_wants_service */
	uint8_t flush;           /* set by the consumer, cleared by the CPU: close the open block */
	uint16_t cpu;            /* [I] */
	uint32_t tid;            /* thread that runs: ring_set_thread */
	uint32_t mark;           /* [I] blocks kept free for what cannot wait */
	bool flight;             /* [I] the oldest block makes room */
	uint8_t frozen;          /* [a] enum ring_frozen */
	bool aged;               /* [p] the block before the open one was closed for its age */
	uint32_t rules;          /* [p] set of rules in force: rules.h */
	uint64_t roster;         /* [p] host and part of the ring in which threads were told of */

	uint64_t released;        /* [a] position: blocks before it may be used again */
	uint64_t taken;           /* [a] position: blocks before it were handed out */
	uint64_t frozen_end;      /* [p] position: where what was frozen ends */
	uint64_t stored;          /* [c] records in blocks handed out, discarded ones apart */
	uint64_t discarded_total; /* [c] */

	uint64_t *attempts;                            /* [p] by event; RING_WANTED in each */
	uint64_t unwanted_since[RING_EVENTS];          /* [p] attempts when it became unwanted */
	uint64_t filtered[RING_EVENTS];                /* [p] attempts that rules ruled out */
	uint64_t lost_total[TRACE_LOSS_CAUSES];        /* [p] */
	uint64_t lost[TRACE_LOSS_CAUSES][RING_EVENTS]; /* [p] */
	uint64_t discarded[RING_EVENTS];               /* [c] taken, but never sent */
};

/* A ring of blocks of block_bytes (both powers of two; block_bytes at least 4096) in
 * memory, which is zeroed and aligned to block_bytes.  slots has one for each, zeroed
 * but for .block; *r is zeroed.  attempts has RING_EVENTS counters, none wanted so far:
 * what they counted is lost, it came too early.  All memory stays the caller's. */
void ring_init(struct ring *r, unsigned cpu, uint64_t *attempts, struct ring_slot *slots,
	       unsigned char *memory, unsigned blocks, size_t block_bytes);

/* --- Producers: on the ring's own CPU --------------------------------------- */

/* The rest of ring_reserve, out of line. */
uint64_t *ring_reserve_slow(struct ring *r, unsigned id, unsigned words);

/* Count an attempt to make a record.  True: it is wanted, ring_reserve or
 * ring_filter follows.  (The kernel's own, trace_attempt, does it in two
 * instructions.) */
static inline bool ring_attempt(struct ring *r, unsigned id)
{
	local_add(&r->attempts[id], 1);
	return local_load(&r->attempts[id]) & RING_WANTED;
}

/* The attempt is ruled out after all. */
static inline void ring_filter(struct ring *r, unsigned id)
{
	local_add(&r->filtered[id], 1);
}

/* Records of this event are wanted from now on, or no longer.  On the ring's CPU,
 * or when that CPU has stopped; interrupts off. */
void ring_want(struct ring *r, unsigned id, bool wanted);
/* Attempts so far, and how many of them were not wanted or ruled out. */
uint64_t ring_emitted(const struct ring *r, unsigned id, uint64_t *filtered);

static inline struct trace_block *ring_block(const struct ring *r, uint64_t position)
{
	return (struct trace_block *)(void *)(r->memory +
					      (position & r->ring_mask & r->block_start));
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

/* Room in the open block, without its header: position and time.  False: none. */
static inline bool ring_reserve_open(struct ring *r, unsigned words, uint64_t *at, uint64_t *time)
{
	do {
		*at = local_load(&r->head);
		if (unlikely(*at + words * 8 > local_load(&r->end)))
			return false;
		*time = local_time();
	} while (unlikely(!local_cmpxchg(&r->head, *at, *at + words * 8)));
	return true;
}

/* Room for a record of words 8-byte words (header included); the header is
 * written, the address of its payload returned.  NULL: the record is lost and
 * counted.  Every non-NULL reserve is followed by its commit on the same CPU. */
static inline uint64_t *ring_reserve(struct ring *r, unsigned id, unsigned words)
{
	uint64_t at, time;

	if (unlikely(!ring_reserve_open(r, words, &at, &time)))
		return ring_reserve_slow(r, id, words);
	return ring_record(r, at, id, words, time);
}

static inline void ring_commit(struct ring *r, uint64_t *payload, unsigned words)
{
	uint64_t block = (uint64_t)payload & r->block_start;

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
/* Close the open block of a ring that is RING_FREEZING: it is RING_FROZEN then.  As
 * ring_close. */
void ring_freeze_end(struct ring *r);
/* Each attempt ended: stored and committed, or counted as lost.  On the ring's own
 * CPU, in an interrupt, it says whether code that was interrupted is amidst one;
 * false also while the consumer is at work. */
bool ring_quiet(const struct ring *r);

/* --- Consumer: any CPU, one at a time ---------------------------------------- */

/* Overwrite nothing from now on; any CPU.  False: it is frozen already. */
bool ring_freeze(struct ring *r);
/* All that was frozen is taken and released: go on.  True: it did. */
bool ring_thaw(struct ring *r);
/* What a running or thawing flight recorder holds is not for the consumer. */
static inline bool ring_is_kept(const struct ring *r)
{
	uint8_t frozen = __atomic_load_n(&r->frozen, __ATOMIC_ACQUIRE);

	return r->flight && (frozen == RING_RUNS ||
			     (frozen == RING_FROZEN && local_load(&r->taken) >= r->frozen_end));
}
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
