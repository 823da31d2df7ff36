/* A walk over the events of a file for a virtual table. */
#ifndef TRACER_SQL_SCAN_H
#define TRACER_SQL_SCAN_H

#include <sqlite3.h>
#include <stdbool.h>

#include "tracer/index/chunks.h"
#include "tracer/tables/time_base.h"

/* What a query asks for. */
struct scan_want {
	uint64_t kinds;       /* event_set; 0: all */
	int64_t from, to;     /* ns, both inclusive */
	uint64_t first, last; /* ids, both inclusive */
	bool ids, people;     /* ids, pid and begin are looked at */
};

struct scan {
	sqlite3 *db;
	struct timeline *timeline;
	struct chunks *chunks; /* NULL: the file has no keyframes */
	struct state state;
	struct scan_want want;
	struct time_base base;
	struct timeline_event now;
	bool ended;
};

int scan_open(struct scan *s, sqlite3 *db, struct error *why);
void scan_close(struct scan *s);
/* Stand before the first event that may be wanted.  0 or 2. */
int scan_start(struct scan *s, const struct scan_want *want, struct error *why);
/* The next event that may be wanted into s->now; s->ended if there is none.  0 or 2. */
int scan_next(struct scan *s, struct error *why);

#endif
