#include "tracer/vm/queue.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A buffer grows by doubling up to so much, then by as much; one that became larger is not
 * kept. */
#define ROOM_KEPT  (4u << 20)
#define ROOM_LEAST (64u << 10)

uint64_t clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void queue_init(struct queue *q)
{
	*q = (struct queue){ 0 };
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->filled, NULL);
	pthread_cond_init(&q->emptied, NULL);
}

void queue_free(struct queue *q)
{
	batch_free(&q->filling);
	pthread_cond_destroy(&q->filled);
	pthread_cond_destroy(&q->emptied);
	pthread_mutex_destroy(&q->lock);
}

/* Bytes that an item takes: the next one is aligned. */
static size_t item_size(uint32_t length)
{
	const size_t align = _Alignof(struct queued);

	return (sizeof(struct queued) + length + align - 1) / align * align;
}

static bool room_make(struct batch *b, size_t more)
{
	size_t room = b->room ? b->room : ROOM_LEAST;
	uint8_t *data;

	while (room - b->bytes < more)
		room += room < ROOM_KEPT ? room : ROOM_KEPT;
	if (room == b->room)
		return true;
	data = realloc(b->data, room);
	if (!data)
		return false;
	b->data = data;
	b->room = room;
	return true;
}

/* Holds: the lock. */
static void show(struct queue *q)
{
	if (q->shown || q->filling.bytes == 0)
		return;
	q->shown = true;
	pthread_cond_signal(&q->filled);
}

bool queue_append(struct queue *q, unsigned kind, const void *bytes, uint32_t length)
{
	const struct queued head = { .received_ns = clock_now_ns(),
				     .kind = kind,
				     .length = length };
	const size_t size = item_size(length);
	uint8_t *to;
	bool good;

	pthread_mutex_lock(&q->lock);
	while (q->filling.bytes > QUEUE_BYTES)
		pthread_cond_wait(&q->emptied, &q->lock);
	good = room_make(&q->filling, size);
	if (good) {
		to = q->filling.data + q->filling.bytes;
		memcpy(to, &head, sizeof(head));
		memcpy(to + sizeof(head), bytes, length);
		q->filling.bytes += size;
		if (q->filling.bytes >= QUEUE_SHOW_BYTES)
			show(q);
	}
	pthread_mutex_unlock(&q->lock);
	return good;
}

void queue_show(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	show(q);
	pthread_mutex_unlock(&q->lock);
}

void queue_end(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->ended = true;
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

bool queue_take(struct queue *q, struct batch *b)
{
	struct batch done = *b;

	if (done.room > ROOM_KEPT)
		batch_free(&done);
	done.bytes = done.at = 0;
	pthread_mutex_lock(&q->lock);
	while (!q->shown && !q->ended)
		pthread_cond_wait(&q->filled, &q->lock);
	*b = q->filling;
	q->filling = done;
	q->shown = false;
	pthread_cond_broadcast(&q->emptied);
	pthread_mutex_unlock(&q->lock);
	return b->bytes > 0;
}

const struct queued *batch_next(struct batch *b)
{
	const struct queued *item;

	if (b->at == b->bytes)
		return NULL;
	item = (const void *)(b->data + b->at);
	b->at += item_size(item->length);
	return item;
}

void batch_free(struct batch *b)
{
	free(b->data);
	*b = (struct batch){ 0 };
}
