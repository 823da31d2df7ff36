#include "tracer/tables/people.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/store/sql.h"

static void thread_reset(struct thread *t, uint32_t tid)
{
	uint8_t *bytes = t->call.recorded.bytes;
	struct thread *next = t->next;

	*t = (struct thread){
		.tid = tid,
		.pid = tid,
		.start = SQL_NULL,
		.end = SQL_NULL,
		.since = -1,
		.entered = "start",
		.next = next,
	};
	t->call.recorded.bytes = bytes;
}

static void process_reset(struct process *p, uint32_t pid)
{
	struct process *next = p->next;

	free(p->path);
	*p = (struct process){
		.pid = pid,
		.start = SQL_NULL,
		.end = SQL_NULL,
		.status = SQL_NULL,
		.next = next,
	};
}

struct thread *people_thread(struct people *p, uint32_t cpu, uint32_t tid)
{
	struct thread **bucket = &p->threads[tid % PEOPLE_BUCKETS];
	struct thread *t;

	if (tid == 0) {
		t = &p->idle[cpu % TRACE_CPUS_MAX];
		if (!t->entered)
			thread_reset(t, 0);
		return t;
	}
	for (t = *bucket; t; t = t->next)
		if (t->tid == tid)
			return t;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->next = *bucket;
	*bucket = t;
	thread_reset(t, tid);
	return t;
}

struct thread *people_thread_new(struct people *p, uint32_t tid)
{
	struct thread *t = people_thread(p, 0, tid);

	if (t && tid && (t->start != SQL_NULL || t->syscalls || t->running)) {
		p->thread_done(p->cookie, t);
		thread_reset(t, tid);
	}
	return t;
}

struct process *people_process(struct people *p, uint32_t pid)
{
	struct process **bucket = &p->processes[pid % PEOPLE_BUCKETS];
	struct process *process;

	for (process = *bucket; process; process = process->next)
		if (process->pid == pid)
			return process;
	process = calloc(1, sizeof(*process));
	if (!process)
		return NULL;
	process->next = *bucket;
	*bucket = process;
	process_reset(process, pid);
	return process;
}

struct process *people_process_new(struct people *p, uint32_t pid)
{
	struct process *process = people_process(p, pid);

	if (process && (process->start != SQL_NULL || process->ended)) {
		p->process_done(p->cookie, process);
		process_reset(process, pid);
	}
	return process;
}

void people_thread_end(struct people *p, struct thread *t)
{
	struct thread **at = &p->threads[t->tid % PEOPLE_BUCKETS];

	while (*at && *at != t)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = t->next;
	p->thread_done(p->cookie, t);
	recorded_free(&t->call.recorded);
	free(t);
}

void people_process_end(struct people *p, uint32_t pid)
{
	struct process **at = &p->processes[pid % PEOPLE_BUCKETS], *process;

	while (*at && (*at)->pid != pid)
		at = &(*at)->next;
	process = *at;
	if (!process)
		return;
	*at = process->next;
	p->process_done(p->cookie, process);
	free(process->path);
	free(process);
}

void people_finish(struct people *p)
{
	for (unsigned cpu = 0; cpu < TRACE_CPUS_MAX; cpu++)
		if (p->idle[cpu].entered)
			p->thread_done(p->cookie, &p->idle[cpu]);
	for (unsigned i = 0; i < PEOPLE_BUCKETS; i++) {
		for (struct thread *t = p->threads[i]; t; t = t->next)
			p->thread_done(p->cookie, t);
		for (struct process *process = p->processes[i]; process; process = process->next)
			p->process_done(p->cookie, process);
	}
}

void people_free(struct people *p)
{
	for (unsigned cpu = 0; cpu < TRACE_CPUS_MAX; cpu++)
		recorded_free(&p->idle[cpu].call.recorded);
	for (unsigned i = 0; i < PEOPLE_BUCKETS; i++) {
		while (p->threads[i]) {
			struct thread *t = p->threads[i];

			p->threads[i] = t->next;
			recorded_free(&t->call.recorded);
			free(t);
		}
		while (p->processes[i]) {
			struct process *process = p->processes[i];

			p->processes[i] = process->next;
			free(process->path);
			free(process);
		}
	}
}

void text_tail(char *to, size_t size, const uint64_t *words, unsigned count)
{
	const size_t bytes = count * 8 < size ? count * 8 : size - 1;

	memcpy(to, words, bytes);
	to[bytes] = '\0';
}
