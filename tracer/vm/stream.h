/* Copying bytes between a guest's port and a descriptor of ours without ever
 * blocking on either: a small buffer with two ends. */
#ifndef TRACER_VM_STREAM_H
#define TRACER_VM_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#define STREAM_BYTES 65536

struct stream {
	int from, to;      /* descriptors, -1: that end is closed */
	size_t start, end; /* bytes held */
	bool ended;        /* from gave its end */
	int error;         /* errno of a failed write */
	char bytes[STREAM_BYTES];
};

void stream_init(struct stream *s, int from, int to);
/* Does it want to read from `from`, to write to `to`? */
bool stream_wants_read(const struct stream *s);
bool stream_wants_write(const struct stream *s);
/* Call when the descriptor is ready. */
void stream_read(struct stream *s);
void stream_write(struct stream *s);
/* Everything that came has been written, and no more will come. */
bool stream_done(const struct stream *s);

#endif
