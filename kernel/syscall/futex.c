#include "kernel/ipc/futex.h"

#include <linux/errno.h>
#include <linux/futex.h>

#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/proc/task.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_time.h"

static int64_t wait_again(const struct restart *r)
{
	int64_t result = futex_wait(r->addr, r->value, r->bitset, r->deadline, r->flags);

	return result == -EINTR ? -ERESTART_RESTARTBLOCK : result;
}

static int64_t wait_call(uint64_t addr, uint32_t value, uint32_t bitset, uint64_t deadline,
			 bool private_)
{
	int64_t result = futex_wait(addr, value, bitset, deadline, private_);

	if (result != -EINTR)
		return result;
	if (!deadline)
		return -ERESTARTSYS;
	current_task()->restart = (struct restart){ .run = wait_again,
						    .addr = addr,
						    .deadline = deadline,
						    .value = value,
						    .bitset = bitset,
						    .flags = private_ };
	return -ERESTART_RESTARTBLOCK;
}

/* FUTEX_WAIT takes a time from now, FUTEX_WAIT_BITSET an absolute one. */
static int deadline_in(uint32_t op, uint64_t timeout, uint64_t *deadline)
{
	int clock = op & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
	uint64_t ns;
	int error;

	*deadline = 0;
	if (!timeout)
		return 0;
	error = user_timespec_in(timeout, 3, &ns);
	if (error)
		return error;
	if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT)
		*deadline = deadline_after(ns);
	else
		*deadline = deadline_absolute(clock, ns);
	return 0;
}

/* A lock is not given up for a signal: the call begins again. */
static int64_t lock_call(uint64_t addr, uint32_t op, uint64_t timeout, bool private_)
{
	uint64_t deadline;
	int64_t result = deadline_in(op, timeout, &deadline);

	if (!result)
		result = futex_lock(addr, deadline, private_, false);
	return result == -EINTR ? -ERESTARTNOINTR : result;
}

/* Wait on addr, and come back with the lock at addr2. */
static int64_t requeue_wait(uint64_t addr, uint64_t addr2, uint32_t op, uint64_t timeout,
			    uint32_t value, bool private_)
{
	uint64_t deadline;
	int64_t result = deadline_in(op, timeout, &deadline);

	if (!result && addr == addr2)
		result = -EINVAL;
	if (!result)
		result = futex_wait(addr, value, FUTEX_BITSET_ALL, deadline, private_);
	if (result)
		return result == -EINTR ? -ERESTARTNOINTR : result;
	do /* woken for good: a signal is for later */
		result = futex_lock(addr2, deadline, private_, false);
	while (result == -EINTR && !current()->killed);
	return result;
}

int64_t sys_futex(uint64_t addr, uint64_t op, uint64_t val, uint64_t timeout, uint64_t addr2,
		  uint64_t val3)
{
	uint32_t command = op & FUTEX_CMD_MASK, count = val, count2 = timeout;
	bool private_ = op & FUTEX_PRIVATE_FLAG;
	uint32_t bitset = FUTEX_BITSET_ALL;
	uint64_t deadline;
	int error;

	if (op & FUTEX_CLOCK_REALTIME && command != FUTEX_WAIT_BITSET &&
	    command != FUTEX_WAIT_REQUEUE_PI && command != FUTEX_LOCK_PI2)
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT_BITSET:
		bitset = val3;
		__attribute__((fallthrough));
	case FUTEX_WAIT:
		error = deadline_in(op, timeout, &deadline);
		return error ? error : wait_call(addr, val, bitset, deadline, private_);
	case FUTEX_WAKE_BITSET:
		bitset = val3;
		__attribute__((fallthrough));
	case FUTEX_WAKE:
		/* As Linux: at least one, whatever the count. */
		return futex_wake(addr, MAX(count, 1u), bitset, private_);
	case FUTEX_REQUEUE:
		if ((int32_t)count < 0 || (int32_t)count2 < 0)
			return -EINVAL;
		return futex_requeue(addr, count, addr2, count2, false, 0, private_);
	case FUTEX_CMP_REQUEUE:
		if ((int32_t)count < 0 || (int32_t)count2 < 0)
			return -EINVAL;
		return futex_requeue(addr, count, addr2, count2, true, val3, private_);
	case FUTEX_LOCK_PI: /* its time is always of the real-time clock */
		return lock_call(addr, op | FUTEX_CLOCK_REALTIME, timeout, private_);
	case FUTEX_LOCK_PI2:
		return lock_call(addr, op, timeout, private_);
	case FUTEX_TRYLOCK_PI:
		return futex_lock(addr, 0, private_, true);
	case FUTEX_UNLOCK_PI:
		return futex_unlock(addr, private_);
	case FUTEX_WAIT_REQUEUE_PI:
		return requeue_wait(addr, addr2, op, timeout, val, private_);
	case FUTEX_CMP_REQUEUE_PI:
		/* Each that is woken goes for the lock itself. */
		if (count != 1 || (int32_t)count2 < 0 || addr == addr2)
			return -EINVAL;
		return futex_requeue(addr, MIN(count2, (uint32_t)INT32_MAX - 1) + 1, addr, 0, true,
				     val3, private_);
	case FUTEX_WAKE_OP:
		return futex_wake_op(addr, count, addr2, count2, val3, private_);
	default:
		return -ENOSYS;
	}
}

int64_t sys_set_robust_list(uint64_t head, uint64_t length)
{
	if (length != sizeof(struct robust_list_head))
		return -EINVAL;
	current_task()->robust_list = head;
	return 0;
}

int64_t sys_get_robust_list(uint64_t pid, uint64_t head_ptr, uint64_t len_ptr)
{
	struct thread *t = thread_find(pid ? (uint32_t)pid : current()->tid);
	uint64_t head, length = sizeof(struct robust_list_head);
	bool own;

	if (!t)
		return -ESRCH;
	own = t->process == current_process() || caller_can(CAP_SYS_PTRACE);
	head = thread_task(t)->robust_list;
	thread_put(t);
	if (!own)
		return -EPERM;
	if (user_copy_out(len_ptr, &length, sizeof(length)))
		return -EFAULT;
	return user_copy_out(head_ptr, &head, sizeof(head));
}

/* One of futex_waitv's words. */
static int word_in(uint64_t from, struct futex_word *to)
{
	struct futex_waitv v;

	if (user_copy_in(&v, from, sizeof(v)))
		return -EFAULT;
	if (v.flags & ~(uint32_t)(FUTEX_32 | FUTEX_PRIVATE_FLAG) || v.__reserved ||
	    !(v.flags & FUTEX_32) || v.val >> 32)
		return -EINVAL;
	*to = (struct futex_word){ .addr = v.uaddr,
				   .expect = (uint32_t)v.val,
				   .private_ = v.flags & FUTEX_PRIVATE_FLAG };
	return 0;
}

int64_t sys_futex_waitv(uint64_t waiters, uint64_t count, uint64_t flags, uint64_t timeout,
			uint64_t clock)
{
	struct futex_word *words;
	uint64_t ns, deadline = 0;
	int64_t result = 0;

	if ((uint32_t)flags || !(uint32_t)count || (uint32_t)count > FUTEX_WAITV_MAX || !waiters)
		return -EINVAL;
	if (timeout) {
		if ((int)clock != CLOCK_MONOTONIC && (int)clock != CLOCK_REALTIME)
			return -EINVAL;
		result = user_timespec_in(timeout, 3, &ns);
		if (result)
			return result;
		deadline = deadline_absolute((int)clock, ns);
	}
	words = kmalloc((uint32_t)count * sizeof(*words));
	if (!words)
		return -ENOMEM;
	for (uint32_t i = 0; i < (uint32_t)count && !result; i++)
		result = word_in(waiters + i * sizeof(struct futex_waitv), &words[i]);
	if (!result)
		result = futex_wait_many(words, (uint32_t)count, deadline);
	kfree(words);
	return result == -EINTR ? -ERESTARTSYS : result;
}
