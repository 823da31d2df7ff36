/* Comparing two recordings: threads matched by role, their sequences aligned, every
 * difference counted once, and costs that add up: the sum over all rows of the
 * change in cost is the change of the totals, to the nanosecond. */
#ifndef TRACER_ANALYSIS_DIFF_H
#define TRACER_ANALYSIS_DIFF_H

#include "tracer/analysis/align.h"
#include "tracer/analysis/diff_functions.h"
#include "tracer/analysis/ignore.h"
#include "tracer/analysis/running.h"
#include "tracer/analysis/side.h"

struct trial;

/* Where two threads part: the first items that differ. */
struct divergence {
	bool any;
	bool result;   /* same item, other result */
	uint32_t a, b; /* indexes; the count of items where a side ended */
};

/* A thread of one side or of both. */
struct diff_thread {
	struct role *a, *b; /* NULL: only on the other side */
	struct align align; /* of their items */
	uint32_t changed;   /* same item, other result */
	uint32_t moved;     /* removed here, added there */
	struct divergence first;
};

/* A kind of item in a program: a call, a cause of faults, ... */
struct diff_row {
	uint8_t kind; /* enum item_kind */
	uint16_t nr;
	char program[WALK_NAME_BYTES];
	uint64_t count[2], errors[2];
	int64_t self[2], waited[2];
	uint64_t removed, added,
		changed; /* of matched threads, and whole ones that are only there */
};

/* An error that a program did not get from a call before. */
struct diff_error {
	char program[WALK_NAME_BYTES];
	uint16_t nr;
	uint8_t error;
	uint64_t count[2];
};

struct diff {
	struct side *side[2];
	struct diff_thread *threads;
	uint32_t thread_count;
	struct diff_row *rows; /* dearest change first */
	uint32_t row_count;
	struct diff_error *errors; /* whose count changed */
	uint32_t error_count;
	struct diff_function *functions; /* of the kernel, if both have them recorded */
	uint32_t function_count;
	uint64_t removed, added, changed, moved; /* items in all */
	uint64_t only[2];                        /* threads on one side only */
	bool same;                               /* no difference in structure */
	bool equal;                              /* and none in cost */
	int64_t cost_rest[2];       /* cost that belongs to no row: ring 3, interrupts, the rest */
	struct running_alike alike; /* of two exact recordings that are not equal */
	const struct trial *trial;  /* of several runs a side, of which side[] are the first;
				     * the caller's, NULL: one run a side */
};

/* Items that ignore names are left out.  0, or status 2. */
int diff_make(struct diff *d, struct side *a, struct side *b, const struct ignore *ignore,
	      struct error *why);
void diff_free(struct diff *d);

/* Differences in structure: items removed, added, changed, threads of one side. */
uint64_t diff_count(const struct diff *d);

/* "read", "page fault: copy on write", "SIGCHLD". */
void diff_row_name(unsigned kind, unsigned nr, char *text, size_t size);

#endif
