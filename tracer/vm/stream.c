#include "tracer/vm/stream.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

void stream_init(struct stream *s, int from, int to)
{
	s->from = from;
	s->to = to;
	s->start = s->end = 0;
	s->ended = from < 0;
	s->error = 0;
}

bool stream_wants_read(const struct stream *s)
{
	return !s->ended && s->start == s->end;
}

bool stream_wants_write(const struct stream *s)
{
	return s->start < s->end;
}

void stream_read(struct stream *s)
{
	const ssize_t got = read(s->from, s->bytes, sizeof(s->bytes));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		s->ended = true;
		return;
	}
	s->start = 0;
	s->end = (size_t)got;
	if (s->to < 0 || s->error)
		s->start = s->end;
}

void stream_write(struct stream *s)
{
	/* A pipe that is ready takes this much without blocking. */
	const size_t some = s->end - s->start < PIPE_BUF ? s->end - s->start : PIPE_BUF;
	const ssize_t put = write(s->to, s->bytes + s->start, some);

	if (put >= 0) {
		s->start += (size_t)put;
	} else if (errno != EINTR && errno != EAGAIN) {
		s->error = errno;
		s->start = s->end;
	}
}

bool stream_done(const struct stream *s)
{
	return s->ended && s->start == s->end;
}
