/* Keys that choose what is shown: the view, its rows, the stretch of time. */
#include "viewer/command.h"
#include "viewer/pick.h"
#include "viewer/session.h"

/* Left and right: along the time that is shown, else from event to event. */
static void sideways(struct session *s, int way)
{
	if (s->view == VIEW_TIMELINE)
		scale_pan(&s->scale, way);
	else
		session_step(s, way);
}

void command_right(struct session *s)
{
	sideways(s, 1);
}

void command_left(struct session *s)
{
	sideways(s, -1);
}

/* Up and down: along the lanes, else from event to event. */
static void upright(struct session *s, int way)
{
	if (s->view == VIEW_TIMELINE)
		scale_select(&s->scale, way);
	else if (s->view == VIEW_PROFILE)
		costs_select(&s->costs, way);
	else if (s->view == VIEW_MEMORY)
		memory_select(&s->memory, way);
	else if (s->view == VIEW_CRASH)
		tale_select(&s->tale, way, false);
	else if (s->view == VIEW_DIFF)
		versus_select(&s->versus, way);
	else
		session_step(s, way);
}

void command_down(struct session *s)
{
	upright(s, 1);
}

void command_up(struct session *s)
{
	upright(s, -1);
}

/* Only the timeline has a scale: others are turned to it. */
static struct scale *scale_shown(struct session *s)
{
	s->view = VIEW_TIMELINE;
	return &s->scale;
}

void command_zoom_in(struct session *s)
{
	scale_zoom(scale_shown(s), s->now.time, true);
}

void command_zoom_out(struct session *s)
{
	scale_zoom(scale_shown(s), s->now.time, false);
}

void command_zoom_all(struct session *s)
{
	struct scale *t = scale_shown(s);

	scale_show(t, 0, t->length);
}

void command_zoom_marks(struct session *s)
{
	int64_t from, to;

	if (session_range(s, &from, &to))
		scale_show(scale_shown(s), from, to);
	else if (s->mark[0] >= 0 && s->mark[0] == s->mark[1])
		session_say(s, "A and B are at the same time: move one of them");
	else
		session_say(s, "a and b set the two ends of a range first");
}

/* The cursor's event over most of the width: its call or fault, else the time to its
 * neighbours. */
void command_zoom_event(struct session *s)
{
	struct event begin = s->event, end = s->event;
	struct span span;
	int64_t margin;

	if (reader_span(s->reader, s->now.id, &span) && span.end != 0) {
		reader_event(s->reader, span.begin, &begin, NULL);
		reader_event(s->reader, span.end, &end, NULL);
	} else {
		reader_event(s->reader, s->now.id - 1, &begin, NULL);
		reader_event(s->reader, s->now.id + 1, &end, NULL);
	}
	margin = (end.time - begin.time) / 4;
	scale_show(scale_shown(s), begin.time - margin, end.time + margin + 1);
}

/* Where it is already it goes away. */
static void mark(struct session *s, int which)
{
	const char name = which == 0 ? 'A' : 'B';

	if (s->mark[which] == s->now.time) {
		s->mark[which] = -1;
		session_say(s, "%c is off", name);
		return;
	}
	s->mark[which] = s->now.time;
	session_say(s, "%c is at %lld.%09lld s", name, (long long)(s->now.time / 1000000000),
		    (long long)(s->now.time % 1000000000));
}

void command_mark_a(struct session *s)
{
	mark(s, 0);
}

void command_mark_b(struct session *s)
{
	mark(s, 1);
}

void command_view_timeline(struct session *s)
{
	s->view = VIEW_TIMELINE;
}

void command_view_boundary(struct session *s)
{
	s->view = VIEW_BOUNDARY;
}

void command_view_memory(struct session *s)
{
	s->view = VIEW_MEMORY;
}

void command_pick(struct session *s)
{
	pick_open(s);
}

void command_view_profile(struct session *s)
{
	s->view = VIEW_PROFILE;
}

/* A row stands for its event: the longest of a profile's, what tells a fact, where two
 * recordings part. */
void command_show(struct session *s)
{
	const struct profile_row *row = costs_row(&s->costs);
	const struct fact *fact = tale_fact(&s->tale);

	if (s->view == VIEW_PROFILE && row != NULL)
		session_goto(s, row->example);
	else if (s->view == VIEW_CRASH && fact != NULL && fact->event != 0)
		session_goto(s, fact->event);
	else if (s->view == VIEW_DIFF && versus_event(&s->versus) != 0)
		session_goto(s, versus_event(&s->versus));
	if (s->view == VIEW_BOUNDARY)
		session_say(s,
			    "this is the boundary; Backspace goes back to where Enter came from");
	else
		s->back = s->view;
	s->view = VIEW_BOUNDARY;
}

void command_show_back(struct session *s)
{
	s->view = s->back;
}

void command_sort(struct session *s)
{
	if (s->view == VIEW_MEMORY) {
		s->memory.sharers = !s->memory.sharers;
		return;
	}
	s->view = VIEW_PROFILE;
	costs_sort_next(&s->costs);
}

void command_group(struct session *s)
{
	s->view = VIEW_PROFILE;
	s->by = (s->by + 1) % PROFILE_BY_LIMIT;
}

void command_view_events(struct session *s)
{
	s->view = VIEW_EVENTS;
}

void command_view_other(struct session *s)
{
	s->view = (enum view)((s->view + 1) % VIEW_COUNT);
}

void command_view_diff(struct session *s)
{
	s->view = VIEW_DIFF;
}

void command_view_crash(struct session *s)
{
	s->view = VIEW_CRASH;
}

void command_crash_next(struct session *s)
{
	if (s->view == VIEW_CRASH && !tale_next(&s->tale))
		session_say(s, "no other crash in this recording");
	s->view = VIEW_CRASH;
}
