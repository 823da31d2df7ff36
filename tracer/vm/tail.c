#include "tracer/vm/tail.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void tail_append(struct tail *t, const char *bytes, size_t count)
{
	const size_t room = TAIL_BYTES - 1;

	if (count > room) {
		bytes += count - room;
		count = room;
	}
	if (t->length + count > room) {
		const size_t drop = t->length + count - room;

		memmove(t->text, t->text + drop, t->length - drop);
		t->length -= drop;
	}
	memcpy(t->text + t->length, bytes, count);
	t->length += count;
	t->text[t->length] = '\0';
}

long tail_read(struct tail *t, int fd)
{
	char bytes[4096];
	const ssize_t got = read(fd, bytes, sizeof(bytes));

	if (got > 0)
		tail_append(t, bytes, (size_t)got);
	return got < 0 && (errno == EINTR || errno == EAGAIN) ? 1 : got;
}

const char *tail_lines(struct tail *t, unsigned lines)
{
	size_t at;

	while (t->length && (t->text[t->length - 1] == '\n' || t->text[t->length - 1] == '\r'))
		t->text[--t->length] = '\0';
	for (at = t->length; at > 0; at--)
		if (t->text[at - 1] == '\n' && --lines == 0)
			break;
	t->text[t->length] = '\0';
	return t->text + at;
}
