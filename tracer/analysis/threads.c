#include "tracer/analysis/threads.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/payload.h"

void threads_init(struct threads *all, void (*begins)(void *cookie, struct walk_thread *t),
		  void (*ends)(void *cookie, struct walk_thread *t), void *cookie)
{
	memset(all, 0, sizeof(*all));
	all->begins = begins;
	all->ends = ends;
	all->cookie = cookie;
}

static void thread_free(struct walk_thread *t)
{
	recorded_free(&t->recorded);
	free(t->frames);
	free(t);
}

/* As if it were new, but for its memory. */
static void thread_clear(struct walk_thread *t, uint32_t tid, struct walk_thread *next)
{
	memset(t, 0, offsetof(struct walk_thread, recorded));
	t->tid = tid;
	t->pid = tid;
	t->next = next;
	recorded_begin(&t->recorded, &t->call);
}

static struct walk_thread *thread_find(struct threads *all, uint32_t tid)
{
	struct walk_thread *t = all->buckets[tid % THREADS_BUCKETS];

	while (t && t->tid != tid)
		t = t->next;
	return t;
}

static struct walk_thread *thread_make(struct threads *all, uint32_t tid)
{
	struct walk_thread **bucket = &all->buckets[tid % THREADS_BUCKETS];
	struct walk_thread *t = all->spare ? all->spare : calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	if (t == all->spare)
		all->spare = t->next;
	thread_clear(t, tid, *bucket);
	*bucket = t;
	return t;
}

struct walk_thread *threads_get(struct threads *all, unsigned cpu, uint32_t tid)
{
	struct walk_thread *t;

	if (tid == 0)
		return &all->idle[cpu % TRACE_CPUS_MAX];
	t = thread_find(all, tid);
	if (!t) {
		t = thread_make(all, tid);
		if (t)
			all->begins(all->cookie, t);
	}
	return t;
}

struct walk_thread *threads_new(struct threads *all, unsigned cpu, uint32_t tid)
{
	struct walk_thread *t;

	if (tid == 0)
		return &all->idle[cpu % TRACE_CPUS_MAX];
	t = thread_find(all, tid);
	if (!t)
		return thread_make(all, tid);
	all->ends(all->cookie, t);
	thread_clear(t, tid, t->next);
	return t;
}

void threads_forget(struct threads *all, struct walk_thread *t)
{
	struct walk_thread **at = &all->buckets[t->tid % THREADS_BUCKETS];

	while (*at && *at != t)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = t->next;
	all->ends(all->cookie, t);
	t->next = all->spare;
	all->spare = t;
}

void threads_rename(struct threads *all, const struct event *e)
{
	const struct ev_thread_name n = payload_thread_name(e);
	struct walk_thread *t = threads_get(all, e->cpu, n.tid);

	if (t && t->tid)
		payload_text(t->name, sizeof(t->name), e, sizeof(n));
}

static int by_number(const void *a, const void *b)
{
	const struct walk_thread *x = *(struct walk_thread *const *)a;
	const struct walk_thread *y = *(struct walk_thread *const *)b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

void threads_finish(struct threads *all)
{
	size_t count = 0, at = 0;
	struct walk_thread **list, *t;

	for (unsigned i = 0; i < THREADS_BUCKETS; i++)
		for (t = all->buckets[i]; t; t = t->next)
			count++;
	list = calloc(count + 1, sizeof(struct walk_thread *));
	for (unsigned i = 0; i < THREADS_BUCKETS; i++)
		for (t = all->buckets[i]; list && t; t = t->next)
			list[at++] = t;
	if (list)
		qsort(list, at, sizeof(struct walk_thread *), by_number);
	for (size_t i = 0; i < at; i++) {
		all->ends(all->cookie, list[i]);
		thread_free(list[i]);
	}
	free(list);
	for (unsigned cpu = 0; cpu < TRACE_CPUS_MAX; cpu++) {
		if (all->idle[cpu].end || all->idle[cpu].switches)
			all->ends(all->cookie, &all->idle[cpu]);
		recorded_free(&all->idle[cpu].recorded);
		free(all->idle[cpu].frames);
	}
	while ((t = all->spare)) {
		all->spare = t->next;
		thread_free(t);
	}
	memset(all->buckets, 0, sizeof(all->buckets));
}
