/* The arrays of a state: sorted, grown, searched, freed. */
#include <stdlib.h>

#include "tracer/array.h"
#include "tracer/state/parts.h"

/* Index of the first element whose leading uint32_t is not below key. */
static uint32_t place(const void *array, uint32_t count, size_t element, uint32_t key)
{
	uint32_t low = 0, high = count, value;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		memcpy(&value, (const char *)array + middle * element, sizeof(value));
		if (value < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#define FIND(array, n, key, member)                                                                \
	uint32_t at = place(array, n, sizeof(*(array)), key);                                      \
	return at < (n) && (array)[at].member == (key) ? &(array)[at] : NULL

const struct state_thread *state_thread_find(const struct state *s, uint32_t tid)
{
	FIND(s->thread, s->thread_count, tid, tid);
}

const struct state_process *state_process_find(const struct state *s, uint32_t pid)
{
	FIND(s->process, s->process_count, pid, pid);
}

const struct state_files *state_files_find(const struct state *s, uint32_t id)
{
	FIND(s->files, s->files_count, id, id);
}

const struct state_space *state_space_find(const struct state *s, uint32_t id)
{
	FIND(s->space, s->space_count, id, id);
}

struct state_thread *thread_need(struct state *s, uint32_t tid)
{
	uint32_t at = place(s->thread, s->thread_count, sizeof(*s->thread), tid);
	struct state_thread *t;

	if (at < s->thread_count && s->thread[at].tid == tid)
		return &s->thread[at];
	if (!array_grow(&s->thread, &s->thread_room, s->thread_count, sizeof(*t)))
		return NULL;
	t = &s->thread[at];
	memmove(t + 1, t, (s->thread_count++ - at) * sizeof(*t));
	memset(t, 0, sizeof(*t));
	t->tid = t->pid = tid;
	t->lane = LANE_FIRST + ++s->lanes;
	t->since = s->time;
	t->event = s->event;
	return t;
}

struct state_process *process_need(struct state *s, uint32_t pid)
{
	uint32_t at = place(s->process, s->process_count, sizeof(*s->process), pid);
	struct state_process *p;

	if (at < s->process_count && s->process[at].pid == pid)
		return &s->process[at];
	if (!array_grow(&s->process, &s->process_room, s->process_count, sizeof(*p)))
		return NULL;
	p = &s->process[at];
	memmove(p + 1, p, (s->process_count++ - at) * sizeof(*p));
	memset(p, 0, sizeof(*p));
	p->pid = pid;
	return p;
}

void thread_remove(struct state *s, struct state_thread *t)
{
	const size_t at = (size_t)(t - s->thread);

	if (t->call.space)
		space_release(s, t->call.space);
	memmove(t, t + 1, (--s->thread_count - at) * sizeof(*t));
}

void process_remove(struct state *s, struct state_process *p)
{
	const size_t at = (size_t)(p - s->process);

	files_release(s, p->files);
	space_release(s, p->space);
	memmove(p, p + 1, (--s->process_count - at) * sizeof(*p));
}

void state_text(char *to, size_t size, const void *text, size_t bytes)
{
	const char *from = text;
	const size_t length = strnlen(from, bytes);

	memset(to, 0, size);
	if (length < size) {
		memcpy(to, from, length);
		return;
	}
	memset(to, '.', 3);
	memcpy(to + 3, from + length - (size - 4), size - 4);
}

void state_free(struct state *s)
{
	for (uint32_t i = 0; i < s->files_count; i++)
		free(s->files[i].file);
	for (uint32_t i = 0; i < s->space_count; i++)
		free(s->space[i].region);
	free(s->thread);
	free(s->process);
	free(s->files);
	free(s->space);
	memset(s, 0, sizeof(*s));
}

const char *run_state_name(enum run_state run)
{
	static const char *const names[RUN_COUNT] = { "idle",  "user",  "kernel",  "fault",
						      "ready", "sleep", "stopped", "zombie" };

	return run < RUN_COUNT ? names[run] : "?";
}
