#include "kernel/ipc/futex_state.h"

#include <linux/errno.h>
#include <linux/futex.h>

#include "kernel/mm/object.h"
#include "kernel/mm/space.h"
#include "kernel/mm/user.h"

#define BUCKETS 256 /* a power of two */

struct futex_bucket {
	struct spinlock lock;
	struct list waiters; /* first come, first woken */
};

/* On the stack of a waiter.  Who takes it out of its bucket sets woken and wakes
 * it under the bucket's lock; the waiter takes that lock before it leaves. */
struct futex_waiter {
	struct list link;
	struct futex_key key;
	struct futex_bucket *bucket; /* [its own lock] changes when requeued */
	uint32_t bitset;
	bool woken;
	struct wait_queue *queue; /* one thread's */
};

static struct futex_bucket buckets[BUCKETS];
static struct spinlock buckets_lock = SPINLOCK_INIT(RANK_FUTEX, "futex set-up");
static bool buckets_ready;

static void buckets_init(void)
{
	spin_lock(&buckets_lock);
	for (unsigned i = 0; !buckets_ready && i < BUCKETS; i++) {
		spin_init(&buckets[i].lock, RANK_FUTEX, "futex");
		list_init(&buckets[i].waiters);
	}
	__atomic_store_n(&buckets_ready, true, __ATOMIC_RELEASE);
	spin_unlock(&buckets_lock);
}

static struct futex_bucket *bucket_of(const struct futex_key *key)
{
	uint64_t hash = (key->space >> 6 ^ key->word >> 2) * 0x9e3779b97f4a7c15ull;

	if (unlikely(!__atomic_load_n(&buckets_ready, __ATOMIC_ACQUIRE)))
		buckets_init();
	return &buckets[hash >> 56 & (BUCKETS - 1)];
}

/* The physical address of a word of user memory, which is brought in for writing
 * if it may be written.  The page is not kept: a frame that is given away while
 * somebody sleeps on it means at worst a wake-up without reason, which futex(2)
 * allows. */
static int word_frame(uint64_t addr, uint64_t *physical)
{
	struct space *s = current()->space;
	uint64_t frame = 0;
	int cause = space_fault(s, addr, PF_USER | PF_WRITE, &frame);

	if (cause == FAULT_PROTECTION)
		cause = space_fault(s, addr, PF_USER, &frame);
	if (cause < FAULT_DEMAND_ZERO || cause > FAULT_SPURIOUS)
		return -EFAULT;
	*physical = frame << PAGE_SHIFT | (addr & PAGE_MASK);
	return 0;
}

int futex_key_make(uint64_t addr, bool private_, struct futex_key *key)
{
	struct space *s = current()->space;
	struct region_info region;

	if (addr & 3)
		return -EINVAL;
	if (!user_range(addr, 4))
		return -EFAULT;
	if (!private_ && space_region(s, addr, &region) && region.start <= addr && region.shared) {
		key->space = 0;
		return word_frame(addr, &key->word);
	}
	key->space = (uint64_t)s;
	key->word = addr;
	return 0;
}

/* Take w out and wake it.  Holds: its bucket's lock. */
static void waiter_wake(struct futex_waiter *w)
{
	list_remove(&w->link);
	w->woken = true;
	wait_wake_all(w->queue);
}

/* Lock the bucket w is in now.  Only w's own thread. */
static struct futex_bucket *waiter_lock(struct futex_waiter *w)
{
	for (;;) {
		struct futex_bucket *b = __atomic_load_n(&w->bucket, __ATOMIC_ACQUIRE);

		spin_lock(&b->lock);
		if (w->bucket == b)
			return b;
		spin_unlock(&b->lock);
	}
}

/* Put w in the bucket of its word; its thread sleeps on queue. */
static void waiter_add(struct futex_waiter *w, struct wait_queue *queue)
{
	struct futex_bucket *b = w->bucket = bucket_of(&w->key);

	w->queue = queue;
	spin_lock(&b->lock);
	list_append(&b->waiters, &w->link);
	spin_unlock(&b->lock);
}

/* Out of its bucket; true if somebody woke it. */
static bool waiter_remove(struct futex_waiter *w)
{
	struct futex_bucket *b = waiter_lock(w);
	bool woken = w->woken;

	if (!woken)
		list_remove(&w->link);
	spin_unlock(&b->lock);
	return woken;
}

static bool any_woken(const struct futex_waiter *w, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (__atomic_load_n(&w[i].woken, __ATOMIC_ACQUIRE))
			return true;
	}
	return false;
}

static int waiters_sleep(const struct futex_waiter *w, unsigned count, struct wait_queue *queue,
			 uint64_t deadline)
{
	struct wait wait;
	int error = 0;

	wait_begin(&wait, queue, WAIT_FUTEX);
	while (!any_woken(w, count) && !error)
		error = wait_sleep_until(&wait, deadline);
	wait_end(&wait);
	return error;
}

/* Sleep on all of w, whose keys and bitsets are set, unless a word is not what is
 * expected.  The place of one that was woken, or -errno. */
static int64_t wait_on(struct futex_waiter *w, const struct futex_word *words, unsigned count,
		       uint64_t deadline)
{
	struct wait_queue queue;
	int64_t result = -EAGAIN;
	uint32_t value;
	int error = 0;

	wait_queue_init(&queue);
	for (unsigned i = 0; i < count; i++)
		waiter_add(&w[i], &queue);
	/* Queued before the words are read: who changes one after this finds us. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < count && !error; i++) {
		error = user_read32(words[i].addr, &value);
		if (!error && value != words[i].expect)
			error = -EAGAIN;
	}
	if (!error)
		error = waiters_sleep(w, count, &queue, deadline);
	result = error;
	for (unsigned i = 0; i < count; i++) {
		if (waiter_remove(&w[i]))
			result = i;
	}
	return result;
}

int64_t futex_wait(uint64_t addr, uint32_t expect, uint32_t bitset, uint64_t deadline,
		   bool private_)
{
	const struct futex_word word = { .addr = addr, .expect = expect };
	struct futex_waiter w = { .bitset = bitset };
	int error;

	if (!bitset)
		return -EINVAL;
	error = futex_key_make(addr, private_, &w.key);
	return error ? error : wait_on(&w, &word, 1, deadline);
}

int64_t futex_wait_many(const struct futex_word *words, unsigned count, uint64_t deadline)
{
	struct futex_waiter *w = kmalloc(count * sizeof(*w));
	int64_t result = w ? 0 : -ENOMEM;

	for (unsigned i = 0; i < count && !result; i++) {
		w[i].bitset = FUTEX_BITSET_ALL;
		result = futex_key_make(words[i].addr, words[i].private_, &w[i].key);
	}
	if (!result)
		result = wait_on(w, words, count, deadline);
	kfree(w);
	return result;
}

int64_t futex_wake(uint64_t addr, uint32_t count, uint32_t bitset, bool private_)
{
	struct futex_waiter *w, *next;
	struct futex_key key;
	struct futex_bucket *b;
	int64_t woken = 0;
	int error;

	if (!bitset)
		return -EINVAL;
	error = futex_key_make(addr, private_, &key);
	if (error)
		return error;
	b = bucket_of(&key);
	spin_lock(&b->lock);
	list_for_each_entry_safe(w, next, &b->waiters, link) {
		if (woken >= count)
			break;
		if (futex_key_equal(&w->key, &key) && w->bitset & bitset) {
			waiter_wake(w);
			woken++;
		}
	}
	spin_unlock(&b->lock);
	return woken;
}

/* Two buckets at once: by address. */
static void buckets_lock_both(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_lock(a < b ? &a->lock : &b->lock);
	if (a != b)
		spin_lock(a < b ? &b->lock : &a->lock);
}

static void buckets_unlock_both(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

/* Move w, which is in bucket `from`, to wait on key.  Holds: both locks. */
static void waiter_move(struct futex_waiter *w, const struct futex_key *key,
			struct futex_bucket *to)
{
	list_remove(&w->link);
	w->key = *key;
	list_append(&to->waiters, &w->link);
	__atomic_store_n(&w->bucket, to, __ATOMIC_RELEASE);
}

int64_t futex_requeue(uint64_t addr, uint32_t wake, uint64_t to, uint32_t move, bool compare,
		      uint32_t expect, bool private_)
{
	struct futex_waiter *w, *next;
	struct futex_key from_key, to_key;
	struct futex_bucket *from, *target;
	uint64_t physical;
	int64_t woken = 0, moved = 0;
	int error = futex_key_make(addr, private_, &from_key);

	if (!error)
		error = futex_key_make(to, private_, &to_key);
	if (!error && compare)
		error = word_frame(addr, &physical);
	if (error)
		return error;
	from = bucket_of(&from_key);
	target = bucket_of(&to_key);
	buckets_lock_both(from, target);
	/* Read by the direct map: user memory must not be touched under the locks. */
	if (compare && *(volatile uint32_t *)phys_to_virt((phys_t){ physical }) != expect) {
		buckets_unlock_both(from, target);
		return -EAGAIN;
	}
	list_for_each_entry_safe(w, next, &from->waiters, link) {
		if (!futex_key_equal(&w->key, &from_key))
			continue;
		if (woken < wake) {
			waiter_wake(w);
			woken++;
		} else if (moved < move && !futex_key_equal(&from_key, &to_key)) {
			waiter_move(w, &to_key, target);
			moved++;
		}
	}
	buckets_unlock_both(from, target);
	return compare ? woken + moved : woken;
}

/* The new value of FUTEX_WAKE_OP's word; false: no such operation. */
static bool operation_apply(uint32_t operation, uint32_t old, uint32_t *new)
{
	uint32_t argument = (uint32_t)((int32_t)(operation << 8) >> 20);

	if (operation & (uint32_t)FUTEX_OP_OPARG_SHIFT << 28)
		argument = 1u << (argument & 31);
	switch (operation >> 28 & 7) {
	case FUTEX_OP_SET:
		*new = argument;
		return true;
	case FUTEX_OP_ADD:
		*new = old + argument;
		return true;
	case FUTEX_OP_OR:
		*new = old | argument;
		return true;
	case FUTEX_OP_ANDN:
		*new = old & ~argument;
		return true;
	case FUTEX_OP_XOR:
		*new = old ^ argument;
		return true;
	default:
		return false;
	}
}

static int operation_compare(uint32_t operation, int32_t old)
{
	int32_t argument = (int32_t)(operation << 20) >> 20;

	switch (operation >> 24 & 15) {
	case FUTEX_OP_CMP_EQ:
		return old == argument;
	case FUTEX_OP_CMP_NE:
		return old != argument;
	case FUTEX_OP_CMP_LT:
		return old < argument;
	case FUTEX_OP_CMP_LE:
		return old <= argument;
	case FUTEX_OP_CMP_GT:
		return old > argument;
	case FUTEX_OP_CMP_GE:
		return old >= argument;
	default:
		return -ENOSYS;
	}
}

int64_t futex_wake_op(uint64_t addr, uint32_t wake, uint64_t other, uint32_t wake_other,
		      uint32_t operation, bool private_)
{
	uint32_t old, new, was;
	struct futex_key key;
	int64_t woken, more;
	int error = futex_key_make(addr, private_, &key);

	if (!error)
		error = futex_key_make(other, private_, &key);
	if (!error)
		error = user_read32(other, &old);
	for (; !error; old = was) {
		if (!operation_apply(operation, old, &new))
			return -ENOSYS;
		error = user_swap32(other, old, new, &was);
		if (was == old)
			break;
	}
	if (error)
		return error;
	error = operation_compare(operation, (int32_t)old);
	if (error < 0)
		return error;
	woken = futex_wake(addr, wake, FUTEX_BITSET_ALL, private_);
	if (woken < 0 || !error)
		return woken;
	more = futex_wake(other, wake_other, FUTEX_BITSET_ALL, private_);
	return more < 0 ? more : woken + more;
}
