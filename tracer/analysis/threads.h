/* The threads of a walk by number.  Numbers come again: the struct of a number is
 * that of its latest bearer. */
#ifndef TRACER_ANALYSIS_THREADS_H
#define TRACER_ANALYSIS_THREADS_H

#include "tracer/analysis/walk.h"

#define THREADS_BUCKETS 1024u

struct threads {
	void (*begins)(void *cookie, struct walk_thread *t);
	void (*ends)(void *cookie, struct walk_thread *t);
	void *cookie;
	struct walk_thread *buckets[THREADS_BUCKETS];
	struct walk_thread *spare;               /* for the next ones */
	struct walk_thread idle[TRACE_CPUS_MAX]; /* thread 0 of each CPU */
};

/* begins is called with a thread of which the recording does not hold the beginning,
 * ends with each one before its struct is given on or freed. */
void threads_init(struct threads *all, void (*begins)(void *cookie, struct walk_thread *t),
		  void (*ends)(void *cookie, struct walk_thread *t), void *cookie);
/* The thread of a number, made if it is new; 0 is the CPU's idle thread.  NULL: no
 * memory. */
struct walk_thread *threads_get(struct threads *all, unsigned cpu, uint32_t tid);
/* The same for a thread that begins now: a former bearer of its number is over. */
struct walk_thread *threads_new(struct threads *all, unsigned cpu, uint32_t tid);
/* One that has ended and left its CPU is over. */
void threads_forget(struct threads *all, struct walk_thread *t);
/* Take a thread_name event. */
void threads_rename(struct threads *all, const struct event *e);
/* All are over, the least number first; frees them. */
void threads_finish(struct threads *all);

#endif
