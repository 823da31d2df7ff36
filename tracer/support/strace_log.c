#include "tracer/support/strace_log.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/buffer.h"

#define UNFINISHED "<unfinished ..."

/* A thread amid a call. */
struct pending {
	long pid;
	struct buffer text; /* "read(0, " */
};

struct strace_log {
	log_found found;
	void *context;
	struct buffer line, joined;
	struct pending *pending;
	size_t pending_count;
};

struct strace_log *strace_log_new(log_found found, void *context)
{
	struct strace_log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->found = found;
	log->context = context;
	log->pending = calloc(LOG_PENDING_MAX, sizeof(*log->pending));
	if (!log->pending) {
		free(log);
		return NULL;
	}
	return log;
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Behind what begins at `at`: a quoted string, a comment, or the <path> of a descriptor;
 * `at` itself if none of them does.  before: the character in front of it. */
static const char *opaque_skip(const char *at, const char *end, char before)
{
	const char *from = at;

	if (*at == '"' || *at == '\'') {
		for (at++; at < end && *at != *from; at++)
			at += *at == '\\' && at + 1 < end;
		return at < end ? at + 1 : end;
	}
	if (*at == '/' && at + 1 < end && at[1] == '*') {
		for (at += 2; at + 1 < end && (at[0] != '*' || at[1] != '/'); at++)
			;
		return at + 1 < end ? at + 2 : end;
	}
	if (*at == '<' && is_name(before)) {
		while (at < end && *at != '>')
			at++;
		return at < end ? at + 1 : end;
	}
	return at;
}

/* The first of the characters of `stop` that is in none of those and in no brackets. */
static const char *outside_find(const char *at, const char *end, const char *stop)
{
	int depth = 0;
	char before = ' ';

	while (at < end) {
		const char *behind = opaque_skip(at, end, before);

		before = *at;
		if (behind > at) {
			at = behind;
			continue;
		}
		if (!depth && strchr(stop, *at))
			return at;
		depth += strchr("([{", *at) ? 1 : strchr(")]}", *at) && depth ? -1 : 0;
		at++;
	}
	return NULL;
}

bool argument_next(const char **at, const char **argument, size_t *length)
{
	const char *end = *at + strlen(*at), *comma;

	while (isspace((unsigned char)**at))
		++*at;
	if (!**at)
		return false;
	comma = outside_find(*at, end, ",");
	*argument = *at;
	*length = (size_t)((comma ? comma : end) - *at);
	*at = comma ? comma + 1 : end;
	return true;
}

bool name_next(const char **at, const char *end, const char **name, size_t *length)
{
	char before = ' ';

	while (*at < end) {
		const char *from = *at, *behind = opaque_skip(from, end, before);

		before = *from;
		if (behind > from) {
			*at = behind;
			continue;
		}
		while (*at < end && is_name(**at))
			++*at;
		if (*at == from) {
			++*at;
			continue;
		}
		before = (*at)[-1];
		if ((isupper((unsigned char)*from) || *from == '_') &&
		    !(*at < end && **at == '=')) {
			*name = from;
			*length = (size_t)(*at - from);
			return true;
		}
	}
	return false;
}

/* The thread at the line's head, 0 if it names none; *line is moved behind it and
 * behind times. */
static long head_read(const char **line)
{
	long pid = 0;

	for (;;) {
		const char *at = *line;
		char *end;
		bool bracket;

		while (isspace((unsigned char)*at))
			at++;
		bracket = *at == '[';
		if (bracket)
			at += strncmp(at, "[pid ", 5) == 0 ? 5 : 1;
		while (isspace((unsigned char)*at))
			at++;
		*line = bracket ? *line : at;
		if (!isdigit((unsigned char)*at))
			return pid;
		if (bracket || strcspn(at, ".:+ ") == strcspn(at, " "))
			pid = strtol(at, &end, 10);
		end = (char *)at + strcspn(at, bracket ? "]" : " ");
		*line = *end ? end + 1 : end;
	}
}

static struct pending *pending_of(struct strace_log *log, long pid, bool make)
{
	struct pending *p;

	for (size_t i = 0; i < log->pending_count; i++)
		if (log->pending[i].pid == pid)
			return &log->pending[i];
	if (!make || log->pending_count == LOG_PENDING_MAX)
		return NULL;
	p = &log->pending[log->pending_count++];
	p->pid = pid;
	return p;
}

static void pending_drop(struct strace_log *log, struct pending *p)
{
	buffer_free(&p->text);
	*p = log->pending[--log->pending_count];
	log->pending[log->pending_count] = (struct pending){ 0 };
}

/* text is "name(arguments) = result", maybe without its end. */
static void call_take(struct strace_log *log, const char *text)
{
	const char *open = strchr(text, '('), *end = text + strlen(text), *close, *result = "";
	struct buffer name = { 0 }, arguments = { 0 };

	close = outside_find(open + 1, end, ")");
	if (close) {
		result = close + 1 + strspn(close + 1, " ");
		result += *result == '=' ? 1 + strspn(result + 1, " ") : 0;
	}
	buffer_append(&name, text, (size_t)(open - text));
	buffer_append(&arguments, open + 1, (size_t)((close ? close : end) - open - 1));
	log->found(log->context, buffer_text(&name), buffer_text(&arguments), result);
	buffer_free(&name);
	buffer_free(&arguments);
}

static bool is_call(const char *text)
{
	size_t length = 0;

	while (is_name(text[length]))
		length++;
	return length && text[length] == '(';
}

/* "<... read resumed>, 5) = 5": with the first part it is a call. */
static bool resumed_take(struct strace_log *log, long pid, const char *text)
{
	const char *rest = strstr(text, " resumed>");
	struct pending *p = pending_of(log, pid, false);

	if (!rest)
		return false;
	if (!p)
		return true;
	rest += strlen(" resumed>");
	buffer_clear(&log->joined);
	buffer_string(&log->joined, buffer_text(&p->text));
	buffer_string(&log->joined, rest);
	pending_drop(log, p);
	call_take(log, buffer_text(&log->joined));
	return true;
}

bool strace_log_line(struct strace_log *log, const char *line, size_t length)
{
	const char *text, *unfinished;
	struct pending *p;
	long pid;

	while (length && (line[length - 1] == '\n' || line[length - 1] == '\r'))
		length--;
	buffer_clear(&log->line);
	buffer_append(&log->line, line, length < LOG_LINE_MAX ? length : LOG_LINE_MAX);
	text = buffer_text(&log->line);
	pid = head_read(&text);
	if (strncmp(text, "<... ", 5) == 0)
		return resumed_take(log, pid, text);
	if (strncmp(text, "--- ", 4) == 0 || strncmp(text, "+++ ", 4) == 0 ||
	    strncmp(text, "strace: ", 8) == 0)
		return true;
	if (!is_call(text))
		return false;
	unfinished = strstr(text, UNFINISHED);
	if (!unfinished) {
		call_take(log, text);
		return true;
	}
	p = pending_of(log, pid, true);
	if (p) {
		buffer_clear(&p->text);
		buffer_append(&p->text, text, (size_t)(unfinished - text));
	}
	return true;
}

void strace_log_end(struct strace_log *log)
{
	while (log->pending_count) {
		call_take(log, buffer_text(&log->pending[0].text));
		pending_drop(log, &log->pending[0]);
	}
	free(log->pending);
	buffer_free(&log->line);
	buffer_free(&log->joined);
	free(log);
}
