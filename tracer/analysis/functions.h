/* Where the time of system calls went among the kernel's functions, in a recording that
 * has them (`ringscope run --functions`): trees of calls, of the functions in them and of
 * what struck meanwhile, and the same by call and function.
 *
 * Each nanosecond on a CPU in a call is in one node, so a tree adds up to its call.  In a
 * recording by instructions what recording a function costs is known (event
 * function_cost), taken out of each node, and told apart; what is left is the
 * function's own, but for some hundred instructions where a block of the ring was full. */
#ifndef TRACER_ANALYSIS_FUNCTIONS_H
#define TRACER_ANALYSIS_FUNCTIONS_H

#include "tracer/analysis/walk.h"

#define FUNCTION_NAME_BYTES 64

struct function_node {
	char name[FUNCTION_NAME_BYTES]; /* of the call, the function, the fault or interrupt */
	uint32_t parent;                /* UINT32_MAX: a call */
	bool function;                  /* of the kernel; else a span */
	uint64_t count;
	int64_t self;      /* ns on a CPU, not in its children */
	int64_t recording; /* ns that were spent on recording it and its children: not in self */
	int64_t total;     /* self of it and of all below */
	int64_t recorded;  /* likewise recording */
	/* inside */
	uint64_t key;
};

struct functions {
	struct function_node *nodes; /* parents before children */
	uint32_t count, size;
	bool recorded;    /* there are functions at all */
	bool cost_known;  /* recording is told apart */
	uint64_t missing; /* functions of which the recording does not hold the end */
	/* inside */
	uint32_t *index, index_size;
};

/* call: only calls of this name, NULL: of all.  pid: only of this process, -1: of all.
 * 0, or status 2 or 3 with why filled in.  *f needs functions_free in any case. */
int functions_make(struct functions *f, sqlite3 *db, const char *call, int64_t pid,
		   void (*progress)(void *cookie, uint64_t done, uint64_t all), struct error *why);
void functions_free(struct functions *f);

/* A function in all calls of a name, wherever it was called from; "" is the call's own:
 * what is in none of the functions that were recorded.  Without what struck the call: an
 * interrupt moves from one call to another. */
struct function_total {
	const char *call, *function; /* into f */
	uint64_t count;
	int64_t self;
};

/* By call and name, *count of them, for the caller to free; NULL: no memory, or none. */
struct function_total *functions_totals(const struct functions *f, uint32_t *count);

#endif
