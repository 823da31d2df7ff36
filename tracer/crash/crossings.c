/* The crossings before: of the thread that died, of all others. */
#include "schemas/syscalls.h"
#include "tracer/payload.h"
#include "tracer/crash/teller.h"

#define SHOWN_MAX 16u
/* Events looked at: a thread may have slept for the whole recording. */
#define LOOK_BACK 200000u
/* Last words are not far from the end. */
#define WORDS_BACK 2000u

static bool shown(const struct event *e)
{
	return e->kind == EV_syscall_enter || e->kind == EV_syscall_late ||
	       e->kind == EV_page_fault || e->kind == EV_exception || e->kind == EV_signal_send ||
	       e->kind == EV_signal_deliver || e->kind == EV_exec;
}

static bool of_thread(const struct teller *t, const struct event *e)
{
	return e->tid == t->s->tid && shown(e);
}

static bool of_others(const struct teller *t, const struct event *e)
{
	return e->tid && e->tid != t->s->tid && shown(e);
}

static bool of_words(const struct teller *t, const struct event *e)
{
	const struct ev_syscall_enter c = payload_syscall_enter(e);

	return e->kind == EV_syscall_enter && e->tid == t->s->tid &&
	       (c.nr == NR_write || c.nr == NR_writev) && e->words > sizeof(c) / 8 &&
	       e->payload[sizeof(c) / 8] == 2;
}

/* The last count before the moment, the oldest first; each at most so many events before the
 * next. */
static void last_tell(struct teller *t, enum story_section section, unsigned count, uint64_t most,
		      bool (*match)(const struct teller *t, const struct event *e))
{
	uint64_t id = t->moment, found[SHOWN_MAX];
	struct event e;
	unsigned n = 0;

	while (n < count && n < SHOWN_MAX && event_search(t, id, -1, most, match, &e)) {
		found[n++] = e.id;
		id = e.id - 1;
	}
	while (n) {
		char who[80], text[TELL_TEXT];

		if (!reader_event(t->r, found[--n], &e, NULL))
			continue;
		teller_event(t, e.id, t->moment, text);
		teller_thread(t, e.tid, e.id, who, sizeof(who));
		if (section == STORY_OTHERS)
			story_tell(t->s, section, e.id, "%s on CPU %u: %s", who, e.cpu, text);
		else
			story_tell(t->s, section, e.id, "%s", text);
	}
}

void crossings_tell(struct teller *t)
{
	last_tell(t, STORY_SAID, 3, WORDS_BACK, of_words);
	last_tell(t, STORY_BEFORE, 8, LOOK_BACK, of_thread);
	others_tell(t, 6);
}

void others_tell(struct teller *t, unsigned count)
{
	last_tell(t, STORY_OTHERS, count, LOOK_BACK, of_others);
}
