/* Waiting for one of many files. */
#include "kernel/fs/poll.h"

#include <linux/errno.h>

#include "kernel/mm/object.h"

#define WAITS_A_BLOCK 16

struct wait_block {
	struct wait_block *next;
	unsigned count;
	struct wait waits[WAITS_A_BLOCK];
};

struct poll {
	struct wait_queue own; /* nobody wakes it: so that there is one */
	struct wait wait;
	struct wait_block *blocks;
	bool failed;
	void (*woken)(void *owner); /* NULL: a thread sleeps */
	void *owner;
};

struct poll *poll_create(void)
{
	struct poll *p = kmalloc(sizeof(*p));

	if (!p)
		return NULL;
	wait_queue_init(&p->own);
	wait_begin(&p->wait, &p->own, WAIT_POLL);
	return p;
}

struct poll *poll_create_watch(void (*woken)(void *owner), void *owner)
{
	struct poll *p = kmalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->woken = woken;
	p->owner = owner;
	wait_queue_init(&p->own);
	wait_watch(&p->wait, &p->own, woken, owner);
	return p;
}

void poll_add(struct poll *p, struct wait_queue *q)
{
	struct wait_block *b = p->blocks;

	if (!b || b->count == WAITS_A_BLOCK) {
		b = kmalloc(sizeof(*b));
		if (!b) {
			p->failed = true;
			return;
		}
		b->next = p->blocks;
		p->blocks = b;
	}
	if (p->woken)
		wait_watch(&b->waits[b->count++], q, p->woken, p->owner);
	else
		wait_begin(&b->waits[b->count++], q, WAIT_POLL);
}

bool poll_failed(const struct poll *p)
{
	return p->failed;
}

int poll_sleep(struct poll *p, uint64_t deadline)
{
	return p->failed ? -ENOMEM : wait_sleep_until(&p->wait, deadline);
}

static void queue_leave(struct poll *p, struct wait *w)
{
	if (p->woken)
		wait_watch_end(w);
	else
		wait_end(w);
}

void poll_free(struct poll *p)
{
	while (p->blocks) {
		struct wait_block *b = p->blocks;

		for (unsigned i = 0; i < b->count; i++)
			queue_leave(p, &b->waits[i]);
		p->blocks = b->next;
		kfree(b);
	}
	queue_leave(p, &p->wait);
	kfree(p);
}
