/* The blocks of each CPU in order, as rows of a trace file: which there are and when they
 * end; not what is in them.
 *
 * Either all rows are at hand, or only some behind the place where a walk is.  Rows are
 * hostile: those of no CPU, or out of order, are left out and counted in bad. */
#ifndef TRACER_TABLES_BLOCK_LIST_H
#define TRACER_TABLES_BLOCK_LIST_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/block.h"
#include "tracer/error.h"

struct block_row {
	int64_t id, sequence;
	uint64_t last_time, kinds;
};

/* Of one CPU. */
struct block_list {
	struct block_row *rows;
	uint32_t count, size, next; /* next: the walk's */
	int64_t reach;              /* sequence number of the last one read */
	bool more;                  /* behind it there may be others in the file */
};

struct block_lists {
	sqlite3 *db;
	sqlite3_stmt *near; /* rows of a CPU behind a sequence number; NULL: all are there */
	unsigned cpus;      /* in use */
	int64_t newest;     /* block row */
	uint64_t youngest;  /* TSC in any of them; 0: none, or not all are there */
	uint64_t blocks;    /* in all; 0 as well */
	uint64_t bad;
	struct block_list cpu[TRACE_CPUS_MAX];
};

/* near: rows are read as the walk comes to them.  0 or 2; close it in either case. */
int block_lists_open(struct block_lists *lists, sqlite3 *db, bool near, struct error *why);
void block_lists_close(struct block_lists *lists);
/* Take in rows that came since.  0 or 2. */
int block_lists_more(struct block_lists *lists, struct error *why);
/* Have the rows behind those that are done, if there are any.  False: not readable. */
bool block_lists_follow(struct block_lists *lists, unsigned cpu, struct error *why);
/* Go on with the block of this sequence number if it is there, or the one behind it;
 * INT64_MIN: with the first.  0, or not readable. */
int block_lists_go(struct block_lists *lists, unsigned cpu, int64_t sequence, struct error *why);

#endif
