/* Where the time of a recording went: rows of what happened, who waited for whom, and
 * a tree of what was within what.  All of it is summed by the walk, so rows, tree and
 * CPUs agree with each other to the nanosecond. */
#ifndef TRACER_ANALYSIS_PROFILE_H
#define TRACER_ANALYSIS_PROFILE_H

#include "tracer/analysis/heatmap.h"
#include "tracer/analysis/map.h"
#include "tracer/analysis/spectrum.h"
#include "tracer/analysis/walk.h"

/* What a row stands for. */
enum profile_by {
	PROFILE_CALL,    /* system calls, faults, exceptions, interrupts by their kind */
	PROFILE_PROGRAM, /* the same sums by program */
	PROFILE_THREAD,  /* by thread */
	PROFILE_FAULT,   /* faults by cause and program */
	PROFILE_IRQ,     /* interrupts and NMIs by vector */
	PROFILE_PATH,    /* calls by the path that they were given */
	PROFILE_PROCESS, /* by process */
	PROFILE_FILE,    /* calls by the path, or what their descriptor refers to */
	PROFILE_LOCK,    /* waits for futexes, file locks, semaphores and locks of the kernel */
	PROFILE_BY_LIMIT
};

#define PROFILE_NAME_BYTES 128

struct profile_row {
	char name[PROFILE_NAME_BYTES];
	uint64_t count, errors, records; /* of the trace, made in self */
	int64_t total;                   /* ns from begin to end */
	int64_t self;                    /* ns of it in ring 0 on a CPU, nested spans not counted */
	int64_t leaving;                 /* ns of self after the result: exit work */
	int64_t nested, blocked, ready;
	int64_t held; /* ns of self waiting for room in the trace ring */
	/* Of the durations, in order: exact, not estimated. */
	int64_t p50, p90, p99, p999, longest;
	uint64_t example;         /* the event that began the longest */
	struct spectrum spectrum; /* of the range; empty without one */
	/* inside */
	int64_t *durations;
	uint64_t size;
};

/* Time that threads of one program waited until one of another woke them. */
struct profile_wait {
	char waiter[WALK_NAME_BYTES], waker[WALK_NAME_BYTES];
	uint8_t wait; /* group WAIT */
	uint64_t count;
	int64_t total, longest;
};

/* A node of the tree: name within parent; spent ns in itself, not in its children. */
struct profile_node {
	char name[WALK_NAME_BYTES];
	uint32_t parent;
	int64_t self, total;
};

/* Where the time of a program, process or thread went. */
struct profile_share {
	char name[PROFILE_NAME_BYTES];
	int64_t user, kernel; /* ns on a CPU */
	int64_t blocked, ready;
};

struct profile {
	struct profile_share *shares; /* most time first; none of a range */
	uint32_t share_count, share_size;
	struct profile_row *rows; /* most time first */
	uint32_t row_count, row_size;
	struct profile_wait *waits; /* longest first */
	uint32_t wait_count, wait_size;
	struct profile_node *nodes; /* 0 is the root, parents before children */
	uint32_t node_count, node_size;
	uint32_t *index, index_size;                   /* inside */
	struct map row_index, share_index, wait_index; /* by name, while they are made */
	struct walk_totals walk;
	int64_t user, kernel, idle, elapsed; /* ns, over all CPUs */
	int64_t held; /* ns of kernel: waiting for room in the ring; 0 of a range */
};

struct profile_config {
	enum profile_by by;
	const char *call; /* only calls of this name, NULL: everything */
	int64_t pid;      /* only this process, -1: all */
	/* Only what began in from..to - 1, ns since the recording began, and of the CPUs'
	 * time what is in it; to 0: everything. */
	int64_t from, to;
	/* Asked for each call, fault and interrupt as it ends: is it to be in a row?  NULL:
	 * all are. */
	bool (*wanted)(void *cookie, const struct walk_thread *t, const struct walk_span *s);
	void *wanted_cookie;
	struct heatmap *heatmap;     /* to fill in as well; NULL: none */
	void *cookie;                /* for progress */
	const volatile bool *cancel; /* set by any thread: give up; may be NULL */
};

/* What is left of a row's self without what making its records took, if that is known:
 * its bytes (syscall_data) cost more, so that this is what it is at most. */
int64_t profile_untraced(const struct profile *p, const struct profile_row *r);

/* 0, or status 2 or 3; 2 with an empty text if it was cancelled. */
int profile_make(struct profile *p, sqlite3 *db, const struct profile_config *config,
		 void (*progress)(void *cookie, uint64_t done, uint64_t all), struct error *why);
void profile_free(struct profile *p);

/* "call", "program", ...: -1 if there is no such.  And the name of one. */
int profile_by_name(const char *name);
const char *profile_by_title(enum profile_by by);

#endif
