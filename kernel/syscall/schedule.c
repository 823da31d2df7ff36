/* Scheduling: turns, CPUs, policies, priorities. */
#include "kernel/syscall/schedule.h"

#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/sched.h>

#include "kernel/mm/user.h"
#include "kernel/proc/tree.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_time.h"

#define PRIORITY_REALTIME_MAX 99
#define NICE_MIN              (-20)
#define NICE_MAX              19
#define SLICE_NS              8000000ull /* as sched/ hands them out */

int64_t sys_sched_yield(void)
{
	sched_yield();
	return 0;
}

/* A thread by number, 0: the caller; with a reference. */
static struct thread *thread_of(uint64_t pid)
{
	if ((int32_t)pid)
		return thread_find(pid);
	thread_get(current());
	return current();
}

static bool may_schedule(const struct thread *t)
{
	const struct credentials *c = &current_process()->credentials;
	const struct credentials *its = &t->process->credentials;

	return caller_can(CAP_SYS_NICE) || c->euid == its->uid || c->euid == its->euid;
}

static uint64_t cpus_present(void)
{
	return UINT64_MAX >> (CPU_MAX - cpu_count);
}

int64_t sys_sched_setaffinity(uint64_t pid, uint64_t length, uint64_t mask)
{
	uint64_t wanted = 0;
	struct thread *t;
	int error = 0;

	if (user_copy_in(&wanted, mask, MIN(length, sizeof(wanted))))
		return -EFAULT;
	t = thread_of(pid);
	if (!t)
		return -ESRCH;
	if (!may_schedule(t))
		error = -EPERM;
	else if (!(wanted & cpus_present()))
		error = -EINVAL;
	else
		thread_affinity_set(t, wanted & cpus_present());
	thread_put(t);
	return error;
}

int64_t sys_sched_getaffinity(uint64_t pid, uint64_t length, uint64_t mask)
{
	uint64_t value;
	struct thread *t;

	if (length < sizeof(value) || length & (sizeof(value) - 1))
		return -EINVAL;
	t = thread_of(pid);
	if (!t)
		return -ESRCH;
	value = t->affinity & cpus_present();
	thread_put(t);
	return user_copy_out(mask, &value, sizeof(value)) ? -EFAULT : (int64_t)sizeof(value);
}

struct thread *schedule_thread(uint64_t pid, int *error)
{
	struct thread *t = (int32_t)pid < 0 ? NULL : thread_of(pid);

	*error = t ? 0 : (int32_t)pid < 0 ? -EINVAL : -ESRCH;
	return t;
}

int64_t sys_sched_getscheduler(uint64_t pid)
{
	int error;
	struct thread *t = schedule_thread(pid, &error);

	if (error)
		return error;
	error = t->policy | (t->policy_not_forked ? SCHED_RESET_ON_FORK : 0);
	thread_put(t);
	return error;
}

int64_t sys_sched_getparam(uint64_t pid, uint64_t param)
{
	int error;
	struct thread *t = param ? schedule_thread(pid, &error) : NULL;
	int32_t priority;

	if (!t)
		return param ? error : -EINVAL;
	priority = t->urgency;
	thread_put(t);
	return user_copy_out(param, &priority, sizeof(priority));
}

/* Real-time policies are user 0's, or within a limit. */
int schedule_check(const struct thread *t, int policy, int priority)
{
	bool real = policy == SCHED_FIFO || policy == SCHED_RR;

	if (!real && policy != SCHED_NORMAL && policy != SCHED_BATCH && policy != SCHED_IDLE)
		return -EINVAL;
	if (real ? priority < 1 || priority > PRIORITY_REALTIME_MAX : priority != 0)
		return -EINVAL;
	if (!may_schedule(t))
		return -EPERM;
	if (real && !caller_can(CAP_SYS_NICE) &&
	    (uint64_t)priority > t->process->limits[RLIMIT_RTPRIO].soft)
		return -EPERM;
	return 0;
}

static int64_t policy_set(uint64_t pid, int policy, uint64_t param)
{
	bool keep = policy < 0, reset = !keep && policy & SCHED_RESET_ON_FORK;
	int32_t priority;
	struct thread *t;
	int error;

	if (!param || (int32_t)pid < 0)
		return -EINVAL;
	if (user_copy_in(&priority, param, sizeof(priority)))
		return -EFAULT;
	t = schedule_thread(pid, &error);
	if (error)
		return error;
	if (keep)
		policy = t->policy;
	else
		policy &= ~SCHED_RESET_ON_FORK;
	error = schedule_check(t, policy, priority);
	if (!error) {
		t->policy_not_forked = keep ? t->policy_not_forked : reset;
		thread_policy_set(t, (uint8_t)policy, (uint8_t)priority);
	}
	thread_put(t);
	return error;
}

int64_t sys_sched_setscheduler(uint64_t pid, uint64_t policy, uint64_t param)
{
	return (int)policy < 0 ? -EINVAL : policy_set(pid, (int)policy, param);
}

int64_t sys_sched_setparam(uint64_t pid, uint64_t param)
{
	return policy_set(pid, -1, param);
}

int64_t sys_sched_get_priority_max(uint64_t policy)
{
	switch ((int)policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return PRIORITY_REALTIME_MAX;
	case SCHED_NORMAL:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
		return 0;
	default:
		return -EINVAL;
	}
}

int64_t sys_sched_get_priority_min(uint64_t policy)
{
	int64_t most = sys_sched_get_priority_max(policy);

	return most > 0 ? 1 : most;
}

int64_t sys_sched_rr_get_interval(uint64_t pid, uint64_t interval)
{
	int64_t policy = sys_sched_getscheduler(pid);
	uint64_t ns = SLICE_NS;

	if (policy < 0)
		return policy;
	if ((policy & ~SCHED_RESET_ON_FORK) == SCHED_FIFO)
		ns = 0;
	return user_timespec_out(interval, 1, ns);
}

int64_t sys_getcpu(uint64_t cpu, uint64_t node, uint64_t cache)
{
	uint32_t here = this_cpu()->id, zero = 0;

	if (cpu && user_copy_out(cpu, &here, sizeof(here)))
		return -EFAULT;
	return node ? user_copy_out(node, &zero, sizeof(zero)) : 0;
}

/* Does p belong to what getpriority(2) names? */
static bool selected(const struct process *p, int which, uint32_t who)
{
	const struct process *self = current_process();

	if (which == PRIO_PROCESS)
		return p->pid == (who ? who : self->pid);
	if (which == PRIO_PGRP)
		return p->group == (who ? who : self->group);
	return p->credentials.uid == (who ? who : self->credentials.uid);
}

int64_t sys_getpriority(uint64_t which, uint64_t who)
{
	int least = NICE_MAX + 1;
	struct process *p;
	struct thread *t;

	if ((unsigned)which > PRIO_USER)
		return -EINVAL;
	tree_lock();
	tree_for_each(p)
	{
		uint64_t flags;

		if (!selected(p, which, who))
			continue;
		flags = spin_lock_irq(&p->signals->lock);
		list_for_each_entry(t, &p->threads, process_link)
			least = MIN(least, t->nice);
		spin_unlock_irq(&p->signals->lock, flags);
	}
	tree_unlock();
	/* The call gives 40..1, so that no result looks like an error. */
	return least > NICE_MAX ? -ESRCH : 20 - least;
}

int schedule_nice(struct thread *t, int nice)
{
	int floor = 20 - (int)MIN(t->process->limits[RLIMIT_NICE].soft, 40ull);

	nice = MAX(MIN(nice, NICE_MAX), NICE_MIN);
	if (!may_schedule(t))
		return -EPERM;
	if (!caller_can(CAP_SYS_NICE) && nice < t->nice && nice < floor)
		return -EACCES;
	t->nice = (int8_t)nice;
	return 0;
}

/* Holds: tree lock. */
static int nice_set(struct process *p, int nice)
{
	uint64_t flags = spin_lock_irq(&p->signals->lock);
	struct thread *t;
	int error = 0, result;

	list_for_each_entry(t, &p->threads, process_link) {
		result = schedule_nice(t, nice);
		error = result ? result : error;
	}
	spin_unlock_irq(&p->signals->lock, flags);
	return error;
}

int64_t sys_setpriority(uint64_t which, uint64_t who, uint64_t prio)
{
	int result = -ESRCH;
	struct process *p;

	if ((unsigned)which > PRIO_USER)
		return -EINVAL;
	tree_lock();
	tree_for_each(p)
	{
		int error;

		if (!selected(p, which, who))
			continue;
		error = nice_set(p, (int)prio);
		if (error || result == -ESRCH)
			result = error;
	}
	tree_unlock();
	return result;
}
