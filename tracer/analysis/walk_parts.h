/* What the parts of a walk share; only walk.c and walk_*.c include this.
 *
 * walk.c takes the events in order, charges the time and follows threads on and off their
 * CPUs; walk_spans.c has what a thread is in, walk_frames.c the kernel functions where they
 * are recorded.  All work at the event at hand. */
#ifndef TRACER_ANALYSIS_WALK_PARTS_H
#define TRACER_ANALYSIS_WALK_PARTS_H

#include "tracer/analysis/threads.h"
#include "tracer/analysis/walk.h"
#include "tracer/tables/timeline.h"

struct walk {
	struct walk_watcher watch;
	struct walk_totals *totals;
	struct threads threads;
	struct timeline_event now;
	struct walk_thread *running[TRACE_CPUS_MAX];
};

/* The innermost span ends, at the event at hand if it is its end.  t must be in one. */
void walk_span_pop(struct walk *w, struct walk_thread *t, bool ended);
/* The innermost span of this kind ends; way: group WAY. */
void walk_span_end(struct walk *w, struct walk_thread *t, enum span_kind kind, unsigned way);
void walk_call_begin(struct walk *w, struct walk_thread *t);
void walk_call_result(struct walk *w, struct walk_thread *t, int64_t result);
void walk_call_return(struct walk *w, struct walk_thread *t, int64_t result);
/* Exit work is done: whatever the thread was in is over. */
void walk_user_enter(struct walk *w, struct walk_thread *t);
/* A fault, an exception, an interrupt or an NMI. */
void walk_trap_begin(struct walk *w, struct walk_thread *t);
void walk_fault_end(struct walk *w, struct walk_thread *t);

/* Time of the thread goes to the innermost function as well, if it is within the innermost
 * span. */
void walk_frames_charge(struct walk_thread *t, int64_t spent);
/* Functions within the innermost span are over with it. */
void walk_frames_cut(struct walk *w, struct walk_thread *t);
/* The innermost function ends, at the event at hand if it is its end.  t must be in one. */
void walk_frame_pop(struct walk *w, struct walk_thread *t, bool ended);
/* The function of the event at hand was entered, or left: functions above it lost their ends then.
 */
void walk_frame_begin(struct walk *w, struct walk_thread *t);
void walk_frame_end(struct walk *w, struct walk_thread *t);

#endif
