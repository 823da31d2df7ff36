/* Futexes as locks with priority inheritance: the word holds the owner's number, and
 * the kernel hands it from owner to waiter.
 *
 * One mutex guards all of them: they are rare, and user memory may be touched with it
 * held.  An owner runs with the best nice value of those that wait for it. */
#include <linux/errno.h>
#include <linux/futex.h>

#include "kernel/ipc/futex_state.h"
#include "kernel/mm/user.h"

#define NICE_LEAST_URGENT 19

/* [l] the mutex. */
struct lock_waiter {
	struct list link; /* [l] in `waiters`, until granted or given up */
	struct futex_key key;
	struct thread *thread;
	struct thread *owner; /* [l] reference: who is waited for; NULL: it ended */
	bool granted;         /* [l] the word names this thread now */
	struct wait_queue queue;
};

static struct mutex mutex;                       /* zeroed is unlocked but for its queue */
static struct list waiters = LIST_INIT(waiters); /* [l] first come, first served */
static bool ready;                               /* [a] the mutex is */
static struct spinlock ready_lock = SPINLOCK_INIT(RANK_FUTEX, "futex locks");

static void lock_all(void)
{
	if (unlikely(!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))) {
		spin_lock(&ready_lock);
		if (!ready)
			mutex_init(&mutex);
		__atomic_store_n(&ready, true, __ATOMIC_RELEASE);
		spin_unlock(&ready_lock);
	}
	mutex_lock(&mutex);
}

/* All below hold the mutex. */

/* t inherits from those that wait for it, and from nobody else. */
static void inherit(struct thread *t)
{
	int nice = NICE_LEAST_URGENT;
	struct lock_waiter *w;

	list_for_each_entry(w, &waiters, link) {
		if (w->owner == t)
			nice = MIN(nice, w->thread->nice);
	}
	__atomic_store_n(&t->inherited, (int8_t)nice, __ATOMIC_RELAXED);
}

static void owner_set(struct lock_waiter *w, struct thread *owner)
{
	struct thread *old = w->owner;

	if (owner)
		thread_get(owner);
	w->owner = owner;
	if (owner)
		inherit(owner);
	if (old) {
		inherit(old);
		thread_put(old);
	}
}

/* The most urgent that waits for the word; *more: others do, too. */
static struct lock_waiter *waiter_first(const struct futex_key *key, bool *more)
{
	struct lock_waiter *w, *best = NULL;

	*more = false;
	list_for_each_entry(w, &waiters, link) {
		if (!futex_key_equal(&w->key, key))
			continue;
		*more = best;
		if (!best || w->thread->nice < best->thread->nice)
			best = w;
	}
	return best;
}

/* The word goes from `value` to w, which owns the lock then. */
static int grant(uint64_t addr, uint32_t value, struct lock_waiter *w, bool more, uint32_t died)
{
	uint32_t was, next = w->thread->tid | died | (more ? FUTEX_WAITERS : 0);
	struct lock_waiter *other;
	int error = user_swap32(addr, value, next, &was);

	if (error)
		return error;
	if (was != value)
		return -EAGAIN;
	list_remove(&w->link);
	list_for_each_entry(other, &waiters, link) {
		if (futex_key_equal(&other->key, &w->key))
			owner_set(other, w->thread);
	}
	owner_set(w, NULL);
	w->granted = true;
	wait_wake_all(&w->queue);
	return 0;
}

/* Take the word if nobody has it (0), or say why not; 1: somebody has, and
 * *owner, with a reference, is told that there are waiters. */
static int take(uint64_t addr, const struct futex_key *key, bool try, struct thread **owner)
{
	uint32_t self = current()->tid, value, next, was;
	bool more;
	int error = user_read32(addr, &value);

	for (; !error; value = was) {
		uint32_t holder = value & FUTEX_TID_MASK;

		if (holder == self)
			return -EDEADLK;
		if (!holder) {
			next = self | (value & FUTEX_OWNER_DIED) |
			       (waiter_first(key, &more) ? FUTEX_WAITERS : 0);
		} else {
			if (try)
				return -EWOULDBLOCK;
			*owner = futex_owner(holder);
			if (!*owner)
				return -ESRCH;
			next = value | FUTEX_WAITERS;
		}
		error = user_swap32(addr, value, next, &was);
		if (!error && was == value)
			return holder ? 1 : 0;
		if (*owner)
			thread_put(*owner);
		*owner = NULL;
	}
	return error;
}

static int sleep(struct lock_waiter *w, uint64_t deadline)
{
	struct wait wait;
	int error = 0;

	wait_begin(&wait, &w->queue, WAIT_FUTEX);
	while (!__atomic_load_n(&w->granted, __ATOMIC_ACQUIRE) &&
	       __atomic_load_n(&w->owner, __ATOMIC_ACQUIRE) && !error)
		error = wait_sleep_until(&wait, deadline);
	wait_end(&wait);
	return error;
}

int64_t futex_lock(uint64_t addr, uint64_t deadline, bool private_, bool try)
{
	struct lock_waiter w = { .thread = current() };
	struct thread *owner = NULL;
	int error = futex_key_make(addr, private_, &w.key);

	if (error)
		return error;
	wait_queue_init(&w.queue);
	list_init(&w.link);
	lock_all();
	while ((error = take(addr, &w.key, try, &owner)) == 1) {
		list_append(&waiters, &w.link);
		owner_set(&w, owner);
		thread_put(owner);
		owner = NULL;
		mutex_unlock(&mutex);
		error = sleep(&w, deadline);
		lock_all();
		list_remove(&w.link);
		owner_set(&w, NULL);
		if (w.granted || error)
			break;
	}
	mutex_unlock(&mutex);
	return w.granted ? 0 : error;
}

int64_t futex_unlock(uint64_t addr, bool private_)
{
	struct futex_key key;
	struct lock_waiter *w;
	uint32_t value, was;
	bool more;
	int error = futex_key_make(addr, private_, &key);

	if (error)
		return error;
	lock_all();
	do {
		error = user_read32(addr, &value);
		if (!error && (value & FUTEX_TID_MASK) != current()->tid)
			error = -EPERM;
		if (error)
			break;
		w = waiter_first(&key, &more);
		if (w) {
			error = grant(addr, value, w, more, 0);
		} else {
			error = user_swap32(addr, value, 0, &was);
			if (!error && was != value)
				error = -EAGAIN;
		}
	} while (error == -EAGAIN);
	mutex_unlock(&mutex);
	return error;
}

void futex_lock_died(uint64_t addr)
{
	struct futex_key key;
	struct lock_waiter *w;
	uint32_t value, was;
	bool more;
	int error = futex_key_make(addr, false, &key);

	if (error)
		return;
	lock_all();
	do {
		error = user_read32(addr, &value);
		if (error || (value & FUTEX_TID_MASK) != current()->tid)
			break;
		w = waiter_first(&key, &more);
		if (w) {
			error = grant(addr, value, w, more, FUTEX_OWNER_DIED);
		} else {
			error = user_swap32(addr, value, FUTEX_OWNER_DIED, &was);
			if (!error && was != value)
				error = -EAGAIN;
		}
	} while (error == -EAGAIN);
	mutex_unlock(&mutex);
}

void futex_locks_exit(void)
{
	struct space *space = current()->space;
	struct lock_waiter *w;
	bool again = true;

	if (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
		return;
	while (again) {
		uint64_t addr = 0;

		again = false;
		lock_all();
		list_for_each_entry(w, &waiters, link) {
			if (w->owner != current())
				continue;
			again = true;
			if (w->key.space == (uint64_t)space)
				addr = w->key.word;
			/* Of other memory, or of no avail: it finds out by itself. */
			if (!addr)
				owner_set(w, NULL);
			wait_wake_all(&w->queue);
			break;
		}
		mutex_unlock(&mutex);
		if (!addr)
			continue;
		futex_lock_died(addr);
		lock_all();
		list_for_each_entry(w, &waiters, link) {
			if (w->owner == current() && w->key.word == addr)
				owner_set(w, NULL);
		}
		mutex_unlock(&mutex);
	}
}
