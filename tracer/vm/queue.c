#include "tracer/vm/queue.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

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
	pthread_cond_init(&q->changed, NULL);
	q->last = &q->first;
}

void queue_free(struct queue *q)
{
	while (q->first) {
		struct queued *item = q->first;

		q->first = item->next;
		free(item);
	}
	pthread_cond_destroy(&q->changed);
	pthread_mutex_destroy(&q->lock);
}

bool queue_append(struct queue *q, unsigned kind, const void *bytes, uint32_t length)
{
	struct queued *item = malloc(sizeof(*item) + length);

	if (!item)
		return false;
	item->next = NULL;
	item->kind = kind;
	item->received_ns = clock_now_ns();
	item->length = length;
	memcpy(item->bytes, bytes, length);
	pthread_mutex_lock(&q->lock);
	while (q->bytes > QUEUE_BYTES)
		pthread_cond_wait(&q->changed, &q->lock);
	*q->last = item;
	q->last = &item->next;
	q->bytes += length;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
	return true;
}

void queue_end(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->ended = true;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
}

struct queued *queue_take(struct queue *q)
{
	struct queued *items;

	pthread_mutex_lock(&q->lock);
	while (!q->first && !q->ended)
		pthread_cond_wait(&q->changed, &q->lock);
	items = q->first;
	q->first = NULL;
	q->last = &q->first;
	q->bytes = 0;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
	return items;
}
