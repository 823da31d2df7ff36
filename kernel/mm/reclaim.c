#include "kernel/mm/reclaim.h"

#define PASSES 2

static struct list reclaimers = LIST_INIT(reclaimers); /* [I] added at boot */
static uint64_t reserve, low, high;                    /* [I] frames */
static uint32_t busy;                                  /* [a] a CPU reclaims */
/* When all was asked and gave little, nobody is asked again before less is free. */
static uint64_t futile; /* [a] free frames then */

void reclaim_init(void)
{
	uint64_t total = page_count_total();

	reserve = MIN(MAX(total / 64, 256), 4096);
	low = reserve * 2;
	high = low + total / 32;
	page_low_mark_set(low);
}

void reclaim_add(struct reclaimer *r)
{
	list_append(&reclaimers, &r->link);
}

static void reclaimers_run(void)
{
	const struct reclaimer *r;

	for (unsigned pass = 0; pass < PASSES; pass++) {
		list_for_each_entry(r, &reclaimers, link) {
			uint64_t free = page_count_free();

			if (free >= high)
				return;
			r->reclaim(high - free, pass);
		}
	}
}

bool reclaim_run(void)
{
	uint64_t free = page_count_free(), limit = __atomic_load_n(&futile, __ATOMIC_RELAXED);
	uint32_t idle = 0;

	if (free >= low)
		return true;
	if ((!limit || free < limit - limit / 8) &&
	    __atomic_compare_exchange_n(&busy, &idle, 1, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED)) {
		reclaimers_run();
		free = page_count_free();
		__atomic_store_n(&futile, free >= low ? 0 : free, __ATOMIC_RELAXED);
		__atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
	}
	return free > reserve;
}
