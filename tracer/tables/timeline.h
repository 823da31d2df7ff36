/* The blocks of all CPUs merged into one line of events, in order of time, then
 * CPU, then position in the block.
 *
 * Reads the raw blocks of a trace file and trusts none of their bytes: what is no
 * block or no record is skipped and counted in bad. */
#ifndef TRACER_TABLES_TIMELINE_H
#define TRACER_TABLES_TIMELINE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "tracer/block.h"
#include "tracer/error.h"
#include "tracer/reader.h"

struct timeline_event {
	struct event e;  /* pid is not filled in */
	uint64_t tsc;    /* what e.time was made of */
	int64_t block;   /* row of the block */
	uint32_t offset; /* of the record in it */
};

/* Records that are missing between two blocks of a CPU. */
struct gap {
	uint32_t cpu;
	int cause;             /* group LOSS; -1: whole blocks are missing */
	int64_t count;         /* records, -1 unknown */
	int64_t after, before; /* sequence numbers, -1: none */
	int64_t after_time, before_time;
};

struct timeline;

/* gap is called with each gap as it is passed; it may be NULL. */
int timeline_open(struct timeline **out, sqlite3 *db,
		  void (*gap)(void *cookie, const struct gap *gap), void *cookie,
		  struct error *why);
/* For going to places here and there: rows of blocks are read where the walk is, not all at
 * first.  Such a walk knows no gaps, numbers of blocks or youngest TSC. */
int timeline_open_near(struct timeline **out, sqlite3 *db, struct error *why);
void timeline_close(struct timeline *t);

/* Where one CPU's walk stands: behind record number `offset` bytes into the block of that
 * sequence number. */
struct lane_position {
	bool any;          /* a block was begun */
	uint64_t sequence; /* of it */
	uint32_t offset;   /* of the next record in it, bytes */
	uint32_t tid;      /* running */
	uint64_t tsc;      /* no later record is older */
};

/* Where the whole walk stands: after event `events`. */
struct timeline_position {
	uint64_t events;
	struct lane_position lane[TRACE_CPUS_MAX];
};

void timeline_position(const struct timeline *t, struct timeline_position *out);
/* Go on from there.  Gaps passed before are not told again.  0 or -1. */
int timeline_restore(struct timeline *t, const struct timeline_position *p, struct error *why);

/* Take in blocks that were stored since, for a recording that goes on. */
int timeline_more(struct timeline *t, struct error *why);
/* Pass blocks unread that have none of these kinds (event_set; 0: all) or end
 * before this TSC.  Event ids then mean nothing.  Before timeline_restore. */
void timeline_filter(struct timeline *t, uint64_t kinds, uint64_t from);
/* Deliver no event younger than this TSC, as long as older ones may still arrive;
 * UINT64_MAX: all. */
void timeline_limit(struct timeline *t, uint64_t tsc);
/* The youngest TSC in any block so far; 0 none. */
uint64_t timeline_youngest(const struct timeline *t);
/* The TSC up to which this CPU has sent all, the end of its newest block; 0: it has sent none. */
uint64_t timeline_reach(const struct timeline *t, unsigned cpu);
/* Events that came too late: older than what had been delivered before. */
uint64_t timeline_late(const struct timeline *t);

/* 1 and the next event, 0 at the end, -1 if the file cannot be read. */
int timeline_next(struct timeline *t, struct timeline_event *out, struct error *why);

/* A number of TSC ticks as ns. */
int64_t timeline_ticks_ns(const struct timeline *t, uint64_t ticks);
/* Blocks in all and taken so far, for a progress display. */
uint64_t timeline_blocks(const struct timeline *t);
uint64_t timeline_blocks_done(const struct timeline *t);
/* Blocks or rests of blocks that could not be read. */
uint64_t timeline_bad(const struct timeline *t);
/* What a CPU had lost by cause when its last block was closed, and that block's
 * sequence number and time; false if it has no block. */
bool timeline_last(const struct timeline *t, unsigned cpu, uint64_t lost[TRACE_LOSS_CAUSES],
		   int64_t *sequence, int64_t *time);

#endif
