/* A sparse array of pointers by number: a radix tree of 64-way nodes.
 *
 * The caller locks.  Functions neither sleep nor take locks but the allocator's. */
#ifndef KERNEL_MM_INDEX_H
#define KERNEL_MM_INDEX_H

#include "kernel/lib/types.h"

struct index_node;

struct index {
	struct index_node *root; /* NULL: empty */
	unsigned height;         /* levels of nodes below and with the root */
};

/* Once, before anything else here. */
void index_init(void);
void *index_find(const struct index *x, uint64_t i); /* NULL: nothing there */
/* The values from i up to the next multiple of INDEX_RUN as an array; NULL: none. */
#define INDEX_RUN 64
void *const *index_run(const struct index *x, uint64_t i);
/* Put value (not NULL) where nothing is; false without memory. */
bool index_insert(struct index *x, uint64_t i, void *value);
/* Take out what is at i: it, or NULL.  Nodes that became empty are freed. */
void *index_remove(struct index *x, uint64_t i);
/* The first value at *i or behind, *i is set to its place; NULL: none. */
void *index_next(const struct index *x, uint64_t *i);

#endif
