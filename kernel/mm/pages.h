/* A page object: the pages of a file or of shared memory, by index.  read(),
 * write() and mmap() of a file all use its one object, so they always agree.
 *
 * Locks: an object's own spin lock guards its index; filling a page sleeps
 * without it.  Callers hold a reference to the object. */
#ifndef KERNEL_MM_PAGES_H
#define KERNEL_MM_PAGES_H

#include "kernel/mm/page.h"

struct pages;

/* What a file system hands down.  All may be NULL (memory: zero-filled). */
struct pages_source {
	/* Fill page index (zeroed) from the file.  0 or -errno.  May sleep. */
	int (*fill)(void *owner, uint64_t index, struct page *page);
	/* One page more (1) is wanted: 0, or -ENOSPC refuses it; one less (-1).  Neither
	 * sleeps nor takes locks. */
	int (*charge)(void *owner, int change);
	/* The last reference to the object is gone. */
	void (*release)(void *owner);
	/* Page index was clean and is dirty now.  Neither sleeps nor takes locks.  NULL:
	 * contents live in memory only, nothing is dirty. */
	void (*dirtied)(void *owner, uint64_t index);
};

/* An object with one reference; size in bytes (what is beyond is SIGBUS). */
struct pages *pages_create(const struct pages_source *source, void *owner, uint64_t size);
void pages_get(struct pages *o);
void pages_put(struct pages *o);
uint64_t pages_size(const struct pages *o);
/* Change the size.  When it shrinks, pages beyond are unmapped from every space
 * (space_object_truncate) and dropped, and the tail of the last one is zeroed. */
void pages_resize(struct pages *o, uint64_t size);
/* Forget the pages [first, end): they are unmapped from every space and read as zeros
 * from then on.  Only for objects that nothing fills. */
void pages_punch(struct pages *o, uint64_t first, uint64_t end);
/* The page at index with a reference for the caller, filled or zeroed when it is
 * new.  create false: NULL when it is a hole and there is no source.  *error is
 * set when NULL is returned for another reason.  May sleep. */
struct page *pages_find(struct pages *o, uint64_t index, bool create, int *error);
/* Read-ahead: put the filled p at index unless a page is there, or the object shrank
 * since pages_age gave `age`.  The caller's reference to p is consumed. */
uint64_t pages_age(const struct pages *o);
void pages_offer(struct pages *o, uint64_t index, struct page *p, uint64_t age);
/* p, which is at index, was or is about to be changed. */
void pages_dirty(struct pages *o, uint64_t index, struct page *p);
/* The first dirty page in [*index, end), with a reference (*index becomes its place); it
 * is clean then, unless a program may still write to it by a mapping.  NULL: none. */
struct page *pages_take_dirty(struct pages *o, uint64_t *index, uint64_t end);
/* Memory only: *index becomes the first page at or behind it that is there (data) or is
 * not; false: none is there behind. */
bool pages_seek(struct pages *o, uint64_t *index, bool data);
/* Give back clean pages that `fill` can bring again: those that were not used since this
 * was called before, mapped or not; with force all of them.  How many it were. */
uint64_t pages_reclaim(struct pages *o, bool force);
/* Let nobody map it shared and writable any more; false: somebody does. */
bool pages_deny_writers(struct pages *o);
/* Somebody is about to map it shared and writable; false: that was denied. */
bool pages_writer_begin(struct pages *o);
void pages_writer_end(struct pages *o);
/* Pages held. */
uint64_t pages_resident(const struct pages *o);

/* --- for mm/ ---------------------------------------------------------------- */

void pages_init(void);
/* The page at index with a reference if it is there; never sleeps. */
struct page *pages_lookup(struct pages *o, uint64_t index);
/* The same for up to n pages from index on: out[i] with a reference, or NULL.  How
 * many were looked for: fewer than n at a boundary of the index. */
unsigned pages_lookup_run(struct pages *o, uint64_t index, unsigned n, struct page **out);
/* Does somebody want to know which pages are dirty? */
bool pages_tracked(const struct pages *o);
/* A source fills its pages: they can be had again. */
bool pages_filled(const struct pages *o);
/* True if index lies within the size. */
bool pages_covers(const struct pages *o, uint64_t index);
/* One region more (1) or less (-1) maps it; writable: and may write to it. */
void pages_map_count(struct pages *o, int change, bool writable);

#endif
