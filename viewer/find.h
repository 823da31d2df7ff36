/* Looking for an event: the nearest ones at once, the rest by a thread with a reader of
 * its own. */
#ifndef VIEWER_FIND_H
#define VIEWER_FIND_H

#include <stdbool.h>
#include <stdint.h>

#include "viewer/filter.h"
#include "viewer/job.h"

/* What a search looks for, besides passing the filter. */
enum find_kind { FIND_NONE, FIND_TEXT, FIND_ERROR, FIND_KIND, FIND_FAULT, FIND_ANY };

/* One search. */
struct find_query {
	enum find_kind kind;
	int way;        /* +1 or -1 */
	uint64_t from;  /* the first event looked at */
	uint16_t event; /* FIND_KIND */
	uint32_t pid;   /* FIND_FAULT: of this process; 0: any */
	char text[128]; /* FIND_TEXT */
};

struct find_work;

struct find {
	struct find_query query; /* kind FIND_NONE: no search runs; text is kept for n and N */
	struct job job;
	struct find_work *work;
};

struct session;

/* Start s->find.query.  A hit moves the cursor there and ends it. */
void find_start(struct session *s);
/* Take what the thread has found, if it has. */
void find_poll(struct session *s);
/* Give it up. */
void find_stop(struct session *s);
void find_close(struct session *s);
/* The event that is being looked at. */
uint64_t find_at(const struct session *s);

/* The event is what the query looks for, filter aside. */
bool find_hit(const struct find_query *q, struct reader *r, const struct event *e);

#endif
