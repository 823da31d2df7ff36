/* What keys do to a session. */
#include <stdio.h>
#include <string.h>

#include "viewer/key.h"
#include "viewer/pick.h"
#include "viewer/prompt.h"
#include "viewer/render.h"
#include "viewer/session.h"
#include "viewer/teach.h"

#define PAGE_EVENTS 20

static void command_play(struct session *s)
{
	s->playing = !s->playing;
	s->owed = 0;
	s->live.follow = false;
	session_pace(s, 0);
	if (s->playing && !s->live.on && s->now.id >= s->count) {
		s->playing = false;
		session_say(s, "the end of the trace; g goes to its start");
	}
}

/* One event on or back, past those that the filter hides. */
static void step(struct session *s, int way)
{
	s->playing = false;
	if (way < 0 ? s->now.id <= 1 : s->now.id >= s->count)
		session_say(s, way < 0 ? "this is the first event" : "this is the last event");
	else if (s->filter.count > 0)
		session_find(s, FIND_ANY, way);
	else
		session_goto(s, s->now.id + (uint64_t)(int64_t)way);
}

static void command_forward(struct session *s)
{
	step(s, 1);
}

static void command_back(struct session *s)
{
	step(s, -1);
}

static void command_follow(struct session *s)
{
	live_follow(s);
}

static void command_pace_kind(struct session *s)
{
	session_pace_kind(s, !s->by_time);
	session_say(s, "pace: %s", session_pace_text(s));
}

static void command_faster(struct session *s)
{
	session_pace(s, 1);
}

static void command_slower(struct session *s)
{
	session_pace(s, -1);
}

static void command_pace_reset(struct session *s)
{
	session_pace_set(s, 1);
}

static void command_replay(struct session *s)
{
	s->motion_ms = 0;
}

static void command_debug(struct session *s)
{
	s->playing = false;
	if (!s->now.id)
		session_say(s, "no event yet to stop at");
	else
		s->debug_event = s->now.id;
}

static void command_first(struct session *s)
{
	s->playing = false;
	session_goto(s, 1);
}

static void command_last(struct session *s)
{
	s->playing = false;
	session_goto(s, s->count);
}

static void command_page_down(struct session *s)
{
	session_goto(s, s->now.id + PAGE_EVENTS);
}

static void command_page_up(struct session *s)
{
	session_goto(s, s->now.id > PAGE_EVENTS ? s->now.id - PAGE_EVENTS : 1);
}

static void find(struct session *s, enum find_kind kind, int way)
{
	s->playing = false;
	session_find(s, kind, way);
}

static void command_error_next(struct session *s)
{
	find(s, FIND_ERROR, 1);
}

static void command_error_previous(struct session *s)
{
	find(s, FIND_ERROR, -1);
}

static void command_kind_next(struct session *s)
{
	find(s, FIND_KIND, 1);
}

static void command_kind_previous(struct session *s)
{
	find(s, FIND_KIND, -1);
}

/* The next fault of the process that the memory view shows. */
static void fault_goto(struct session *s, int way)
{
	const struct memory_shot *shot = s->memory.shot;
	const uint64_t here = shot == NULL ? 0 : shot->fault.begin.id;

	s->find.query.pid = s->memory.pid;
	if (way < 0 && here != 0 && here < s->now.id)
		session_goto(s, here); /* to its beginning first */
	else
		find(s, FIND_FAULT, way);
}

static void found(struct session *s, int way)
{
	if (s->find.query.text[0] == '\0')
		session_say(s, "nothing was searched for yet; / searches");
	else
		find(s, FIND_TEXT, way);
}

/* The next step of the crash's story that an event tells, and the cursor there. */
static void step_goto(struct session *s, int way)
{
	const struct fact *fact;

	tale_select(&s->tale, way, true);
	fact = tale_fact(&s->tale);
	if (fact != NULL && fact->event != 0)
		session_goto(s, fact->event);
}

/* The next difference, and the cursor at its event of A. */
static void difference_goto(struct session *s, int way)
{
	versus_select(&s->versus, way);
	if (versus_event(&s->versus) != 0)
		session_goto(s, versus_event(&s->versus));
}

/* n and N: what a view is made of, else the text that was searched for. */
static void next(struct session *s, int way)
{
	if (s->view == VIEW_MEMORY)
		fault_goto(s, way);
	else if (s->view == VIEW_CRASH)
		step_goto(s, way);
	else if (s->view == VIEW_DIFF)
		difference_goto(s, way);
	else
		found(s, way);
}

static void command_found_next(struct session *s)
{
	next(s, 1);
}

static void command_found_previous(struct session *s)
{
	next(s, -1);
}

static void command_search(struct session *s)
{
	prompt_open(s, '/');
}

static void command_filter(struct session *s)
{
	prompt_open(s, '\\');
	snprintf(s->prompt.text, sizeof(s->prompt.text), "%s", s->filter_text);
	s->prompt.length = strlen(s->prompt.text);
}

static void command_command(struct session *s)
{
	prompt_open(s, ':');
}

/* Left and right: along the time that is shown, else from event to event. */
static void sideways(struct session *s, int way)
{
	if (s->view == VIEW_TIMELINE)
		scale_pan(&s->scale, way);
	else
		step(s, way);
}

static void command_right(struct session *s)
{
	sideways(s, 1);
}

static void command_left(struct session *s)
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
		step(s, way);
}

static void command_down(struct session *s)
{
	upright(s, 1);
}

static void command_up(struct session *s)
{
	upright(s, -1);
}

/* Only the timeline has a scale: others are turned to it. */
static struct scale *scale_shown(struct session *s)
{
	s->view = VIEW_TIMELINE;
	return &s->scale;
}

static void command_zoom_in(struct session *s)
{
	scale_zoom(scale_shown(s), s->now.time, true);
}

static void command_zoom_out(struct session *s)
{
	scale_zoom(scale_shown(s), s->now.time, false);
}

static void command_zoom_all(struct session *s)
{
	struct scale *t = scale_shown(s);

	scale_show(t, 0, t->length);
}

static void command_zoom_marks(struct session *s)
{
	const int64_t a = s->mark[0], b = s->mark[1];

	if (a < 0 || b < 0 || a == b)
		session_say(s, "a and b set the two ends of a range first");
	else
		scale_show(scale_shown(s), a < b ? a : b, a < b ? b : a);
}

/* The cursor's event over most of the width: its call or fault, else the time to its
 * neighbours. */
static void command_zoom_event(struct session *s)
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

static void mark(struct session *s, int which)
{
	s->mark[which] = s->now.time;
	session_say(s, "%s is at %lld.%09lld s", which == 0 ? "A" : "B",
		    (long long)(s->now.time / 1000000000), (long long)(s->now.time % 1000000000));
}

static void command_mark_a(struct session *s)
{
	mark(s, 0);
}

static void command_mark_b(struct session *s)
{
	mark(s, 1);
}

static void command_view_timeline(struct session *s)
{
	s->view = VIEW_TIMELINE;
}

static void command_view_boundary(struct session *s)
{
	s->view = VIEW_BOUNDARY;
}

static void command_view_memory(struct session *s)
{
	s->view = VIEW_MEMORY;
}

static void command_pick(struct session *s)
{
	pick_open(s);
}

static void command_view_profile(struct session *s)
{
	s->view = VIEW_PROFILE;
}

/* A row stands for its event: the longest of a profile's, what tells a fact, where two
 * recordings part. */
static void command_show(struct session *s)
{
	const struct profile_row *row = costs_row(&s->costs);
	const struct fact *fact = tale_fact(&s->tale);

	if (s->view == VIEW_PROFILE && row != NULL)
		session_goto(s, row->example);
	else if (s->view == VIEW_CRASH && fact != NULL && fact->event != 0)
		session_goto(s, fact->event);
	else if (s->view == VIEW_DIFF && versus_event(&s->versus) != 0)
		session_goto(s, versus_event(&s->versus));
	s->view = VIEW_BOUNDARY;
}

static void command_sort(struct session *s)
{
	if (s->view == VIEW_MEMORY) {
		s->memory.sharers = !s->memory.sharers;
		return;
	}
	s->view = VIEW_PROFILE;
	costs_sort_next(&s->costs);
}

static void command_group(struct session *s)
{
	const enum profile_by next = (s->costs.by + 1) % PROFILE_BY_LIMIT;

	s->view = VIEW_PROFILE;
	costs_ask(&s->costs, s->path, next, filter_pid(&s->filter));
}

static void command_view_events(struct session *s)
{
	s->view = VIEW_EVENTS;
}

static void command_view_other(struct session *s)
{
	s->view = (enum view)((s->view + 1) % VIEW_COUNT);
}

static void command_view_diff(struct session *s)
{
	s->view = VIEW_DIFF;
}

static void command_view_crash(struct session *s)
{
	s->view = VIEW_CRASH;
}

static void command_crash_next(struct session *s)
{
	s->view = VIEW_CRASH;
	tale_next(&s->tale);
}

static void command_why(struct session *s)
{
	s->popup = POPUP_WHY;
}

static void command_help(struct session *s)
{
	s->popup = POPUP_HELP;
	s->popup_page = 0;
}

static void command_cancel(struct session *s)
{
	if (session_busy(s))
		session_say(s, "stopped");
	find_stop(s);
	s->target = s->now.id;
	s->playing = false;
}

static void command_mark(struct session *s)
{
	marks_await(s, 'm');
}

static void command_mark_goto(struct session *s)
{
	marks_await(s, '\'');
}

static void command_older(struct session *s)
{
	marks_walk(s, -1);
}

static void command_newer(struct session *s)
{
	marks_walk(s, 1);
}

static void command_export(struct session *s)
{
	prompt_open(s, 'x');
	snprintf(s->prompt.text, sizeof(s->prompt.text), "ringscope-%llu.svg",
		 (unsigned long long)s->now.id);
	s->prompt.length = strlen(s->prompt.text);
}

static void command_big(struct session *s)
{
	s->big = !s->big;
	session_say(s, s->big ? "projector: fewer things, farther apart; B goes back"
			      : "everything again");
}

static void command_theme(struct session *s)
{
	s->theme = (enum theme)((s->theme + 1) % THEME_COUNT);
	session_say(s, "theme: %s", theme_name(s->theme));
}

static void command_lesson(struct session *s)
{
	s->popup = POPUP_LESSONS;
}

static void command_quit(struct session *s)
{
	s->quit = true;
}

static const struct {
	int code;
	void (*run)(struct session *s);
} bindings[] = {
#define KEY(code, shown, command, help) { code, command_##command },
#define ALIAS(code, command)            { code, command_##command },
#include "viewer/keys.def"
};

void session_key(struct session *s, int key)
{
	s->message[0] = '\0';
	if (s->prompt.sign != 0) {
		prompt_key(s, key);
		return;
	}
	if (s->popup == POPUP_PICK) {
		pick_key(s, key);
		return;
	}
	if (s->popup != POPUP_NONE) {
		if (s->popup != POPUP_HELP || key == KEY_CODE_ESCAPE ||
		    ++s->popup_page >= help_pages(s->rows))
			s->popup = POPUP_NONE;
		return;
	}
	if (marks_key(s, key) || teach_key(s, key))
		return;
	for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++) {
		if (bindings[i].code == key) {
			bindings[i].run(s);
			s->live.follow &= s->playing;
			return;
		}
	}
	session_say(s, "this key does nothing; ? shows those that do");
}
