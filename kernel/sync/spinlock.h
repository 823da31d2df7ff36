/* Spin locks: test-and-test-and-set with pause.  Ticket and MCS locks collapse
 * when a virtual CPU that is next in line is not running.
 *
 * spin_lock for data no interrupt handler touches, spin_lock_irq for the rest.
 * Order is by rank, lowest first; debug builds check it (two locks of one rank:
 * only by address, only where a comment says so). */
#ifndef KERNEL_SYNC_SPINLOCK_H
#define KERNEL_SYNC_SPINLOCK_H

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/regs.h"

/* The one lock order: a lock may be taken while holding only lower ranks. */
enum lock_rank {
	RANK_PROCESS_TREE = 1, /* proc: parents, groups, sessions */
	RANK_MOUNT,            /* fs: mount table */
	RANK_FD,               /* fs: a descriptor table */
	RANK_TTY,              /* fs: a terminal */
	RANK_PIPE,             /* fs: a pipe, a socket */
	RANK_INODE,            /* fs: names and sizes in memory */
	RANK_SPACE,            /* mm: page tables of a space */
	RANK_SPACE_LIST,       /* mm: the list of all spaces */
	RANK_SYSV,             /* ipc: System V objects */
	RANK_OBJECT,           /* mm: pages of an object */
	RANK_FUTEX,            /* ipc: a futex bucket */
	/* From here on also in interrupts, so taken with them off. */
	RANK_CPU_TIMERS, /* proc: a process's timers of CPU time */
	RANK_SIGNAL,     /* proc: a process's signals */
	RANK_WAIT,       /* sched: a wait queue */
	RANK_TIMER,      /* sched: the timers of a CPU */
	RANK_QUEUE,      /* sched: a run queue; two by CPU number */
	RANK_DEVICE,     /* drivers: a device */
	RANK_CACHE,      /* mm: an object cache */
	RANK_MAPPED,     /* mm: mapped areas */
	RANK_PAGE,       /* mm: free pages */
	RANK_LOG,
};

struct spinlock {
	uint32_t held;
	uint32_t rank;     /* [I] */
	struct cpu *owner; /* who holds it; for spin_held and the panic report */
	const char *name;  /* [I] */
};

#define SPINLOCK_INIT(rank_, name_)                                                                \
	{                                                                                          \
		.rank = (rank_), .name = (name_)                                                   \
	}

/* Who waits for so long for a lock panics; 0: waits on. */
extern uint64_t spin_seconds;

void spin_init(struct spinlock *l, enum lock_rank rank, const char *name);
void spin_lock(struct spinlock *l);
bool spin_try(struct spinlock *l);
void spin_unlock(struct spinlock *l);
/* This CPU holds it. */
bool spin_held(const struct spinlock *l);

/* With interrupts off in between; the former state is the key to unlock. */
static inline uint64_t spin_lock_irq(struct spinlock *l)
{
	uint64_t flags = irq_save();

	spin_lock(l);
	return flags;
}

static inline void spin_unlock_irq(struct spinlock *l, uint64_t flags)
{
	spin_unlock(l);
	irq_restore(flags);
}

#endif
