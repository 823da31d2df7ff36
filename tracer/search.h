/* Looking for events: forward or back from any event, in slices, so that a search can
 * be shown and given up. */
#ifndef TRACER_SEARCH_H
#define TRACER_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/reader.h"

struct search {
	uint64_t from;  /* the first event looked at */
	bool backward;  /* to lower ids */
	uint64_t kinds; /* event_set: only events of these; 0: all */
	bool errors;    /* only where a system call failed */
	/* What a hit has, in lower or upper case, in its call's name or arguments or in the
	 * text that its record carries, if it is not of one of the kinds `plain`.  NULL: not
	 * known. */
	const char *word;
	uint64_t plain;
	/* May it be one, by what its record says?  Its pid is not told.  NULL: not known.  Where
	 * few may, few events are made. */
	bool (*may)(void *cookie, const struct event *e);
	/* Is it this one?  NULL: the first that kinds and errors let through. */
	bool (*match)(void *cookie, const struct event *e);
	void *cookie;
	/* Looked at from time to time, from any thread; may be NULL. */
	const volatile bool *cancel;
	/* Nothing beyond this event is wanted, which another thread may have found: 0 none; NULL.
	 */
	const _Atomic uint64_t *bound;
	/* Told now and then which event it is at; may be NULL. */
	void (*progress)(void *cookie, uint64_t id);
};

/* 1 and the event, 0 there is none, -1 cancelled (why->text is empty) or unreadable.
 * Chunks that cannot hold one are skipped without being read. */
int reader_search(struct reader *r, const struct search *s, struct event *out, struct error *why);

/* There is a whole table of calls. */
bool reader_has_calls(struct reader *r);
/* The nearest system call from event s->from on (backward: the last one up to it) with
 * s->word in its name or arguments that s->match lets through: the event that began it into
 * *id.  1, 0 there is none, -1 given up, or the recording has no whole table of calls. */
int reader_search_call(struct reader *r, const struct search *s, uint64_t *id);

/* Did any thread ever have the word in its name?  True where that is not known, or it was
 * given up. */
bool reader_name_like(struct reader *r, const char *word, const volatile bool *cancel);

#endif
