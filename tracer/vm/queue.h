/* Frames on their way from the reading threads to the storing thread.
 *
 * What was appended is taken as a batch once it is shown: what a wake-up and a transaction
 * cost is shared by all of it.  Two buffers take turns, one filled while the other is
 * stored.  Bounded: append waits while QUEUE_BYTES are under way, so that a guest that
 * sends more than it was granted meets a full socket, not all our memory. */
#ifndef TRACER_VM_QUEUE_H
#define TRACER_VM_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So much is shown by itself. */
#define QUEUE_SHOW_BYTES (1u << 20)

/* More than the first credits are worth, and the tracer stays below 64 MiB. */
#define QUEUE_BYTES (24u << 20)

struct queued {
	uint64_t received_ns; /* CLOCK_MONOTONIC */
	uint32_t kind;        /* enum trace_frame_kind */
	uint32_t length;
	uint8_t bytes[]; /* the frame's payload */
};

struct batch {
	uint8_t *data;
	size_t bytes, room;
	size_t at; /* of the next one to be looked at */
};

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied; /* something is shown; there is room */
	struct batch filling;
	bool shown, ended;
};

void queue_init(struct queue *q);
void queue_free(struct queue *q);
/* Copy a payload and append it.  False: no memory. */
bool queue_append(struct queue *q, unsigned kind, const void *bytes, uint32_t length);
/* Let what was appended be taken. */
void queue_show(struct queue *q);
/* Nothing more will be appended. */
void queue_end(struct queue *q);
/* Wait for what is shown, and exchange for it a batch that is done with (at first zeroes).
 * False: ended. */
bool queue_take(struct queue *q, struct batch *b);

/* The next one of a batch, in order; NULL: no more. */
const struct queued *batch_next(struct batch *b);
void batch_free(struct batch *b);

uint64_t clock_now_ns(void);

#endif
