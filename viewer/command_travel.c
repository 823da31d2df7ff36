/* Keys that take the cursor along the events: playing, stepping, going, finding. */
#include "viewer/command.h"
#include "viewer/session.h"

#define PAGE_EVENTS 20

void command_play(struct session *s)
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

void command_forward(struct session *s)
{
	session_step(s, 1);
}

void command_back(struct session *s)
{
	session_step(s, -1);
}

void command_follow(struct session *s)
{
	live_follow(s);
}

void command_pace_kind(struct session *s)
{
	session_pace_kind(s, !s->by_time);
	session_say(s, "pace: %s", session_pace_text(s));
}

void command_faster(struct session *s)
{
	session_pace(s, 1);
}

void command_slower(struct session *s)
{
	session_pace(s, -1);
}

void command_pace_reset(struct session *s)
{
	session_pace_set(s, 1);
}

void command_replay(struct session *s)
{
	s->motion_ms = 0;
	if (s->still)
		session_say(s, "nothing moves here: --no-motion");
}

void command_debug(struct session *s)
{
	s->playing = false;
	if (!s->now.id)
		session_say(s, "no event yet to stop at");
	else
		s->debug_event = s->now.id;
}

void command_first(struct session *s)
{
	s->playing = false;
	session_goto(s, 1);
}

void command_last(struct session *s)
{
	s->playing = false;
	session_goto(s, s->count);
}

void command_page_down(struct session *s)
{
	if (s->now.id >= s->count)
		session_say(s, "this is the last event");
	session_goto(s, s->now.id + PAGE_EVENTS);
}

void command_page_up(struct session *s)
{
	if (s->now.id <= 1)
		session_say(s, "this is the first event");
	session_goto(s, s->now.id > PAGE_EVENTS ? s->now.id - PAGE_EVENTS : 1);
}

static void find(struct session *s, enum find_kind kind, int way)
{
	s->playing = false;
	session_find(s, kind, way);
}

void command_error_next(struct session *s)
{
	find(s, FIND_ERROR, 1);
}

void command_error_previous(struct session *s)
{
	find(s, FIND_ERROR, -1);
}

void command_kind_next(struct session *s)
{
	find(s, FIND_KIND, 1);
}

void command_kind_previous(struct session *s)
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
	const unsigned before = s->tale.selected;
	const struct fact *fact;

	tale_select(&s->tale, way, true);
	fact = tale_fact(&s->tale);
	if (fact != NULL && s->tale.selected == before)
		session_say(s, "no step of the story %s this one", way > 0 ? "after" : "before");
	if (fact != NULL && fact->event != 0)
		session_goto(s, fact->event);
}

/* The next difference, and the cursor at its event of A. */
static void difference_goto(struct session *s, int way)
{
	const unsigned before = s->versus.selected;

	versus_select(&s->versus, way);
	if (versus_event(&s->versus) != 0 && s->versus.selected == before)
		session_say(s, "no difference %s this one", way > 0 ? "after" : "before");
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

void command_found_next(struct session *s)
{
	next(s, 1);
}

void command_found_previous(struct session *s)
{
	next(s, -1);
}

void command_mark(struct session *s)
{
	marks_await(s, 'm');
}

void command_mark_goto(struct session *s)
{
	marks_await(s, '\'');
}

void command_older(struct session *s)
{
	marks_walk(s, -1);
}

void command_newer(struct session *s)
{
	marks_walk(s, 1);
}
