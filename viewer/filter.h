/* Which events a person wants to see: "pid=7,8 kind=fault !cpu=1".
 *
 * All terms must hold.  A term is key=value[,value...], with ! for "not"; keys
 * are pid, tid, cpu, kind (part of an event's name or label) and call (name of a
 * system call).  A word without = means kind. */
#ifndef VIEWER_FILTER_H
#define VIEWER_FILTER_H

#include "tracer/error.h"
#include "tracer/reader.h"

#define FILTER_TERMS  8
#define FILTER_VALUES 8
#define FILTER_WORD   24

enum filter_key { FILTER_PID, FILTER_TID, FILTER_CPU, FILTER_KIND, FILTER_CALL };

struct filter_term {
	enum filter_key key;
	bool not ;
	unsigned count;
	uint64_t numbers[FILTER_VALUES];        /* pid, tid, cpu */
	char words[FILTER_VALUES][FILTER_WORD]; /* kind, call */
};

struct filter {
	unsigned count; /* 0: everything passes */
	struct filter_term terms[FILTER_TERMS];
};

/* Read text; false with why filled in if it is not an expression, and filter is
 * then as before. */
bool filter_parse(struct filter *filter, const char *text, struct error *why);
/* True if e passes.  r answers which call a return belongs to. */
bool filter_match(const struct filter *filter, struct reader *r, const struct event *e);
/* A CPU, a thread is not ruled out by the terms about its numbers. */
bool filter_cpu(const struct filter *filter, uint32_t cpu);
bool filter_thread(const struct filter *filter, uint32_t pid, uint32_t tid);
bool filter_same(const struct filter *a, const struct filter *b);
/* The one process that the filter lets through, -1 if it is not about just one. */
int64_t filter_pid(const struct filter *filter);
/* Number of the system call that e begins, ends or belongs to, -1 if none. */
int event_call(struct reader *r, const struct event *e);

#endif
