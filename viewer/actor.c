#include "viewer/actor.h"

#include <stdlib.h>
#include <string.h>

/* Place of tid in m->actors, or where it would be. */
static uint32_t actor_place(const struct model *m, uint32_t tid)
{
	uint32_t low = 0, high = m->actor_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (m->actors[middle].tid < tid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct actor *model_actor(const struct model *m, uint32_t tid)
{
	uint32_t place = actor_place(m, tid);

	return place < m->actor_count && m->actors[place].tid == tid ? &m->actors[place] : NULL;
}

static bool actor_room(struct model *m)
{
	uint32_t room = m->actor_room == 0 ? 16 : m->actor_room * 2;
	struct actor *actors;

	if (m->actor_count < m->actor_room)
		return true;
	if (m->actor_count >= MODEL_ACTORS)
		return false;
	actors = realloc(m->actors, room * sizeof(*actors));
	if (actors == NULL)
		return false;
	m->actors = actors;
	m->actor_room = room;
	return true;
}

struct actor *actor_need(struct model *m, uint32_t tid, uint32_t pid)
{
	uint32_t place = actor_place(m, tid);
	struct actor *a;

	if (tid == 0)
		return NULL;
	if (place < m->actor_count && m->actors[place].tid == tid)
		return &m->actors[place];
	if (!actor_room(m))
		return NULL;
	a = &m->actors[place];
	memmove(a + 1, a, (m->actor_count - place) * sizeof(*a));
	m->actor_count++;
	memset(a, 0, sizeof(*a));
	a->tid = tid;
	a->pid = pid == 0 ? tid : pid;
	a->call = CALL_NONE;
	a->state = ACTOR_STATES; /* so that the first actor_set is a change */
	a->active = m->id;
	a->since = m->time;
	return a;
}

void actor_remove(struct model *m, uint32_t tid)
{
	uint32_t place = actor_place(m, tid);

	if (place >= m->actor_count || m->actors[place].tid != tid)
		return;
	m->actor_count--;
	memmove(&m->actors[place], &m->actors[place + 1],
		(m->actor_count - place) * sizeof(m->actors[0]));
}

void actor_set(struct model *m, struct actor *a, enum actor_state state)
{
	if (a->state == state)
		return;
	a->state = (uint8_t)state;
	a->since = m->time;
	a->changes[a->change_next] = m->id << 8 | (uint64_t)state;
	a->change_next = (uint8_t)((a->change_next + 1) % ACTOR_CHANGES);
	if (a->change_count < ACTOR_CHANGES)
		a->change_count++;
}

void actor_run(struct model *m, struct actor *a)
{
	static const uint8_t shown[] = {
		[CAUSE_CALL] = ACTOR_KERNEL,     [CAUSE_FAULT] = ACTOR_FAULT,
		[CAUSE_EXCEPTION] = ACTOR_FAULT, [CAUSE_IRQ] = ACTOR_IRQ,
		[CAUSE_WORK] = ACTOR_KERNEL,
	};

	a->wait = 0;
	actor_set(m, a, a->depth == 0 ? ACTOR_USER : shown[a->causes[a->depth - 1]]);
}

void actor_enter(struct model *m, struct actor *a, enum cause cause, bool from_user)
{
	if (from_user)
		a->depth = 0;
	if (a->depth == ACTOR_CAUSES)
		a->depth--;
	a->causes[a->depth++] = (uint8_t)cause;
	actor_run(m, a);
}

void actor_leave(struct model *m, struct actor *a, int64_t way)
{
	if (way == WAY_SYSRET || way == WAY_IRET_USER) {
		a->depth = 0;
		a->call = CALL_NONE;
	} else if (way == WAY_IRET_KERNEL && a->depth > 1) {
		a->depth--;
	} else {
		a->causes[a->depth == 0 ? a->depth++ : a->depth - 1] = CAUSE_WORK;
	}
	actor_run(m, a);
}

enum actor_state actor_state_at(const struct actor *a, uint64_t id)
{
	for (unsigned i = 1; i <= a->change_count; i++) {
		uint64_t change = a->changes[(a->change_next + ACTOR_CHANGES - i) % ACTOR_CHANGES];

		if (change >> 8 <= id)
			return (enum actor_state)(change & 0xff);
	}
	return ACTOR_STATES;
}

bool model_running(const struct model *m, const struct actor *a)
{
	return a->cpu < MODEL_CPUS && m->cpus[a->cpu].seen && m->cpus[a->cpu].tid == a->tid;
}

uint32_t model_in_state(const struct model *m, enum actor_state state)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < m->actor_count; i++)
		count += m->actors[i].state == state && !m->actors[i].kernel;
	return count;
}

char state_letter(enum actor_state state)
{
	static const char letters[] = {
#define STATE(name, letter, word) letter,
#include "viewer/states.def"
	};

	return state < ACTOR_STATES ? letters[state] : ' ';
}

const char *state_word(enum actor_state state)
{
	static const char *const words[] = {
#define STATE(name, letter, word) word,
#include "viewer/states.def"
	};

	return state < ACTOR_STATES ? words[state] : "";
}
