/* Growing text: doubles its room, so that n bytes cost O(n) copies. */
#include "kernel/fs/text.h"

#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define TEXT_FIRST 512

/* Room for n more bytes and a NUL that print_text writes. */
static bool text_reserve(struct text *t, size_t n)
{
	size_t room = t->room ? t->room : TEXT_FIRST;
	char *bytes;

	if (t->failed)
		return false;
	if (t->length + n + 1 <= t->room)
		return true;
	while (room < t->length + n + 1)
		room *= 2;
	bytes = kmalloc(room);
	if (!bytes) {
		t->failed = true;
		return false;
	}
	if (t->length)
		memcpy(bytes, t->bytes, t->length);
	kfree(t->bytes);
	t->bytes = bytes;
	t->room = room;
	return true;
}

void text_add(struct text *t, const char *format, ...)
{
	va_list arguments;
	int n;

	if (!text_reserve(t, 0))
		return;
	va_start(arguments, format);
	n = print_text_list(t->bytes + t->length, t->room - t->length, format, arguments);
	va_end(arguments);
	if (n < 0)
		return;
	if ((size_t)n >= t->room - t->length) {
		if (!text_reserve(t, (size_t)n))
			return;
		va_start(arguments, format);
		print_text_list(t->bytes + t->length, t->room - t->length, format, arguments);
		va_end(arguments);
	}
	t->length += (size_t)n;
}

void text_bytes(struct text *t, const void *from, size_t n)
{
	if (!text_reserve(t, n))
		return;
	memcpy(t->bytes + t->length, from, n);
	t->length += n;
}

void text_escaped(struct text *t, const char *s, const char *which)
{
	for (; *s; s++) {
		if (strchr(which, *s))
			text_add(t, "\\%d%d%d", (*s >> 6) & 7, (*s >> 3) & 7, *s & 7);
		else
			text_bytes(t, s, 1);
	}
}

void text_free(struct text *t)
{
	kfree(t->bytes);
	*t = (struct text){ 0 };
}
