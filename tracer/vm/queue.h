/* Frames on their way from the reading thread to the storing thread.
 *
 * Bounded: append waits while QUEUE_BYTES are under way, so that a guest that
 * sends more than it was granted meets a full socket, not all our memory. */
#ifndef TRACER_VM_QUEUE_H
#define TRACER_VM_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Frames that do not wait for more: what a transaction costs is shared by all that came
 * meanwhile. */
#define QUEUE_SOON_MS    20
#define QUEUE_SOON_BYTES (1u << 20)

/* More than the first credits are worth, and the tracer stays below 64 MiB. */
#define QUEUE_BYTES (24u << 20)

struct queued {
	struct queued *next;
	unsigned kind;        /* enum trace_frame_kind */
	uint64_t received_ns; /* CLOCK_MONOTONIC */
	uint32_t length;
	uint8_t bytes[]; /* the frame's payload */
};

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied; /* the storing thread has something to do; there is room */
	struct queued *first, **last;
	uint64_t bytes;
	bool urgent, ended;
};

void queue_init(struct queue *q);
void queue_free(struct queue *q);
/* Copy a payload and append it; urgent: the storing thread is not to wait for more.
 * False: no memory. */
bool queue_append(struct queue *q, unsigned kind, const void *bytes, uint32_t length, bool urgent);
/* Nothing more will be appended. */
void queue_end(struct queue *q);
/* All there is, in order; waits for something, and then a moment for more.  NULL: ended.  Free each
 * with free. */
struct queued *queue_take(struct queue *q);

uint64_t clock_now_ns(void);

#endif
