#include "tracer/export/perfetto_samples.h"

#include "schemas/events.h"
#include "tracer/analysis/hash.h"

enum {
	PACKET_INTERNED = 12,
	PACKET_SAMPLE = 66,
	INTERNED_FUNCTION = 5,
	INTERNED_FRAME = 6,
	INTERNED_CALLSTACK = 7,
	STRING_IID = 1,
	STRING_TEXT = 2,
	FRAME_IID = 1,
	FRAME_FUNCTION = 2,
	FRAME_KIND = 7,
	FRAME_NATIVE = 1,
	FRAME_KERNEL = 2,
	CALLSTACK_IID = 1,
	CALLSTACK_FRAME = 2, /* the outermost first */
	SAMPLE_CPU = 1,
	SAMPLE_PID = 2,
	SAMPLE_TID = 3,
	SAMPLE_CALLSTACK = 4,
	SAMPLE_MODE = 5,
	SAMPLE_ERROR = 16, /* of unwinding */
	ERROR_UNKNOWN = 0,
	MODE_KERNEL = 1,
	MODE_USER = 2,
};

int perfetto_samples_open(struct perfetto_samples *s, sqlite3 *db, struct error *why)
{
	if (!unwind_wanted(db))
		return 0;
	s->unwind = unwind_open(db, why);
	return s->unwind ? 0 : why->status;
}

/* Its number, from 1; *new: nobody asked for it before.  0: no memory. */
static uint32_t number_of(struct map *m, uint64_t key, bool *new)
{
	uint32_t *number = map_at(m, key);

	*new = number && !*number;
	if (*new)
		*number = m->count;
	return number ? *number : 0;
}

/* A frame and its function have the same number. */
static uint32_t frame_number(struct perfetto_samples *s, unsigned at, emit_packet *emit,
			     void *cookie)
{
	const bool kernel = at >= s->stack.user;
	const char *name = s->stack.name[at];
	struct message interned = { .length = 0 }, string = { .length = 0 },
		       frame = { .length = 0 };
	bool new;
	const uint32_t number = number_of(&s->frames, hash_text(HASH_START + kernel, name), &new);

	if (!new)
		return number;
	put_number(&string, STRING_IID, number);
	put_text(&string, STRING_TEXT, name);
	put_message(&interned, INTERNED_FUNCTION, &string);
	put_number(&frame, FRAME_IID, number);
	put_number(&frame, FRAME_FUNCTION, number);
	put_number(&frame, FRAME_KIND, kernel ? FRAME_KERNEL : FRAME_NATIVE);
	put_message(&interned, INTERNED_FRAME, &frame);
	emit(cookie, PACKET_INTERNED, &interned, s->stack.time);
	return number;
}

/* The number of the stack at hand; 0: no memory. */
static uint32_t callstack_number(struct perfetto_samples *s, emit_packet *emit, void *cookie)
{
	struct message interned = { .length = 0 }, callstack = { .length = 0 };
	uint32_t frames[UNWIND_ALL] = { 0 }, number;
	uint64_t hash = HASH_START;
	bool new;

	for (unsigned i = 0; i < s->stack.count; i++) {
		frames[i] = frame_number(s, i, emit, cookie);
		if (!frames[i])
			return 0;
		hash = hash_number(hash, frames[i]);
	}
	number = number_of(&s->callstacks, hash, &new);
	if (!new)
		return number;
	put_number(&callstack, CALLSTACK_IID, number);
	for (unsigned i = 0; i < s->stack.count; i++)
		put_number(&callstack, CALLSTACK_FRAME, frames[i]);
	put_message(&interned, INTERNED_CALLSTACK, &callstack);
	emit(cookie, PACKET_INTERNED, &interned, s->stack.time);
	return number;
}

bool perfetto_samples_event(struct perfetto_samples *s, const struct event *e, emit_packet *emit,
			    void *cookie)
{
	struct message sample = { .length = 0 };
	uint32_t callstack;

	if (!s->unwind || !unwind_event(s->unwind, e, &s->stack) || s->stack.why != STACK_SAMPLE)
		return true;
	callstack = callstack_number(s, emit, cookie);
	put_number(&sample, SAMPLE_CPU, e->cpu);
	put_number(&sample, SAMPLE_PID, s->stack.pid);
	put_number(&sample, SAMPLE_TID, s->stack.tid);
	put_number(&sample, SAMPLE_CALLSTACK, callstack);
	put_number(&sample, SAMPLE_MODE, s->stack.count > s->stack.user ? MODE_KERNEL : MODE_USER);
	if (s->stack.cut)
		put_number(&sample, SAMPLE_ERROR, ERROR_UNKNOWN);
	emit(cookie, PACKET_SAMPLE, &sample, s->stack.time);
	return callstack != 0;
}

void perfetto_samples_close(struct perfetto_samples *s)
{
	unwind_close(s->unwind);
	map_free(&s->frames);
	map_free(&s->callstacks);
}
