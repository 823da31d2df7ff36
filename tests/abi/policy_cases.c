/* Scheduling policies. */
#include "tests/abi/case.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

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
