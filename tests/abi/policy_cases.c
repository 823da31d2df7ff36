/* Scheduling policies. */
#include "tests/abi/case.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SCHED_DEADLINE
#define SCHED_DEADLINE 6 /* musl has no name for it */
#endif

static long policy_set(int policy, int priority)
{
	return syscall(SYS_sched_setscheduler, 0, policy, &priority);
}

CASE(policy_errors)
{
	int priority = 0;

	FAILS(policy_set(SCHED_FIFO, 0), EINVAL);
	FAILS(policy_set(SCHED_RR, 100), EINVAL);
	FAILS(policy_set(SCHED_OTHER, 1), EINVAL);
	FAILS(policy_set(77, 0), EINVAL);
	FAILS(policy_set(-1, 0), EINVAL);
	FAILS(syscall(SYS_sched_setscheduler, 0, 0, NULL), EINVAL);
	FAILS(syscall(SYS_sched_setscheduler, 4000000, 0, &priority), ESRCH);
	FAILS(syscall(SYS_sched_getscheduler, -1), EINVAL);
	FAILS(syscall(SYS_sched_getparam, 0, NULL), EINVAL);
	GIVES(syscall(SYS_sched_getscheduler, 0), SCHED_OTHER);
}

CASE(policy_batch_and_idle)
{
	int priority = 5;

	GIVES(policy_set(SCHED_BATCH, 0), 0);
	GIVES(syscall(SYS_sched_getscheduler, 0), SCHED_BATCH);
	GIVES(policy_set(SCHED_IDLE, 0), 0);
	GIVES(syscall(SYS_sched_getscheduler, 0), SCHED_IDLE);
	GIVES(syscall(SYS_sched_getparam, 0, &priority), 0);
	GIVES(priority, 0);
	EXITS(({
		      pid_t pid = child();
		      if (pid == 0)
			      _exit((int)syscall(SYS_sched_getscheduler, 0));
		      pid;
	      }),
	      SCHED_IDLE);
}

/* struct sched_attr of the first version, and two words more. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t times[3];
	uint64_t more[2];
};

static long attributes_get(struct attributes *a, unsigned size)
{
	return syscall(SYS_sched_getattr, 0, a, size, 0);
}

static long attributes_set(const struct attributes *a)
{
	return syscall(SYS_sched_setattr, 0, a, 0);
}

CASE(policy_attributes)
{
	struct attributes a = { .size = 48, .policy = SCHED_BATCH, .nice = 3 };

	GIVES(attributes_set(&a), 0);
	GIVES(syscall(SYS_sched_getscheduler, 0), SCHED_BATCH);
	a = (struct attributes){ 0 };
	GIVES(attributes_get(&a, 48), 0);
	GIVES(a.size, 48);
	GIVES(a.policy, SCHED_BATCH);
	GIVES(a.nice, 3);
	GIVES(a.priority, 0);
	a = (struct attributes){ .size = 48, .policy = SCHED_OTHER, .flags = 1, .nice = 3 };
	GIVES(attributes_set(&a), 0);
	GIVES(attributes_get(&a, 48), 0);
	GIVES(a.flags, 1);
	a = (struct attributes){ .policy = SCHED_OTHER, .nice = 4 }; /* of size 0: the first */
	GIVES(attributes_set(&a), 0);
	GIVES(attributes_get(&a, 48), 0);
	GIVES(a.nice, 4);
	a.flags = 0x18; /* keep policy and parameters */
	a.nice = 9;
	GIVES(attributes_set(&a), 0);
	GIVES(attributes_get(&a, 48), 0);
	GIVES(a.nice, 4);
}

CASE(policy_deadline_errors)
{
	struct attributes a = { .size = 48, .policy = SCHED_DEADLINE };

	FAILS(policy_set(SCHED_DEADLINE, 0), EINVAL);
	FAILS(attributes_set(&a), EINVAL);
	a.times[0] = 1000; /* runtime, deadline, period in ns */
	a.times[1] = a.times[2] = 1000000;
	FAILS(attributes_set(&a), EINVAL);
	a.times[0] = 2000000;
	FAILS(attributes_set(&a), EINVAL);
	a.times[0] = 2000;
	a.times[1] = a.times[2] = 99999;
	FAILS(attributes_set(&a), EINVAL);
	a.times[1] = 2000000;
	a.times[2] = 1000000;
	FAILS(attributes_set(&a), EINVAL);
	a.times[1] = 1000000;
	a.priority = 1;
	FAILS(attributes_set(&a), EINVAL);
	a.priority = 0;
	CHECK(setuid(1000) == 0);
	FAILS(attributes_set(&a), EPERM);
}

CASE(policy_attribute_errors)
{
	struct attributes a = { .size = 48 };

	FAILS(attributes_get(&a, 47), EINVAL);
	FAILS(attributes_get(&a, 5000), EINVAL);
	FAILS(attributes_get(NULL, 48), EINVAL);
	FAILS(syscall(SYS_sched_getattr, 0, &a, 48, 1), EINVAL);
	FAILS(syscall(SYS_sched_getattr, 4000000, &a, 48, 0), ESRCH);
	FAILS(attributes_get((void *)8, 48), EFAULT);
	a = (struct attributes){ .size = 20 };
	FAILS(attributes_set(&a), E2BIG);
	CHECK(a.size >= 48);
	a = (struct attributes){ .size = sizeof(a), .more = { 0, 7 } };
	FAILS(attributes_set(&a), E2BIG);
	a = (struct attributes){ .size = 48, .policy = 77 };
	FAILS(attributes_set(&a), EINVAL);
	a = (struct attributes){ .size = 48, .flags = 0x8000 };
	FAILS(attributes_set(&a), EINVAL);
	a = (struct attributes){ .size = 48, .policy = SCHED_FIFO };
	FAILS(attributes_set(&a), EINVAL);
	FAILS(syscall(SYS_sched_setattr, 0, NULL, 0), EINVAL);
	FAILS(syscall(SYS_sched_setattr, 0, &a, 1), EINVAL);
	FAILS(attributes_set((void *)8), EFAULT);
}
