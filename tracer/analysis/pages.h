/* Which pages each process has, and who shares a frame: derived from the faults.
 *
 * A recording holds no page tables.  It holds each fault with the frame that answered
 * it, each fork, exec and exit and each mapping removed; from these follows what is
 * there after any event.  What comes without a fault is not known: pages of a file that
 * the kernel puts beside the one that was read, what it writes into a new program's
 * stack, MAP_POPULATE, pages that mremap moved.  So "there" is certain, "not there" is
 * "not seen".
 *
 * The operations of the recording up to the event asked for are kept, PAGES_OPS of them
 * at most, so that going back is cheap; going back beyond those starts again.  Belongs
 * to one thread at a time. */
#ifndef TRACER_ANALYSIS_PAGES_H
#define TRACER_ANALYSIS_PAGES_H

#include "tracer/analysis/page_table.h"
#include "tracer/error.h"
#include "tracer/reader.h"

#define PAGES_OPS   (1u << 18)
#define PAGES_PAGES (1u << 20) /* in all spaces together; a hostile trace forks for ever */

enum page_op_kind {
	PAGE_FAULT,
	PAGE_DROP,  /* pages go: unmapped, or advised away */
	PAGE_FORK,  /* pid has what parent has */
	PAGE_SHARE, /* pid runs in parent's space until it executes something */
	PAGE_EXEC,
	PAGE_EXIT,
};

struct page_op {
	uint64_t id : 48;   /* event; of a fault its beginning */
	uint64_t cause : 8; /* of a fault: group FAULT */
	uint64_t kind : 8;  /* enum page_op_kind */
	uint64_t page : 52; /* first page number */
	uint64_t error : 12;
	uint64_t frame : 40; /* of a fault; of a drop: pages */
	uint64_t end : 24;   /* of a fault: events from id to its end */
	uint32_t pid;
	uint32_t other; /* of a fault: ns it took, at most; of a fork: the parent */
};

struct pages;

/* NULL without memory. */
struct pages *pages_new(void);
void pages_free(struct pages *p);

/* Go to just after event id: an operation counts if it ended by then.  0; 2 with why, its
 * text empty if cancelled: then what was done is kept, and asking again goes on. */
int pages_seek(struct pages *p, struct reader *r, uint64_t id, const volatile bool *cancel,
	       void (*progress)(void *cookie, uint64_t done, uint64_t all), void *cookie,
	       struct error *why);
/* The event of the last seek. */
uint64_t pages_event(const struct pages *p);
/* The operations after this event are kept, those before are only in what came of them. */
uint64_t pages_since(const struct pages *p);
/* Spaces with pages that do not fit are not kept: what is said of sharing is too little. */
bool pages_short(const struct pages *p);

/* The pages of a process; NULL: nothing is known of it.  Holds until the next seek. */
const struct page_table *pages_of(const struct pages *p, uint32_t pid);
/* Spaces that have the frame in their tables; the first process of each goes to pid. */
unsigned pages_owners(const struct pages *p, uint64_t frame, uint32_t *pid, unsigned room);

/* The operations kept that ended by the event, in the order of their ends. */
const struct page_op *pages_ops(const struct pages *p, uint32_t *count);

#endif
