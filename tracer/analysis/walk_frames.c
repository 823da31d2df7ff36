#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"
#include "tracer/payload.h"
#include "tracer/analysis/walk_parts.h"

void walk_frames_charge(struct walk_thread *t, int64_t spent)
{
	struct walk_frame *now = walk_frame_now(t);

	if (now)
		now->self += spent;
	if (now && t->depth)
		t->spans[t->depth - 1].in_functions += spent;
	for (unsigned i = 0; i < t->frame_count; i++)
		t->frames[i].total += spent;
}

void walk_frame_pop(struct walk *w, struct walk_thread *t, bool ended)
{
	struct walk_frame f = t->frames[--t->frame_count];

	f.end_time = w->now.e.time;
	if (w->watch.function_end)
		w->watch.function_end(w->watch.cookie, t, &f, ended);
}

void walk_frames_cut(struct walk *w, struct walk_thread *t)
{
	while (t->frame_count && t->frames[t->frame_count - 1].spans >= t->depth)
		walk_frame_pop(w, t, false);
}

void walk_frame_begin(struct walk *w, struct walk_thread *t)
{
	struct walk_frame *outer = walk_frame_now(t);

	if (!t->frames)
		t->frames = calloc(FRAME_DEPTH, sizeof(*t->frames));
	if (!t->frames)
		return;
	if (t->frame_count == FRAME_DEPTH) {
		w->totals->strays++;
		memmove(&t->frames[0], &t->frames[1], sizeof(*t->frames) * --t->frame_count);
	}
	if (outer)
		outer->children++;
	else if (t->depth && t->frame_count)
		t->spans[t->depth - 1].functions++;
	else if (t->depth)
		t->spans[t->depth - 1].roots++;
	t->frames[t->frame_count] = (struct walk_frame){
		.function = payload_function_enter(&w->now.e).function,
		.begin = w->now.e.id,
		.begin_time = w->now.e.time,
		.cpu = w->now.e.cpu,
		.spans = t->depth,
		.root = !t->frame_count,
	};
	t->frame_count++;
}

void walk_frame_end(struct walk *w, struct walk_thread *t)
{
	const uint64_t function = payload_function_exit(&w->now.e).function;
	unsigned at = t->frame_count;

	while (at && t->frames[at - 1].function != function)
		at--;
	if (!at) {
		w->totals->strays++;
		return;
	}
	while (t->frame_count > at)
		walk_frame_pop(w, t, false);
	walk_frame_pop(w, t, true);
}
