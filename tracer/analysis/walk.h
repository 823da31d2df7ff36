/* Walking a recording: its events in order of time, with each nanosecond of each CPU
 * charged to one place.
 *
 * Between two events of a CPU the time goes to the thread that ran: to the innermost
 * span that it is in (a system call, a fault, an exception, an interrupt, an NMI), to
 * ring 3 if it is in none, or to the idle thread.  So over all threads
 * user + kernel + idle = elapsed on each CPU, exactly; in an exact recording a
 * nanosecond is an instruction.  While a thread is off its CPU the time is counted
 * as blocked or as ready in the span that it left.
 *
 * A watcher's functions are called as things end; what they are given is valid until
 * they return.  Everything read is hostile: ends without a begin, spans that never
 * end and unknown numbers are normal, and counted where they cannot be placed. */
#ifndef TRACER_ANALYSIS_WALK_H
#define TRACER_ANALYSIS_WALK_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "tracer/block.h"
#include "tracer/decode/call.h"
#include "tracer/decode/recorded.h"
#include "tracer/error.h"
#include "tracer/reader.h"

enum span_kind { SPAN_CALL, SPAN_FAULT, SPAN_EXCEPTION, SPAN_INTERRUPT, SPAN_NMI, SPAN_KINDS };

#define SPAN_DEPTH      16  /* spans of a thread within each other */
#define FRAME_DEPTH     256 /* and kernel functions */
#define WALK_NAME_BYTES 64
#define WALK_PATH_BYTES 256

struct walk_span {
	enum span_kind kind;
	uint16_t nr;         /* of a call; else the vector */
	uint8_t wait;        /* group WAIT: what it last blocked on */
	uint8_t cause;       /* of a fault: group FAULT, 0 unknown */
	bool user;           /* it came from ring 3 */
	bool done;           /* of a call: result is known */
	uint32_t cpu;        /* where it began */
	uint32_t waker;      /* thread that ended its last wait, 0: an interrupt, or none */
	char waker_name[16]; /* its program then */
	uint64_t begin, end; /* event ids; end 0: it never ended */
	int64_t begin_time, end_time;
	int64_t work;     /* ns on a CPU up to the result, nested spans not counted */
	int64_t leaving;  /* the same after it: exit work */
	int64_t nested;   /* ns in spans within it */
	int64_t blocked;  /* ns off the CPU, waiting for something */
	int64_t ready;    /* ns off the CPU, waiting for a CPU */
	int64_t held;     /* of work: ns waiting for room in the trace ring */
	uint32_t records; /* made in its own time: what they cost is in work and leaving */
	uint64_t rip, addr, error;
	int64_t result;
	int64_t in_functions; /* of work and leaving: ns in kernel functions that are recorded */
	uint32_t roots,
		functions; /* recorded directly within it: with which recording began, others */
	uint32_t mine;     /* for the watcher, 0 at first */
};

/* A kernel function that the thread is in, where functions are recorded. */
struct walk_frame {
	uint64_t function; /* as in the event: behind its first bytes */
	uint64_t begin;    /* event id */
	int64_t begin_time, end_time;
	uint32_t cpu;      /* where it was entered */
	unsigned spans;    /* that the thread was in: it is within the last of them */
	bool root;         /* recording began with it */
	uint32_t children; /* functions entered directly from it */
	int64_t self;      /* ns on a CPU, functions and spans within it not counted */
	int64_t total;     /* ns on a CPU */
	uint32_t mine;     /* for the watcher, 0 at first */
};

/* Its own time on a CPU. */
static inline int64_t walk_span_self(const struct walk_span *s)
{
	return s->work + s->leaving;
}

struct walk_thread {
	uint32_t tid, pid, parent; /* parent: the thread that made it */
	bool kernel;
	bool ended;
	char name[WALK_NAME_BYTES];
	char path[WALK_PATH_BYTES]; /* of the program, "" before its first exec */
	int64_t start, end;         /* ns; end is that of the last event seen of it */
	int64_t status;             /* of its end */
	int64_t user;               /* ns in ring 3 */
	int64_t spent[SPAN_KINDS];  /* ns on a CPU in spans of this kind */
	int64_t other;              /* ns in ring 0 outside all spans */
	int64_t blocked, ready;     /* ns off the CPU */
	uint64_t switches, preempted;

	struct call call; /* that is open */
	unsigned depth, frame_count;

	void *mine; /* for the watcher, NULL at first */

	/* inside */
	bool ring3, off, woken;
	int64_t off_since, woken_at;
	struct walk_thread *next;

	/* What follows is memory that is used again: only what is counted above means
	 * anything. */
	struct recorded recorded;           /* of the call */
	struct walk_span spans[SPAN_DEPTH]; /* depth of them */
	struct walk_frame *frames;          /* frame_count of FRAME_DEPTH; NULL before the first */
};

/* The function that the thread is in, within its innermost span; NULL: none. */
static inline struct walk_frame *walk_frame_now(struct walk_thread *t)
{
	struct walk_frame *f = t->frame_count ? &t->frames[t->frame_count - 1] : NULL;

	return f && f->spans == t->depth ? f : NULL;
}

struct walk;

struct walk_watcher {
	void *cookie;
	/* A new thread; its name may come later.  Also for threads of which the
	 * recording does not hold the beginning. */
	void (*thread_begin)(void *cookie, struct walk_thread *t);
	void (*thread_end)(void *cookie, struct walk_thread *t);
	/* Before anything else is done with the event. */
	void (*event)(void *cookie, struct walk_thread *t, const struct event *e);
	/* A span has ended and is no longer in t->spans; parent is what it was in, or
	 * NULL.  For a call t->call is still whole. */
	void (*span_end)(void *cookie, struct walk_thread *t, const struct walk_span *s,
			 const struct walk_span *parent);
	/* A function was left, and is no longer in t->frames; or its end was not seen. */
	void (*function_end)(void *cookie, struct walk_thread *t, const struct walk_frame *f,
			     bool ended);
	/* Time was charged: span NULL is ring 3, or ring 0 outside all spans. */
	void (*charge)(void *cookie, struct walk_thread *t, const struct walk_span *s, bool user,
		       int64_t from, int64_t to);
	/* Now and then, for a progress display. */
	void (*progress)(void *cookie, uint64_t done, uint64_t all);
	/* Looked at now and then, set by any thread: walk no further.  May be NULL. */
	const volatile bool *cancel;
};

struct walk_cpu {
	bool any;
	int64_t first, last; /* ns of its first and last event */
	int64_t user, kernel, idle;
};

struct walk_totals {
	uint64_t events, switches, wakeups;
	uint64_t strays;   /* ends without a begin, threads that ran on two CPUs at once */
	uint64_t bad;      /* blocks or rests of blocks that could not be read */
	int64_t record_ns; /* the shortest time between two records of a CPU of which the
			    * second is no interrupt's: one record's cost, or little more; 0:
			    * not known */
	int64_t last;      /* ns of the last event */
	struct walk_cpu cpu[TRACE_CPUS_MAX];
};

/* Walk a whole recording.  Functions of the watcher may be NULL.  0, or status 2 or
 * 3 with why filled in; 2 with an empty text if it was cancelled. */
int walk_run(sqlite3 *db, const struct walk_watcher *watcher, struct walk_totals *totals,
	     struct error *why);

#endif
