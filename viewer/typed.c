#include "viewer/typed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracer/duration.h"
#include "viewer/command.h"
#include "viewer/export.h"
#include "viewer/phrase.h"
#include "viewer/teach.h"

#define NAME_BYTES 32
#define PACE_MOST  1000000

void typed_filter(struct session *s, const char *text)
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

void typed_export(struct session *s, const char *path)
{
	struct error why = { 0 };
	char left[sizeof(s->message)];

	if (path[0] == '\0') {
		command_export(s);
		return;
	}
	if (access(path, F_OK) == 0 && strcmp(path, s->replace) != 0) {
		snprintf(s->replace, sizeof(s->replace), "%s", path);
		session_say(s, "there is such a file: once more replaces %s", path);
		return;
	}
	s->replace[0] = '\0';
	if (export_file(s, path, &why) != 0) {
		session_say(s, "%s", why.text);
		return;
	}
	snprintf(left, sizeof(left), "%s", s->message);
	session_say(s, "written: %s%s", path, left);
}

/* Whoever goes somewhere does not go along with the recording any more. */
static void go(struct session *s, uint64_t id)
{
	s->playing &= !s->live.follow;
	session_goto(s, id);
}

static void typed_time(struct session *s, const char *text)
{
	const char *rest = "";
	const int64_t time = duration_read(text, &rest);
	struct event last;

	if (time < 0 || *rest != '\0') {
		session_say(s, ":t wants a time since the start, as in :t 12.3s or :t 450us");
		return;
	}
	if (!teach_locked(s) && reader_event(s->reader, s->count, &last, NULL) && time > last.time)
		session_say(s, "the last event is at %" PRId64 ".%09" PRId64 " s",
			    last.time / 1000000000, last.time % 1000000000);
	go(s, reader_seek(s->reader, time));
}

/* A and B at two times, or neither. */
static void typed_range(struct session *s, const char *text)
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

/* A number, with or without the commas that the screen puts into it. */
static bool number_read(const char *text, uint64_t *value)
{
	char digits[NAME_BYTES], *end;
	size_t length = 0;

	for (; *text != '\0' && length + 1 < sizeof(digits); text++)
		if (*text != ',')
			digits[length++] = *text;
	digits[length] = '\0';
	*value = strtoull(digits, &end, 10);
	return digits[0] >= '0' && digits[0] <= '9' && *end == '\0' && *text == '\0';
}

static void typed_event(struct session *s, const char *text)
{
	char count[NAME_BYTES];
	uint64_t value;

	if (!number_read(text, &value)) {
		session_say(s, ":ev wants an event's number, as in :ev 4211");
	} else if (value > s->count) {
		phrase_count(s->count, count, sizeof(count));
		session_say(s,
			    teach_locked(s) ? "what comes after event %s is locked"
					    : "the last event is %s",
			    count);
	} else {
		go(s, value);
	}
}

static void typed_pace(struct session *s, const char *text)
{
	uint64_t value;

	if (number_read(text, &value))
		session_pace_set(s, value > PACE_MOST ? PACE_MOST : value);
	else
		session_say(s, ":pace wants events a second, as in :pace 100");
}

static void typed_diff(struct session *s, const char *path)
{
	if (path[0] == '\0') {
		session_say(s, ":diff wants the other recording, as in :diff before.db");
		return;
	}
	versus_with(&s->versus, path);
	s->view = VIEW_DIFF;
}

static void typed_lesson(struct session *s, const char *name)
{
	if (name[0] == '\0')
		s->popup = POPUP_LESSONS;
	else
		teach_named(s, name);
}

static const struct {
	const char *name;
	void (*run)(struct session *s, const char *rest);
} valued[] = {
	{ "ev", typed_event },      { "t", typed_time },        { "range", typed_range },
	{ "pace", typed_pace },     { "filter", typed_filter }, { "diff", typed_diff },
	{ "lesson", typed_lesson }, { "export", typed_export },
};

/* What a key does, by name. */
static const struct {
	const char *name;
	void (*run)(struct session *s);
} plain[] = {
	{ "q", command_quit },
#define KEY(code, shown, command, help) { #command, command_##command },
#define ALIAS(code, command)            { #command, command_##command },
#include "viewer/keys.def"
};

#define VALUED (sizeof(valued) / sizeof(valued[0]))
#define PLAIN  (sizeof(plain) / sizeof(plain[0]))

/* As it is typed: "view_memory" of keys.def is "memory", "zoom_in" is "zoom-in". */
static const char *plain_name(size_t at)
{
	static char name[NAME_BYTES];
	const char *from = plain[at].name;

	snprintf(name, sizeof(name), "%s", strncmp(from, "view_", 5) == 0 ? from + 5 : from);
	for (char *c = name; *c != '\0'; c++)
		*c = *c == '_' ? '-' : *c;
	return name;
}

static bool valued_too(const char *name)
{
	for (size_t i = 0; i < VALUED; i++)
		if (strcmp(valued[i].name, name) == 0)
			return true;
	return false;
}

/* Keys that do the same have it in plain twice. */
static bool plain_again(size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (plain[i].run == plain[at].run && strcmp(plain[i].name, plain[at].name) == 0)
			return true;
	return false;
}

const char *typed_name(const char *text, size_t length, unsigned at)
{
	for (size_t i = 0; i < VALUED; i++)
		if (strncmp(valued[i].name, text, length) == 0 && at-- == 0)
			return valued[i].name;
	for (size_t i = 0; i < PLAIN; i++) {
		const char *name = plain_name(i);

		if (strncmp(name, text, length) == 0 && !valued_too(name) && !plain_again(i) &&
		    at-- == 0)
			return name;
	}
	return "";
}

void typed_run(struct session *s, const char *text)
{
	const size_t word = strcspn(text, " ");
	const char *rest = text + word + strspn(text + word, " ");
	char name[NAME_BYTES];

	if (word == 0)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)word, text);
	for (size_t i = 0; i < VALUED; i++) {
		if (strcmp(valued[i].name, name) == 0) {
			valued[i].run(s, rest);
			return;
		}
	}
	for (char *c = name; *c != '\0'; c++)
		*c = *c == '_' ? '-' : *c;
	for (size_t i = 0; i < PLAIN; i++) {
		if (strcmp(plain_name(i), strncmp(name, "view-", 5) == 0 ? name + 5 : name) == 0) {
			plain[i].run(s);
			return;
		}
	}
	session_say(s, "no command '%.*s'; : and then Tab goes through those there are", (int)word,
		    text);
}
