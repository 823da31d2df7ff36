/* Processes while a recording is read: by number, as long as a thread of theirs lives. */
#ifndef TRACER_ANALYSIS_HOUSEHOLDS_H
#define TRACER_ANALYSIS_HOUSEHOLDS_H

#include <stdint.h>

#include "tracer/analysis/descriptors.h"
#include "tracer/analysis/map.h"

struct household {
	uint32_t pid;
	uint32_t threads, alive; /* ever, and now: counted by who reads */
	struct descriptors descriptors;
};

/* {0} is none. */
struct households {
	struct household **list; /* NULL: all of its threads are over */
	uint32_t count, size;
	struct map by_pid; /* index + 1 of the latest */
};

/* NULL: there is none, or no memory. */
struct household *household_find(struct households *all, uint32_t pid);
/* The same, made if it is new; NULL without memory. */
struct household *household_get(struct households *all, uint32_t pid);
/* One of its threads is over; with the last one it is freed. */
void household_leave(struct households *all, struct household *h);
/* A process number begins again. */
void household_clear(struct household *h);
void households_free(struct households *all);

#endif
