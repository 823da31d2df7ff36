/* Where the time of the trace went: its profile, made in a thread of its own.
 *
 * The walk over a recording takes as long as the recording; the screen does not wait
 * for it.  costs_ask starts it, costs_poll (each frame) takes the result, another
 * costs_ask or costs_close gives it up.  The thread opens the file again and shares
 * nothing with the session but its own job. */
#ifndef VIEWER_COSTS_H
#define VIEWER_COSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/analysis/profile.h"
#include "tracer/error.h"
#include "viewer/filter.h"
#include "viewer/job.h"

struct costs_work;

/* What a profile is of. */
struct costs_query {
	enum profile_by by;
	struct filter filter; /* calls, faults and interrupts that begin with such an event */
	int64_t from, to;     /* ns: what begins in from..to - 1; to 0: the whole recording */
};

struct costs {
	struct job job;
	struct costs_work *work; /* what the job works at */
	bool asked;              /* query is that of profile, work or failed */
	bool done;               /* profile is there */
	struct costs_query query;
	int64_t from, to; /* ns that profile is of */
	struct profile profile;
	struct error failed; /* why it is not, "" if nothing failed */
	unsigned sort;       /* index of costs_sort_name */
	unsigned selected;   /* row */
};

/* Make the profile of the file at path, unless that is what c has or makes. */
void costs_ask(struct costs *c, const char *path, const struct costs_query *query);
/* Take the result if it is there. */
void costs_poll(struct costs *c);
void costs_close(struct costs *c);
/* A thread works; how far it is, in percent. */
bool costs_busy(const struct costs *c);
unsigned costs_percent(const struct costs *c);

/* Sort by the next column. */
void costs_sort_next(struct costs *c);
void costs_select(struct costs *c, int way);
/* The selected row, NULL if there is none. */
const struct profile_row *costs_row(const struct costs *c);
/* "total", "calls", ... */
const char *costs_sort_name(const struct costs *c);

#endif
