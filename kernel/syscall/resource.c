#include "kernel/syscall/resource.h"

#include <linux/errno.h>

#include "kernel/mm/user.h"
#include "kernel/proc/timers.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_time.h"

static void times_fill(struct rusage *out, uint64_t user, uint64_t kernel)
{
	struct timeval u = timeval_from(user), k = timeval_from(kernel);

	out->ru_utime.tv_sec = u.tv_sec;
	out->ru_utime.tv_usec = u.tv_usec;
	out->ru_stime.tv_sec = k.tv_sec;
	out->ru_stime.tv_usec = k.tv_usec;
}

void rusage_of_child(const struct wait_result *w, struct rusage *out)
{
	*out = (struct rusage){
		.ru_minflt = w->min_faults,
		.ru_majflt = w->max_faults,
		.ru_nvcsw = w->voluntary,
		.ru_nivcsw = w->forced,
	};
	times_fill(out, w->user_ns, w->kernel_ns);
}

static void rusage_self(struct rusage *out)
{
	struct process *p = current_process();
	struct space_usage usage;
	uint64_t user, kernel, flags;
	struct thread *t;

	process_times(p, &user, &kernel);
	times_fill(out, user, kernel);
	space_usage(p->space, &usage);
	out->ru_maxrss = usage.resident * (PAGE_SIZE / 1024);
	out->ru_minflt = p->min_faults;
	out->ru_majflt = p->max_faults;
	flags = spin_lock_irq(&p->signals->lock);
	out->ru_nvcsw = p->dead_voluntary;
	out->ru_nivcsw = p->dead_forced;
	list_for_each_entry(t, &p->threads, process_link) {
		out->ru_nvcsw += t->switches_voluntary;
		out->ru_nivcsw += t->switches_forced;
	}
	spin_unlock_irq(&p->signals->lock, flags);
}

int64_t sys_getrusage(uint64_t who, uint64_t usage)
{
	struct rusage r = { 0 };
	uint64_t user, kernel;

	switch ((int)who) {
	case RUSAGE_SELF:
		rusage_self(&r);
		break;
	case RUSAGE_CHILDREN:
		times_fill(&r, current_process()->children_user_ns,
			   current_process()->children_kernel_ns);
		break;
	case RUSAGE_THREAD:
		thread_times(current(), &user, &kernel);
		times_fill(&r, user, kernel);
		r.ru_nvcsw = current()->switches_voluntary;
		r.ru_nivcsw = current()->switches_forced;
		break;
	default:
		return -EINVAL;
	}
	return user_copy_out(usage, &r, sizeof(r));
}

/* Change a limit: the soft one within the hard one, which only user 0 raises. */
static int limit_set(struct process *p, unsigned resource, const struct rlimit64 *to)
{
	struct resource_limit *l = &p->limits[resource];

	if (to->rlim_cur > to->rlim_max)
		return -EINVAL;
	if (resource == RLIMIT_NOFILE && to->rlim_max > FD_MAX)
		return -EPERM;
	if (to->rlim_max > l->hard && !caller_can(CAP_SYS_RESOURCE))
		return -EPERM;
	*l = (struct resource_limit){ .soft = to->rlim_cur, .hard = to->rlim_max };
	process_limits_apply(p);
	if (resource == RLIMIT_CPU)
		timers_limit_changed(p);
	return 0;
}

static bool may_limit(const struct process *p)
{
	const struct credentials *c = &current_process()->credentials, *its = &p->credentials;

	return p == current_process() || caller_can(CAP_SYS_RESOURCE) ||
	       (c->uid == its->uid && c->uid == its->euid && c->uid == its->suid &&
		c->gid == its->gid && c->gid == its->egid && c->gid == its->sgid);
}

int64_t sys_prlimit64(uint64_t pid, uint64_t resource, uint64_t new_limit, uint64_t old_limit)
{
	struct rlimit64 to, was;
	struct process *p;
	int error = 0;

	if ((unsigned)resource >= RESOURCE_LIMITS)
		return -EINVAL;
	if (new_limit && user_copy_in(&to, new_limit, sizeof(to)))
		return -EFAULT;
	p = process_find((int32_t)pid ? (uint32_t)pid : current_process()->pid);
	if (!p)
		return -ESRCH;
	if (!may_limit(p))
		error = -EPERM;
	was.rlim_cur = p->limits[(unsigned)resource].soft;
	was.rlim_max = p->limits[(unsigned)resource].hard;
	if (!error && new_limit)
		error = limit_set(p, resource, &to);
	process_put(p);
	if (error || !old_limit)
		return error;
	return user_copy_out(old_limit, &was, sizeof(was));
}

/* struct rlimit and struct rlimit64 are alike here. */
int64_t sys_getrlimit(uint64_t resource, uint64_t rlim)
{
	return rlim ? sys_prlimit64(0, resource, 0, rlim) : -EFAULT;
}

int64_t sys_setrlimit(uint64_t resource, uint64_t rlim)
{
	return rlim ? sys_prlimit64(0, resource, rlim, 0) : -EFAULT;
}
