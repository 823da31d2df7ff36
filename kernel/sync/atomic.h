/* Atomic numbers: names for the compiler's built-ins, so that the order is said
 * once.  Counters are relaxed; the last put of a reference is acquire-release. */
#ifndef KERNEL_SYNC_ATOMIC_H
#define KERNEL_SYNC_ATOMIC_H

#include "kernel/lib/types.h"

struct ref {
	uint32_t count;
};

static inline void ref_init(struct ref *r, uint32_t count)
{
	__atomic_store_n(&r->count, count, __ATOMIC_RELAXED);
}

static inline void ref_get(struct ref *r)
{
	__atomic_fetch_add(&r->count, 1, __ATOMIC_RELAXED);
}

/* True when this was the last one: the caller now frees the thing. */
static inline bool ref_put(struct ref *r)
{
	return __atomic_fetch_sub(&r->count, 1, __ATOMIC_ACQ_REL) == 1;
}

static inline uint32_t ref_count(const struct ref *r)
{
	return __atomic_load_n(&r->count, __ATOMIC_ACQUIRE);
}

#endif
