#include "viewer/clip.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/command.h"
#include "viewer/label.h"
#include "viewer/linear.h"
#include "viewer/session.h"

char *clip_event(const struct session *s)
{
	char *text = NULL, *end;
	size_t size;
	FILE *out;

	if (s->now.id == 0 || (out = open_memstream(&text, &size)) == NULL)
		return NULL;
	linear_line(s->reader, &s->event, s->ascii, out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	end = strchr(text, '\n');
	if (end != NULL)
		*end = '\0';
	return text;
}

char *clip_query(const struct session *s)
{
	const char *table = NULL;
	uint64_t id = s->now.id;
	struct event begin;
	struct span span;
	char *text;

	if (id == 0)
		return NULL;
	if (reader_span(s->reader, id, &span) &&
	    reader_event(s->reader, span.begin, &begin, NULL)) {
		table = begin.kind == EV_syscall_enter ? "syscall"
			: begin.kind == EV_page_fault  ? "page_fault"
						       : NULL;
		id = table == NULL ? id : span.begin;
	}
	if (asprintf(&text, "SELECT * FROM %s%s WHERE id = %" PRIu64, table == NULL ? "ev_" : "",
		     table == NULL ? label_event_name(s->event.kind) : table, id) < 0)
		return NULL;
	return text;
}

char *clip_base64(const char *text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const size_t length = strlen(text);
	char *out = malloc((length + 2) / 3 * 4 + 1), *to = out;

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < length; i += 3) {
		const size_t left = length - i;
		const uint32_t bits = (uint32_t)(uint8_t)text[i] << 16 |
				      (left > 1 ? (uint32_t)(uint8_t)text[i + 1] << 8 : 0) |
				      (left > 2 ? (uint8_t)text[i + 2] : 0);

		*to++ = digits[bits >> 18];
		*to++ = digits[bits >> 12 & 63];
		*to++ = left > 1 ? digits[bits >> 6 & 63] : '=';
		*to++ = left > 2 ? digits[bits & 63] : '=';
	}
	*to = '\0';
	return out;
}

static void copy(struct session *s, char *text)
{
	if (text == NULL) {
		session_say(s, "there is no event to copy");
		return;
	}
	free(s->clip);
	s->clip = text;
}

void command_copy(struct session *s)
{
	copy(s, clip_event(s));
}

void command_copy_query(struct session *s)
{
	copy(s, clip_query(s));
}
