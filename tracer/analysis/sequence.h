/* A recording as what can be compared with another: for each thread its sequence of
 * calls, faults, exceptions and signals, each as a key that is equal where the same
 * thing was asked for, with its result and its cost apart.
 *
 * Keys hold no addresses, numbers of threads, times or descriptors' numbers: pointers
 * are null or not, processes are their roles, descriptors what they refer to. */
#ifndef TRACER_ANALYSIS_SEQUENCE_H
#define TRACER_ANALYSIS_SEQUENCE_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/analysis/walk.h"
#include "tracer/error.h"

enum item_kind { ITEM_CALL, ITEM_FAULT, ITEM_EXCEPTION, ITEM_SIGNAL, ITEM_END, ITEM_KINDS };

struct item {
	uint64_t key;
	uint64_t id;     /* the event that began it */
	uint32_t result; /* hash of its result; equal where results are alike */
	uint16_t nr;     /* call; cause of a fault; vector; signal */
	uint8_t kind;    /* enum item_kind */
	uint8_t error;   /* errno if it failed with a known one, else 0 */
	int64_t self;    /* ns in the kernel, nested items not counted */
	int64_t waited;  /* ns off the CPU */
	int64_t user;    /* ns in ring 3 since the item before it */
};

/* What the time of a thread went to; sums of everything in it. */
struct cost {
	int64_t user, calls, faults, exceptions, interrupts, other;
};

static inline int64_t cost_total(const struct cost *c)
{
	return c->user + c->calls + c->faults + c->exceptions + c->interrupts + c->other;
}

struct role {
	uint64_t family; /* hash of program and birth order, up to the first process */
	uint32_t tid, pid, parent;
	uint32_t ordinal; /* among the processes of its program, from 1 */
	uint32_t thread;  /* among the threads of its process, from 1 */
	char program[WALK_NAME_BYTES];
	struct item *items;
	uint32_t count, size; /* size 0: items are the recording's, and no more come */
	uint64_t structure;   /* hash of the items' keys and results */
	uint64_t spent;       /* of their self and user */
	uint64_t waits;       /* of their waited */
	int64_t start;
	struct cost cost;
	uint64_t switches;
};

/* The same items with the same results. */
static inline bool role_same(const struct role *a, const struct role *b)
{
	return a->count == b->count && a->structure == b->structure;
}

/* And at the same costs. */
static inline bool role_equal(const struct role *a, const struct role *b)
{
	return role_same(a, b) && a->spent == b->spent && a->waits == b->waits;
}

/* Counts of the whole recording. */
struct sequence_totals {
	uint64_t calls, errors, faults, exceptions, signals, interrupts, switches, wakeups;
	int64_t elapsed, idle; /* ns over all CPUs */
	struct cost cost;      /* of all threads, idle time apart */
};

/* Hashes of everything up to an event; see running.h. */
#define RUNNING_EVENTS 4096u

struct running {
	uint64_t event, structure, cost;
};

struct slab;

struct sequences {
	struct role **roles; /* in order of birth */
	uint32_t count, size;
	struct slab *role_slabs, *item_slabs; /* roles, and items of those that are over */
	struct sequence_totals totals;
	struct walk_totals walk;
	uint64_t structure; /* hash of all keys and results, thread by thread */
	uint64_t spent;     /* hash of all costs */
	/* If they were asked for. */
	struct running *running; /* each RUNNING_EVENTS events, and at the end */
	uint32_t running_count, running_size;
	uint64_t digest; /* hash of every event: CPU, thread, time, kind and payload */
};

/* How a load is done and looked after; the whole may be NULL, and its pointers. */
struct load_watch {
	bool running;                /* with running hashes and digest */
	const volatile bool *cancel; /* set by any thread: give up */
	void (*progress)(void *cookie, uint64_t done, uint64_t all);
	void *cookie;
};

/* Read a whole recording.  0, or status 2 or 3; 2 with an empty text if it was
 * cancelled. */
int sequences_load(struct sequences *out, sqlite3 *db, const struct load_watch *watch,
		   struct error *why);
void sequences_free(struct sequences *s);

/* For a reader of baselines: a new role at the end, a new item at the end of one.
 * NULL or -1 without memory. */
struct role *sequences_role(struct sequences *s);
int role_item(struct role *r, const struct item *item);
/* Set its hashes again: items were taken out. */
void role_hash(struct role *r);
/* Set structure and spent from what is there. */
void sequences_hash(struct sequences *s);

/* "cat#1", "make#3 thread 2". */
void role_text(const struct role *r, char *text, size_t size);

#endif
