/* The line at the bottom that takes text: searches, filters, typed commands. */
#include "viewer/prompt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/duration.h"
#include "viewer/export.h"
#include "viewer/key.h"
#include "viewer/teach.h"

void prompt_open(struct session *s, char sign)
{
	s->prompt.sign = sign;
	s->prompt.length = 0;
	s->prompt.text[0] = '\0';
}

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

static void time_goto(struct session *s, const char *text)
{
	const char *rest = "";
	const int64_t time = duration_read(text, &rest);

	if (time >= 0 && *rest == '\0')
		session_goto(s, reader_seek(s->reader, time));
	else
		session_say(s, ":t wants a time since the start, as in :t 12.3s or :t 450us");
}

/* A and B at two times, or neither. */
static void range_set(struct session *s, const char *text)
{
	const char *rest = text;
	const int64_t a = duration_read(text, &rest), b = a < 0 ? -1 : duration_read(rest, &rest);

	if (*text == '\0') {
		s->mark[0] = s->mark[1] = -1;
		session_say(s, "A and B are off: the whole trace");
	} else if (b < 0 || *rest != '\0') {
		session_say(s, ":range wants two times, as in :range 1.2s 1.5s; or none");
	} else {
		s->mark[0] = a;
		s->mark[1] = b;
	}
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

static void diff_with(struct session *s, const char *path)
{
	if (path[0] == '\0') {
		session_say(s, ":diff wants the other recording, as in :diff before.db");
		return;
	}
	versus_with(&s->versus, path);
	s->view = VIEW_DIFF;
}

static void file_export(struct session *s, const char *path)
{
	struct error why = { 0 };

	if (export_file(s, path, &why) != 0)
		session_say(s, "%s", why.text);
	else
		session_say(s, "written: %s", path);
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
	else if (word == 5 && strncmp(text, "range", word) == 0)
		range_set(s, rest);
	else if (word == 4 && strncmp(text, "pace", word) == 0)
		number_goto(s, rest, true);
	else if (word == 6 && strncmp(text, "filter", word) == 0)
		filter_set(s, rest);
	else if (word == 4 && strncmp(text, "diff", word) == 0)
		diff_with(s, rest);
	else if (word == 6 && strncmp(text, "events", word) == 0)
		s->view = VIEW_EVENTS;
	else if (word == 6 && strncmp(text, "lesson", word) == 0 && rest[0] == '\0')
		s->popup = POPUP_LESSONS;
	else if (word == 6 && strncmp(text, "lesson", word) == 0)
		teach_named(s, rest);
	else if (word == 6 && strncmp(text, "export", word) == 0)
		file_export(s, rest);
	else if (word == 4 && strncmp(text, "help", word) == 0)
		session_key(s, '?');
	else if ((word == 1 && text[0] == 'q') || (word == 4 && strncmp(text, "quit", word) == 0))
		s->quit = true;
	else
		session_say(
			s,
			"no command '%.*s'; there are ev, t, range, pace, filter, diff, events, lesson, help, q",
			(int)word, text);
}

static void prompt_done(struct session *s)
{
	char sign = s->prompt.sign;

	s->prompt.sign = 0;
	if (sign == ':') {
		command_typed(s, s->prompt.text);
	} else if (sign == 'x') {
		file_export(s, s->prompt.text);
	} else if (sign == '=') {
		teach_answer(s, s->prompt.text);
	} else if (sign == '\\') {
		filter_set(s, s->prompt.text);
	} else if (s->prompt.text[0] != '\0') {
		snprintf(s->find.query.text, sizeof(s->find.query.text), "%s", s->prompt.text);
		s->playing = false;
		session_find(s, FIND_TEXT, 1);
	}
}

void prompt_key(struct session *s, int key)
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
