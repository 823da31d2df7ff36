/* sched_getattr, sched_setattr: policy, priority and nice value in one structure. */
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/sched/types.h>

#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/schedule.h"
#include "kernel/syscall/table.h"

/* ns; Linux's limits. */
#define DEADLINE_LEAST 1024ull
#define PERIOD_LEAST   100000ull
#define PERIOD_MOST    4194304000ull

static bool is_fair(int policy)
{
	return policy == SCHED_NORMAL || policy == SCHED_BATCH;
}

int64_t sys_sched_getattr(uint64_t pid, uint64_t attr, uint64_t size, uint64_t flags)
{
	struct sched_attr out = { .size = (uint32_t)MIN((uint32_t)size, sizeof(out)) };
	struct thread *t;
	int error;

	if (!attr || (uint32_t)flags || (uint32_t)size < SCHED_ATTR_SIZE_VER0 ||
	    (uint32_t)size > PAGE_SIZE)
		return -EINVAL;
	t = schedule_thread(pid, &error);
	if (error)
		return error;
	out.sched_policy = t->policy;
	out.sched_flags = t->policy_not_forked ? SCHED_FLAG_RESET_ON_FORK : 0;
	out.sched_priority = t->urgency;
	out.sched_nice = is_fair(t->policy) ? t->nice : 0;
	thread_put(t);
	return user_copy_out(attr, &out, out.size);
}

/* The structure, of whatever size the program knows: what we do not know must be zero. */
static int attributes_in(uint64_t addr, struct sched_attr *out)
{
	const uint32_t known = sizeof(*out);
	uint8_t rest[64];
	uint32_t size;

	*out = (struct sched_attr){ 0 };
	if (user_copy_in(&size, addr, sizeof(size)))
		return -EFAULT;
	size = size ? size : SCHED_ATTR_SIZE_VER0;
	if (size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE)
		goto too_big;
	for (uint32_t at = known; at < size; at += sizeof(rest)) {
		uint32_t n = MIN(size - at, (uint32_t)sizeof(rest));

		if (user_copy_in(rest, addr + at, n))
			return -EFAULT;
		for (uint32_t i = 0; i < n; i++) {
			if (rest[i])
				goto too_big;
		}
	}
	if (user_copy_in(out, addr, MIN(size, known)))
		return -EFAULT;
	if (out->sched_flags & SCHED_FLAG_UTIL_CLAMP && size < SCHED_ATTR_SIZE_VER1)
		return -EINVAL;
	return 0;

too_big:
	return user_copy_out(addr, &known, sizeof(known)) ? -EFAULT : -E2BIG;
}

/* As Linux checks them; a deadline that is fine is refused all the same: no CPU time is
 * set aside for such threads. */
static int deadline_check(const struct sched_attr *a)
{
	uint64_t period = a->sched_period ? a->sched_period : a->sched_deadline;

	if (a->sched_priority || !a->sched_deadline || a->sched_runtime < DEADLINE_LEAST ||
	    period < a->sched_deadline || a->sched_deadline < a->sched_runtime ||
	    period < PERIOD_LEAST || period > PERIOD_MOST)
		return -EINVAL;
	return caller_can(CAP_SYS_NICE) ? -EBUSY : -EPERM;
}

static int apply(struct thread *t, const struct sched_attr *a)
{
	bool keep = a->sched_flags & SCHED_FLAG_KEEP_POLICY;
	bool same = a->sched_flags & SCHED_FLAG_KEEP_PARAMS;
	int policy = keep ? t->policy : (int)a->sched_policy;
	int priority = same && keep ? t->urgency : (int)a->sched_priority;
	int error =
		policy == SCHED_DEADLINE ? deadline_check(a) : schedule_check(t, policy, priority);

	if (!error && is_fair(policy) && !same)
		error = schedule_nice(t, a->sched_nice);
	if (error)
		return error;
	if (!keep)
		t->policy_not_forked = a->sched_flags & SCHED_FLAG_RESET_ON_FORK;
	thread_policy_set(t, (uint8_t)policy, (uint8_t)priority);
	return 0;
}

int64_t sys_sched_setattr(uint64_t pid, uint64_t attr, uint64_t flags)
{
	struct sched_attr a;
	struct thread *t;
	int error;

	if (!attr || (int32_t)pid < 0 || (uint32_t)flags)
		return -EINVAL;
	error = attributes_in(attr, &a);
	if (error)
		return error;
	if ((int)a.sched_policy < 0 || a.sched_flags & ~(uint64_t)SCHED_FLAG_ALL)
		return -EINVAL;
	if (a.sched_flags & SCHED_FLAG_UTIL_CLAMP)
		return -EOPNOTSUPP; /* as Linux without such clamps */
	t = schedule_thread(pid, &error);
	if (error)
		return error;
	error = apply(t, &a);
	thread_put(t);
	return error;
}
