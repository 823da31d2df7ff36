/* What keys and typed commands do to a session. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/key.h"
#include "viewer/session.h"

#define PAGE_EVENTS 20

static void command_play(struct session *s)
{
	s->playing = !s->playing;
	s->owed = 0;
	if (s->playing && s->now.id >= s->count) {
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

static void found(struct session *s, int way)
{
	if (s->find.text[0] == '\0')
		session_say(s, "nothing was searched for yet; / searches");
	else
		find(s, FIND_TEXT, way);
}

static void command_found_next(struct session *s)
{
	found(s, 1);
}

static void command_found_previous(struct session *s)
{
	found(s, -1);
}

static void prompt_open(struct session *s, char sign)
{
	s->prompt.sign = sign;
	s->prompt.length = 0;
	s->prompt.text[0] = '\0';
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

static void command_view_boundary(struct session *s)
{
	s->view = VIEW_BOUNDARY;
}

static void command_view_events(struct session *s)
{
	s->view = VIEW_EVENTS;
}

static void command_view_other(struct session *s)
{
	s->view = s->view == VIEW_BOUNDARY ? VIEW_EVENTS : VIEW_BOUNDARY;
}

static void command_view_absent(struct session *s)
{
	session_say(s, "this view is not built yet (see viewer/README.md); 1 boundary, 2 events");
}

static void command_why(struct session *s)
{
	s->popup = POPUP_WHY;
}

static void command_help(struct session *s)
{
	s->popup = POPUP_HELP;
}

static void command_cancel(struct session *s)
{
	if (session_busy(s))
		session_say(s, "stopped");
	s->find.kind = FIND_NONE;
	s->target = s->now.id;
	s->playing = false;
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

static void filter_set(struct session *s, const char *text)
{
	struct error why = { 0 };

	if (!filter_parse(&s->filter, text, &why)) {
		session_say(s, "%s", why.text);
		return;
	}
	snprintf(s->filter_text, sizeof(s->filter_text), "%s", text);
	session_say(s, s->filter.count == 0
			       ? "the filter is off: every event is shown"
			       : "only these events now; \\ and an empty line shows all");
}

/* ":t 12.3s": seconds unless a unit (s, ms, us, ns) follows. */
static void time_goto(struct session *s, const char *text)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "", 1e9 }, { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "ns", 1 } };
	char *end;
	double value = strtod(text, &end);

	for (size_t i = 0; end != text && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) == 0 && value >= 0 && value * units[i].ns < 9e18) {
			session_goto(s, reader_seek(s->reader, (int64_t)(value * units[i].ns)));
			return;
		}
	}
	session_say(s, ":t wants a time since the start, as in :t 12.3s or :t 450us");
}

static void number_goto(struct session *s, const char *text, bool pace)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0')
		session_say(s, "'%s' is not a number", text);
	else if (pace)
		session_pace_set(s, value > 1000000 ? 1000000 : value);
	else if (value > s->count)
		session_say(s, "the last event is %" PRIu64, s->count);
	else
		session_goto(s, value);
}

static void command_typed(struct session *s, const char *text)
{
	size_t word = strcspn(text, " ");
	const char *rest = text + word + strspn(text + word, " ");

	if (word == 0)
		return;
	if (word == 2 && strncmp(text, "ev", word) == 0)
		number_goto(s, rest, false);
	else if (word == 1 && text[0] == 't')
		time_goto(s, rest);
	else if (word == 4 && strncmp(text, "pace", word) == 0)
		number_goto(s, rest, true);
	else if (word == 6 && strncmp(text, "filter", word) == 0)
		filter_set(s, rest);
	else if (word == 4 && strncmp(text, "help", word) == 0)
		s->popup = POPUP_HELP;
	else if ((word == 1 && text[0] == 'q') || (word == 4 && strncmp(text, "quit", word) == 0))
		s->quit = true;
	else
		session_say(s, "no command '%.*s'; there are ev, t, pace, filter, help, q",
			    (int)word, text);
}

static void prompt_done(struct session *s)
{
	char sign = s->prompt.sign;

	s->prompt.sign = 0;
	if (sign == ':') {
		command_typed(s, s->prompt.text);
	} else if (sign == '\\') {
		filter_set(s, s->prompt.text);
	} else if (s->prompt.text[0] != '\0') {
		snprintf(s->find.text, sizeof(s->find.text), "%s", s->prompt.text);
		find(s, FIND_TEXT, 1);
	}
}

static void prompt_key(struct session *s, int key)
{
	struct prompt *p = &s->prompt;

	if (key == KEY_CODE_ENTER)
		prompt_done(s);
	else if (key == KEY_CODE_ESCAPE)
		p->sign = 0;
	else if (key == KEY_CODE_BACKSPACE && p->length == 0)
		p->sign = 0;
	else if (key == KEY_CODE_BACKSPACE)
		p->text[--p->length] = '\0';
	else if (key >= ' ' && key < 0x7f && p->length + 1 < sizeof(p->text)) {
		p->text[p->length++] = (char)key;
		p->text[p->length] = '\0';
	}
}

void session_key(struct session *s, int key)
{
	s->message[0] = '\0';
	if (s->prompt.sign != 0) {
		prompt_key(s, key);
		return;
	}
	if (s->popup != POPUP_NONE) {
		s->popup = POPUP_NONE;
		return;
	}
	for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++) {
		if (bindings[i].code == key) {
			bindings[i].run(s);
			return;
		}
	}
	session_say(s, "this key does nothing; ? shows those that do");
}
