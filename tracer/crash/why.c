/* Why the access failed, and the memory around it. */
#include <stdio.h>
#include <string.h>

#include "schemas/syscalls.h"
#include "tracer/payload.h"
#include "tracer/crash/cause.h"
#include "tracer/crash/teller.h"
#include "tracer/schema.h"
#include "tracer/vector.h"

#define PROTECT_READ  1u
#define PROTECT_WRITE 2u
#define PROTECT_EXEC  4u
#define FAULTS_LOOKED 50000u /* events before a death */

static void region_words(char *text, size_t size, const struct state_region *g)
{
	snprintf(text, size, "0x%llx-0x%llx %c%c%c %s", (unsigned long long)g->start,
		 (unsigned long long)(g->start + g->length), g->prot & PROTECT_READ ? 'r' : '-',
		 g->prot & PROTECT_WRITE ? 'w' : '-', g->prot & PROTECT_EXEC ? 'x' : '-',
		 g->path[0] ? g->path : "anonymous");
}

/* The regions on both sides of a hole, or the one that addr is in. */
static void regions_tell(struct teller *t, uint64_t addr)
{
	const struct state_region *below = NULL, *above = NULL;
	char text[256];

	for (uint32_t i = 0; t->space && i < t->space->count && !above; i++) {
		const struct state_region *g = &t->space->region[i];

		if (g->start > addr)
			above = g;
		else
			below = g;
	}
	if (below) {
		const bool in = addr - below->start < below->length;

		region_words(text, sizeof(text), below);
		if (in)
			story_tell(t->s, STORY_MEMORY, 0, "in %s", text);
		else
			story_tell(t->s, STORY_MEMORY, 0,
				   "below it: %s, which ends 0x%llx bytes before", text,
				   (unsigned long long)(addr - (below->start + below->length)));
	}
	if (above) {
		region_words(text, sizeof(text), above);
		story_tell(t->s, STORY_MEMORY, 0, "above it: %s, which begins 0x%llx bytes after",
			   text, (unsigned long long)(above->start - addr));
	}
	if (!below && !above)
		story_tell(t->s, STORY_MEMORY, 0, "the recording shows no mapping of this process");
}

/* Who did it, and by which call: ", its thread cat 8: munmap(...) = 0". */
static void doer_words(struct teller *t, uint64_t id, char *words, size_t size)
{
	const struct state_thread *by;
	struct state then = { 0 };
	char who[80], text[TELL_TEXT] = "";
	struct event e;

	words[0] = '\0';
	if (!reader_event(t->r, id, &e, NULL) || !reader_state(t->r, id, &then, NULL))
		return;
	by = state_thread_find(&then, e.tid);
	if (by && by->call.open)
		teller_event(t, by->call.id, t->moment, text);
	state_free(&then);
	teller_thread(t, e.tid, id, who, sizeof(who));
	snprintf(words, size, ", its thread %s%s%s", who, text[0] ? ": " : "", text);
}

static void lineage_tell(struct teller *t, const struct lineage *l)
{
	char text[TELL_TEXT], by[TELL_TEXT + 100];

	if (l->map.event)
		story_tell(t->s, STORY_MEMORY, l->map.event,
			   "process %u mapped 0x%llx-0x%llx there: %.200s", l->map.pid,
			   (unsigned long long)l->map.start,
			   (unsigned long long)(l->map.start + l->map.length),
			   l->map.path[0] ? l->map.path : "anonymous memory");
	if (l->unmap.event) {
		doer_words(t, l->unmap.event, by, sizeof(by));
		story_tell(t->s, STORY_MEMORY, l->unmap.event,
			   "process %u unmapped 0x%llx-0x%llx%s", l->unmap.pid,
			   (unsigned long long)l->unmap.start,
			   (unsigned long long)(l->unmap.start + l->unmap.length), by);
	}
	if (l->protect.event && reader_count(t->r) >= l->protect.event) {
		struct event e;

		if (reader_event(t->r, l->protect.event, &e, NULL)) {
			reader_describe(t->r, &e, text, sizeof(text));
			story_tell(t->s, STORY_MEMORY, l->protect.event, "%s", text);
		}
	}
}

static bool shortens(const struct teller *t, const struct event *e)
{
	const unsigned nr = payload_syscall_enter(e).nr;

	return t->c && e->kind == EV_syscall_enter && (nr == NR_ftruncate || nr == NR_truncate);
}

static void shortening_tell(struct teller *t)
{
	char text[TELL_TEXT];
	struct event e;

	if (event_search(t, t->fault.id, -1, 200000, shortens, &e)) {
		teller_event(t, e.id, t->moment, text);
		story_deduce(t->s, STORY_WHY, e.id, "the file was made shorter by %s", text);
	}
}

/* Is a page of a region in [start, start + span), or may one be? */
static bool pages_within(const struct teller *t, uint64_t start, uint64_t span)
{
	for (uint32_t i = 0; t->space && i < t->space->count; i++) {
		const struct state_region *g = &t->space->region[i];
		const bool stack = strcmp(g->path, "[stack]") == 0; /* exec wrote to its end */
		const uint64_t end = g->start + g->length;

		if ((stack ? end - 1 : g->start) < start + span && end > start &&
		    (stack || g->zero + g->read + g->copied + g->other))
			return true;
	}
	return false;
}

/* In which bits an address differs from the nearest one that this program faulted at before,
 * whatever is mapped there now: tables stay.  *all: its faults were looked through. */
static uint64_t faults_apart(struct teller *t, uint64_t addr, bool *all)
{
	uint64_t apart = UINT64_MAX, id = t->fault.id - 1;
	struct event e;

	*all = false;
	for (unsigned left = FAULTS_LOOKED; left && !*all && reader_event(t->r, id, &e, NULL);
	     left--, id--) {
		*all = e.kind == EV_exec && e.pid == t->c->pid;
		if (e.kind == EV_page_fault && e.pid == t->c->pid) {
			const uint64_t other = payload_page_fault(&e).addr ^ addr;

			apart = other < apart ? other : apart;
		}
	}
	return apart;
}

/* The way that the CPU took through the page tables, four levels of 512 entries (SDM vol.
 * 3, 4.5), and where it ended: the recording has what the last entry said, not the tables. */
static void walk_tell(struct teller *t, uint64_t addr, unsigned error)
{
	unsigned level = 4;
	uint64_t apart;
	bool all;

	story_tell(t->s, STORY_WHY, t->fault.id,
		   "the page walk: entry %u of level 4, %u of level 3, %u of level 2, %u of level "
		   "1%s",
		   (unsigned)(addr >> 39 & 511), (unsigned)(addr >> 30 & 511),
		   (unsigned)(addr >> 21 & 511), (unsigned)(addr >> 12 & 511),
		   error & PF_PRESENT ? ", which is present but forbids it" : "");
	if (error & PF_PRESENT)
		return;
	apart = faults_apart(t, addr, &all);
	for (; level > 1; level--) {
		const unsigned shift = 3 + 9 * level;

		if (apart >> shift && !pages_within(t, addr >> shift << shift, 1ull << shift))
			break;
	}
	if (level == 1)
		story_deduce(
			t->s, STORY_WHY, t->fault.id,
			"the walk ended at level 1: there is a table, and no page in that entry");
	else if (all)
		story_deduce(
			t->s, STORY_WHY, t->fault.id,
			"the walk ended at level %u: no page near it was ever made, so there is"
			" no table below",
			level);
}

static void cause_tell(struct teller *t, const struct circumstances *c, uint64_t event)
{
	const struct cause *cause = cause_find(c);

	snprintf(t->s->cause, sizeof(t->s->cause), "%s", cause->name);
	if (cause->fact[0])
		story_tell(t->s, STORY_WHY, event, "%s", cause->fact);
	if (cause->conclusion[0])
		story_deduce(t->s, STORY_WHY, event, "%s", cause->conclusion);
}

static void page_fault_tell(struct teller *t)
{
	const struct ev_page_fault f = payload_page_fault(&t->fault);
	const char *access = f.error & PF_FETCH   ? "execution"
			     : f.error & PF_WRITE ? "a write"
						  : "a read";
	struct circumstances c = { 0 };
	struct lineage l;

	story_tell(t->s, STORY_WHY, t->fault.id, "%s at 0x%llx, error bits 0x%x: the page was %s",
		   access, (unsigned long long)f.addr, (unsigned)f.error,
		   f.error & PF_PRESENT ? "there" : "not there");
	walk_tell(t, f.addr, (unsigned)f.error);
	lineage_find(&l, t->r, t->moment + 1, t->c->pid, f.addr);
	c.fault = (unsigned)t->cause;
	c.addr = f.addr;
	c.error = (unsigned)f.error;
	c.unmapped = l.unmap.event;
	circumstances_look(&c, t->space, t->rsp);
	if (c.depth && c.near_stack)
		story_tell(t->s, STORY_MEMORY, 0, "the stack is %llu KiB deep there",
			   (unsigned long long)(c.depth >> 10));
	cause_tell(t, &c, t->end);
	if (t->cause == FAULT_BUS)
		shortening_tell(t);
	regions_tell(t, f.addr);
	lineage_tell(t, &l);
}

void why_tell(struct teller *t)
{
	struct circumstances c = { 0 };

	if (t->fault.kind == EV_page_fault) {
		page_fault_tell(t);
	} else if (t->fault.kind == EV_exception) {
		const struct ev_exception e = payload_exception(&t->fault);

		story_tell(t->s, STORY_WHY, t->fault.id, "the instruction raised exception %u (%s)",
			   (unsigned)e.vector, vector_label((unsigned)e.vector));
		c.exception = true;
		c.vector = e.vector;
		cause_tell(t, &c, t->fault.id);
	}
}
