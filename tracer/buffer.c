#include "tracer/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_free(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){ 0 };
}

void buffer_clear(struct buffer *b)
{
	b->length = 0;
	if (b->data)
		b->data[0] = '\0';
}

const char *buffer_text(const struct buffer *b)
{
	return b->data ? b->data : "";
}

/* Make room for count more bytes and a NUL.  NULL if there can be none. */
static char *buffer_room(struct buffer *b, size_t count)
{
	size_t size = b->size ? b->size : 64;
	char *data;

	if (count >= BUFFER_LIMIT || b->length + count >= BUFFER_LIMIT)
		return NULL;
	while (size <= b->length + count)
		size *= 2;
	if (size != b->size) {
		data = realloc(b->data, size);
		if (!data)
			return NULL;
		b->data = data;
		b->size = size;
	}
	return b->data + b->length;
}

void buffer_append(struct buffer *b, const void *bytes, size_t count)
{
	char *room = buffer_room(b, count);

	if (!room)
		return;
	memcpy(room, bytes, count);
	room[count] = '\0';
	b->length += count;
}

void buffer_string(struct buffer *b, const char *text)
{
	buffer_append(b, text, strlen(text));
}

void buffer_char(struct buffer *b, char c)
{
	buffer_append(b, &c, 1);
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
	char *room = buffer_room(b, 64);
	const size_t free_bytes = room ? b->size - b->length : 0;
	va_list list;
	int need;

	va_start(list, format);
	need = vsnprintf(room, free_bytes, format, list);
	va_end(list);
	if (need < 0)
		return;
	if ((size_t)need >= free_bytes) { /* now its length is known */
		room = buffer_room(b, (size_t)need);
		if (!room)
			return;
		va_start(list, format);
		vsnprintf(room, (size_t)need + 1, format, list);
		va_end(list);
	}
	b->length += (size_t)need;
}

void buffer_quote(struct buffer *b, const void *bytes, size_t count)
{
	static const char named[] = "\a\b\t\n\v\f\r";
	const unsigned char *p = bytes;

	buffer_char(b, '"');
	for (size_t i = 0; i < count; i++) {
		const unsigned char c = p[i];
		const char *at = c ? strchr(named, c) : NULL;
		const int digit_follows = i + 1 < count && p[i + 1] >= '0' && p[i + 1] <= '9';

		if (c == '"' || c == '\\')
			buffer_printf(b, "\\%c", c);
		else if (c >= 0x20 && c < 0x7f)
			buffer_char(b, (char)c);
		else if (at)
			buffer_printf(b, "\\%c", "abtnvfr"[at - named]);
		else
			buffer_printf(b, digit_follows ? "\\%03o" : "\\%o", c);
	}
	buffer_char(b, '"');
}

void buffer_clean(struct buffer *b, const char *text)
{
	for (; *text; text++)
		buffer_char(b, *text >= 0x20 && *text < 0x7f ? *text : '?');
}

/* Length of the valid UTF-8 sequence at p, 0 if there is none. */
static size_t utf8_length(const unsigned char *p)
{
	size_t more = p[0] >= 0xf0 ? 3 : p[0] >= 0xe0 ? 2 : 1;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i <= more; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return more + 1;
}

void buffer_json(struct buffer *b, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	buffer_char(b, '"');
	while (*p) {
		const size_t length = utf8_length(p);

		if (*p == '"' || *p == '\\')
			buffer_printf(b, "\\%c", *p);
		else if (*p < 0x20 || *p == 0x7f)
			buffer_printf(b, "\\u%04x", *p);
		else if (length)
			buffer_append(b, p, length);
		else
			buffer_string(b, "\\ufffd");
		p += length ? length : 1;
	}
	buffer_char(b, '"');
}

/* The reference that stands for a character in markup, NULL if it may stand itself. */
static const char *reference(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? "\xef\xbf\xbd" : NULL;
	}
}

void buffer_markup(struct buffer *b, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p) {
		const size_t length = utf8_length(p);
		const char *stands = length ? reference(*p) : "\xef\xbf\xbd";

		if (stands)
			buffer_string(b, stands);
		else
			buffer_append(b, p, length);
		p += length ? length : 1;
	}
}
void buffer_csv(struct buffer *b, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		buffer_string(b, text);
		return;
	}
	buffer_char(b, '"');
	for (; *text; text++) {
		if (*text == '"')
			buffer_char(b, '"');
		buffer_char(b, *text);
	}
	buffer_char(b, '"');
}
