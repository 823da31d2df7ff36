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
	pthread_condattr_t monotonic;

	*q = (struct queue){ 0 };
	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&q->filled, &monotonic);
	pthread_cond_init(&q->emptied, NULL);
	pthread_condattr_destroy(&monotonic);
	q->last = &q->first;
}

void queue_free(struct queue *q)
{
	while (q->first) {
		struct queued *item = q->first;

		q->first = item->next;
		free(item);
	}
	pthread_cond_destroy(&q->filled);
	pthread_cond_destroy(&q->emptied);
	pthread_mutex_destroy(&q->lock);
}

/* Does the storing thread not wait for more? */
static bool is_enough(const struct queue *q)
{
	return q->ended || q->urgent || q->bytes >= QUEUE_SOON_BYTES;
}

bool queue_append(struct queue *q, unsigned kind, const void *bytes, uint32_t length, bool urgent)
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
		pthread_cond_wait(&q->emptied, &q->lock);
	*q->last = item;
	q->last = &item->next;
	q->bytes += length;
	q->urgent |= urgent;
	if (q->first == item || is_enough(q)) /* waking it for each costs more than storing */
		pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
	return true;
}

void queue_end(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->ended = true;
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

struct queued *queue_take(struct queue *q)
{
	struct queued *items;
	struct timespec soon;
	uint64_t until;

	pthread_mutex_lock(&q->lock);
	while (!q->first && !q->ended)
		pthread_cond_wait(&q->filled, &q->lock);
	until = clock_now_ns() + QUEUE_SOON_MS * 1000000ull;
	soon = (struct timespec){ (time_t)(until / 1000000000), (long)(until % 1000000000) };
	while (!is_enough(q) && pthread_cond_timedwait(&q->filled, &q->lock, &soon) == 0)
		;
	items = q->first;
	q->first = NULL;
	q->last = &q->first;
	q->bytes = 0;
	q->urgent = false;
	pthread_cond_broadcast(&q->emptied);
	pthread_mutex_unlock(&q->lock);
	return items;
}
