#include "kernel/sync/spinlock.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/local.h"
#include "kernel/lib/assert.h"

/* Debug builds keep the ranks each CPU holds, so that a wrong order is found the
 * first time it is tried and not when it deadlocks. */
#if KERNEL_DEBUG
static uint64_t ranks_held[CPU_MAX]; /* bit a rank; only its own CPU touches a word */

static void rank_take(const struct spinlock *l)
{
	uint64_t *held = &ranks_held[this_cpu()->id];
	uint64_t flags = irq_save();

	if (!l->rank || *held >> l->rank > 1)
		panic("lock \"%s\" of rank %u while ranks %lx are held", l->name, l->rank, *held);
	*held |= 1ull << l->rank;
	irq_restore(flags);
}

static void rank_drop(const struct spinlock *l)
{
	uint64_t flags = irq_save();

	ranks_held[this_cpu()->id] &= ~(1ull << l->rank);
	irq_restore(flags);
}
#else
static inline void rank_take(const struct spinlock *l)
{
}

static inline void rank_drop(const struct spinlock *l)
{
}
#endif

void spin_init(struct spinlock *l, enum lock_rank rank, const char *name)
{
	*l = (struct spinlock){ .rank = rank, .name = name };
}

bool spin_try(struct spinlock *l)
{
	if (__atomic_load_n(&l->held, __ATOMIC_RELAXED) ||
	    __atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE))
		return false;
	l->owner = this_cpu();
	rank_take(l);
	return true;
}

/* No lock is held for so long, but by mistake.  Turns and time, so that neither a
 * machine that stood still nor one that is slow looks like it. */
#define SPIN_TURNS (1u << 18)

uint64_t spin_seconds = 20;

static void spin_check(const struct spinlock *l, uint32_t *turns, uint64_t since)
{
	const struct cpu *owner = l->owner;

	if (++*turns % SPIN_TURNS == 0 && spin_seconds &&
	    local_time() - since > spin_seconds * clock_tsc_hz())
		panic("deadlock: lock \"%s\" is not given back by CPU %d", l->name,
		      owner ? (int)owner->id : -1);
}

static __attribute__((noinline)) void spin_wait(struct spinlock *l)
{
	uint64_t since = local_time();
	uint32_t turns = 0;

	KASSERT(!spin_held(l));
	do {
		while (__atomic_load_n(&l->held, __ATOMIC_RELAXED)) {
			cpu_pause();
			spin_check(l, &turns, since);
		}
	} while (__atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE));
}

void spin_lock(struct spinlock *l)
{
	if (unlikely(__atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE)))
		spin_wait(l);
	l->owner = this_cpu();
	rank_take(l);
}

void spin_unlock(struct spinlock *l)
{
	KASSERT(spin_held(l));
	rank_drop(l);
	l->owner = NULL;
	__atomic_store_n(&l->held, 0, __ATOMIC_RELEASE);
}

bool spin_held(const struct spinlock *l)
{
	return __atomic_load_n(&l->held, __ATOMIC_RELAXED) && l->owner == this_cpu();
}
