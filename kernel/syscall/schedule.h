/* What the calls about scheduling have in common.  Defined in schedule.c. */
#ifndef KERNEL_SYSCALL_SCHEDULE_H
#define KERNEL_SYSCALL_SCHEDULE_H

#include "kernel/sched/thread.h"

/* The thread of that number (0: the caller's) with a reference; *error 0, -EINVAL,
 * -ESRCH. */
struct thread *schedule_thread(uint64_t pid, int *error);
/* May the caller give t this policy and real-time priority?  -EINVAL, -EPERM. */
int schedule_check(const struct thread *t, int policy, int priority);
/* Give t this nice value, cut to what there is: -EPERM, -EACCES by RLIMIT_NICE. */
int schedule_nice(struct thread *t, int nice);

#endif
