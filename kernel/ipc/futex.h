/* Futexes: sleeping on a word of user memory.
 *
 * A private word is known by its space and address, a shared one by the frame it
 * is in and the offset there; a word of private memory is private however it is
 * asked for, as on Linux.  Counts and results are those of futex(2). */
#ifndef KERNEL_IPC_FUTEX_H
#define KERNEL_IPC_FUTEX_H

#include "kernel/lib/types.h"

struct thread;

#define FUTEX_BITSET_ALL UINT32_MAX

/* 0 (woken), -EAGAIN (*addr is not expect), -EINTR, -ETIMEDOUT, -EFAULT, -EINVAL.
 * deadline in clock_now ns, 0: none. */
int64_t futex_wait(uint64_t addr, uint32_t expect, uint32_t bitset, uint64_t deadline,
		   bool private_);
/* The same on several words at once: the place of one that was woken. */
struct futex_word {
	uint64_t addr;
	uint32_t expect;
	bool private_;
};
int64_t futex_wait_many(const struct futex_word *words, unsigned count, uint64_t deadline);
/* Wake at most count; how many it were. */
int64_t futex_wake(uint64_t addr, uint32_t count, uint32_t bitset, bool private_);
/* Wake some, move at most `move` others to another word.  With compare: -EAGAIN if
 * *addr is not expect.  Returns woken and moved together if compare, else woken. */
int64_t futex_requeue(uint64_t addr, uint32_t wake, uint64_t to, uint32_t move, bool compare,
		      uint32_t expect, bool private_);
/* FUTEX_WAKE_OP: change *other as operation says, wake on addr, and on other if the
 * old value compares. */
int64_t futex_wake_op(uint64_t addr, uint32_t wake, uint64_t other, uint32_t wake_other,
		      uint32_t operation, bool private_);

/* FUTEX_LOCK_PI and its kin: 0, -EDEADLK, -ESRCH (the owner named in the word is none),
 * -EWOULDBLOCK (only a try), -EINTR, -ETIMEDOUT, -EFAULT, -EINVAL. */
int64_t futex_lock(uint64_t addr, uint64_t deadline, bool private_, bool try);
/* -EPERM: the caller does not own it. */
int64_t futex_unlock(uint64_t addr, bool private_);
/* The current thread ends: the lock at addr, if it owns it, goes to a waiter, marked;
 * and so do locks that are in no list. */
void futex_lock_died(uint64_t addr);
void futex_locks_exit(void);
/* The thread that a word names, with a reference, or NULL: defined in proc/. */
struct thread *futex_owner(uint32_t tid);

/* A thread ends: mark the words in its robust list (struct robust_list_head at
 * head, 0: none) whose owner it is as dead, and wake a waiter of each. */
void robust_list_exit(uint64_t head, uint32_t tid);

#endif
