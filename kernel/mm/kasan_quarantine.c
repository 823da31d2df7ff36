/* Freed objects wait here before they are given out again, so that a use after free
 * finds them forbidden still; and the bug that shows that it does. */
#include "kernel/mm/kasan.h"

#if KERNEL_KASAN

#include "kernel/mm/object.h"
#include "kernel/sync/spinlock.h"

#define WAITING 4096

static struct spinlock lock = SPINLOCK_INIT(RANK_CACHE, "quarantine"); /* interrupts off */
static void *waiting[WAITING];                                         /* [lock] a ring */
static unsigned next;                                                  /* [lock] */
static uint64_t waiting_count;                                         /* [lock] */

struct trailer {
	uint64_t allocated_by, freed_by;
};
_Static_assert(sizeof(struct trailer) == KASAN_TRAILER, "what objects have behind them");

static struct trailer *trailer_of(size_t size, const void *object)
{
	return (struct trailer *)((char *)object + size - sizeof(struct trailer));
}

void *kasan_quarantine(void *object)
{
	uint64_t flags = spin_lock_irq(&lock);
	void *oldest = waiting[next];

	waiting[next] = object;
	waiting_count += !oldest;
	next = (next + 1) % WAITING;
	spin_unlock_irq(&lock, flags);
	return oldest;
}

uint64_t kasan_waiting(void)
{
	return __atomic_load_n(&waiting_count, __ATOMIC_RELAXED);
}

void kasan_owner_set(size_t size, void *object, bool freed, uint64_t by)
{
	if (object)
		*(freed ? &trailer_of(size, object)->freed_by
			: &trailer_of(size, object)->allocated_by) = by;
}

void kasan_owner_get(size_t size, const void *object, uint64_t *allocated_by, uint64_t *freed_by)
{
	*allocated_by = trailer_of(size, object)->allocated_by;
	*freed_by = trailer_of(size, object)->freed_by;
}

void kasan_provoke(void)
{
	volatile char *object = kmalloc(40);

	kfree((void *)object);
	kasan_check((void *)object, 1, true);
}

#endif
