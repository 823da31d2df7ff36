/* Threads and processes: made, named, executing, ended. */
#include <stdlib.h>
#include <string.h>

#include "tracer/tables/builder.h"

void life_thread_done(void *cookie, struct thread *t)
{
	struct builder *b = cookie;

	calls_abandon(b, t);
	traps_abandon(b, t);
	sched_leave(b, t, b->last_time);
	ROW(b, thread, "iiiiitiiiiii", SQL_NULL, I(t->tid), I(t->pid),
	    t->parent ? I(t->parent) : SQL_NULL, I(t->kernel || t->tid == 0),
	    t->tid ? t->name : "idle", t->start, t->end, t->running, t->syscalls, t->faults,
	    t->switches);
	recorded_free(&t->call.recorded);
}

void life_process_done(void *cookie, struct process *p)
{
	struct builder *b = cookie;

	buffer_clear(&b->words);
	if (p->status != SQL_NULL)
		wait_status_words(&b->words, (uint32_t)p->status);
	ROW(b, process, "iiittiiit", SQL_NULL, I(p->pid), p->parent ? I(p->parent) : SQL_NULL,
	    p->name, p->path, p->start, p->end, p->status,
	    p->status != SQL_NULL ? buffer_text(&b->words) : NULL);
}

static void program_row(struct builder *b, const struct thread *t, const char *path)
{
	ROW(b, program, "iiiitt", I(b->now->e.id), b->now->e.time, I(t->tid), I(t->pid), t->name,
	    path);
}

/* A main thread's name is its process's. */
static void name_set(struct builder *b, struct thread *t, const char *name)
{
	struct process *p;

	strncpy(t->name, name, NAME_BYTES - 1);
	if (t->tid != t->pid || t->kernel)
		return;
	p = people_process(&b->people, t->pid);
	if (p)
		strncpy(p->name, name, NAME_BYTES - 1);
}

static void thread_made(struct builder *b)
{
	const struct ev_thread_create c = PAYLOAD(b, thread_create);
	const unsigned fixed = sizeof(c) / 8;
	struct thread *t = people_thread_new(&b->people, c.tid);
	const struct thread *parent = people_thread(&b->people, b->now->e.cpu, c.parent);
	struct process *p;
	char name[NAME_BYTES];

	if (!t)
		return;
	t->pid = c.pid;
	t->parent = c.parent;
	t->kernel = c.kernel != 0;
	t->start = b->now->e.time;
	text_tail(name, sizeof(name), b->now->e.payload + fixed, b->now->e.words - fixed);
	if (t->tid == t->pid && !t->kernel) {
		p = people_process_new(&b->people, t->pid);
		if (p) {
			p->start = t->start;
			p->parent = parent ? parent->pid : c.parent;
		}
	}
	name_set(b, t, name);
	program_row(b, t, NULL);
}

static void thread_named(struct builder *b)
{
	const struct ev_thread_name n = PAYLOAD(b, thread_name);
	const unsigned fixed = sizeof(n) / 8;
	struct thread *t = people_thread(&b->people, b->now->e.cpu, n.tid);
	char name[NAME_BYTES];

	if (!t)
		return;
	text_tail(name, sizeof(name), b->now->e.payload + fixed, b->now->e.words - fixed);
	name_set(b, t, name);
	program_row(b, t, NULL);
}

/* A thread whose beginning the trace may not have. */
static void thread_seen(struct builder *b)
{
	const struct ev_thread_alive a = PAYLOAD(b, thread_alive);
	const unsigned fixed = sizeof(a) / 8;
	struct thread *t = people_thread(&b->people, b->now->e.cpu, a.tid);
	struct process *p = a.kernel ? NULL : people_process(&b->people, a.pid);
	char name[NAME_BYTES];

	if (!t)
		return;
	t->pid = a.pid;
	t->kernel = a.kernel != 0;
	if (p && !p->parent)
		p->parent = a.parent;
	text_tail(name, sizeof(name), b->now->e.payload + fixed, b->now->e.words - fixed);
	if (strcmp(t->name, name) == 0)
		return;
	name_set(b, t, name);
	program_row(b, t, NULL);
}

static void executed(struct builder *b)
{
	const unsigned fixed = sizeof(struct ev_exec) / 8;
	struct thread *t = b->thread;
	struct process *p = people_process(&b->people, t->pid);
	char path[TRACE_WORDS_MAX * 8 + 1];
	const char *slash;

	text_tail(path, sizeof(path), b->now->e.payload + fixed, b->now->e.words - fixed);
	slash = strrchr(path, '/');
	if (p) {
		free(p->path);
		p->path = strdup(path);
	}
	name_set(b, t, slash ? slash + 1 : path);
	program_row(b, t, path);
}

static void thread_ended(struct builder *b)
{
	const struct ev_thread_exit x = PAYLOAD(b, thread_exit);
	struct thread *t = people_thread(&b->people, b->now->e.cpu, x.tid);

	if (!t)
		return;
	calls_abandon(b, t);
	t->end = b->now->e.time;
}

static void process_ended(struct builder *b)
{
	const struct ev_process_exit x = PAYLOAD(b, process_exit);
	struct process *p = people_process(&b->people, x.pid);

	if (!p)
		return;
	p->end = b->now->e.time;
	p->status = I(x.status);
	p->ended = true;
}

void life_event(struct builder *b)
{
	switch (b->now->e.kind) {
	case EV_thread_create:
		thread_made(b);
		break;
	case EV_thread_name:
		thread_named(b);
		break;
	case EV_thread_alive:
		thread_seen(b);
		break;
	case EV_exec:
		executed(b);
		break;
	case EV_thread_exit:
		thread_ended(b);
		break;
	case EV_process_exit:
		process_ended(b);
		break;
	case EV_reap:
		people_process_end(&b->people, PAYLOAD(b, reap).pid);
		break;
	}
}
