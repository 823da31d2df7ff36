/* How it came to this: from who died, or who killed him, back over those who woke or made
 * each, through threads and processes.  That one came before the other is recorded; that
 * it was the reason is a conclusion. */
#include <stdio.h>

#include "tracer/payload.h"
#include "tracer/crash/teller.h"
#include "tracer/schema.h"

#define LINKS_MAX 6u
#define TRIES_MAX 64u
#define LOOK_BACK 200000u

/* What somebody else brings about; a device or a lock of the kernel is nobody. */
static bool is_decision(unsigned wait)
{
	switch (wait) {
	case WAIT_NONE:
	case WAIT_SLEEP:
	case WAIT_MUTEX:
	case WAIT_IO:
	case WAIT_PORT:
	case WAIT_NEW:
	case WAIT_TRACE:
		return false;
	default:
		return true;
	}
}

static bool sets_going(const struct teller *t, const struct event *e)
{
	if (e->kind == EV_wakeup)
		return payload_wakeup(e).tid == t->follow && e->tid && e->tid != t->follow &&
		       is_decision(payload_wakeup(e).wait);
	return e->kind == EV_thread_create && payload_thread_create(e).tid == t->follow && e->tid;
}

/* Tell what set the thread going that is followed; false: an interrupt did, which struck
 * whoever ran. */
static bool link_tell(struct teller *t, const struct event *e)
{
	char who[80], whom[80], text[TELL_TEXT] = "";
	const struct state_thread *by;
	struct state then = { 0 };
	bool struck, open;
	uint64_t call;

	if (!reader_state(t->r, e->id, &then, NULL))
		return false;
	by = state_thread_find(&then, e->tid);
	struck = by && by->trap_count && by->trap[by->trap_count - 1].kind == EV_interrupt;
	open = by && by->call.open;
	call = open ? by->call.id : 0;
	state_free(&then);
	if (struck)
		return false;
	if (open)
		teller_event(t, call, t->moment, text);
	teller_thread(t, e->tid, e->id, who, sizeof(who));
	teller_thread(t, t->follow, e->id + 1, whom, sizeof(whom));
	if (e->kind == EV_thread_create) {
		story_deduce(t->s, STORY_CHAIN, e->id, "%s (process %u) made %s%s%s", who, e->pid,
			     whom, open ? ": " : "", text);
	} else {
		const char *wait = enum_label(KIND_WAIT, payload_wakeup(e).wait);

		story_deduce(t->s, STORY_CHAIN, e->id,
			     "%s (process %u) woke %s, which waited for %s%s%s", who, e->pid, whom,
			     wait ? wait : "something", open ? ": " : "", text);
	}
	return true;
}

void chain_tell(struct teller *t, uint32_t tid, uint64_t id)
{
	const uint64_t begin = id > LOOK_BACK ? id - LOOK_BACK : 1;
	unsigned links = 0;
	struct event e;

	t->follow = tid;
	for (unsigned tries = 0; tries < TRIES_MAX && links < LINKS_MAX && id > begin; tries++) {
		if (!event_search(t, id - 1, -1, id - begin, sets_going, &e))
			return;
		id = e.id;
		if (!link_tell(t, &e))
			continue;
		links++;
		t->follow = e.tid;
	}
}
