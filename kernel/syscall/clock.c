/* Clocks: asking for the time and sleeping. */
#include <linux/errno.h>
#include <linux/times.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/mm/user.h"
#include "kernel/proc/tree.h"
#include "kernel/sched/timer.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_time.h"
#include "schemas/clock.h"

#define USER_TICK_NS (SECOND_NS / 100) /* USER_HZ */
/* Dynamic clocks of processes and threads: clock_getcpuclockid(3); the three low
 * bits say which, the rest is the complement of the number. */
#define CPU_CLOCK_THREAD 4
#define CPU_CLOCK_WHICH  3
#define CPU_CLOCK_KINDS  3

/* CPU time of the thread or process that a negative clock id names. */
static int cpu_clock(int clock, uint64_t *ns)
{
	uint32_t id = ~(clock >> 3);
	uint64_t user, kernel;
	struct thread *t;
	int error = 0;

	if ((clock & CPU_CLOCK_WHICH) == CPU_CLOCK_KINDS)
		return -EINVAL;
	t = thread_find(id ? id : current()->tid);
	if (!t)
		return -EINVAL;
	if (t->process != current_process())
		error = -EINVAL;
	else if (clock & CPU_CLOCK_THREAD)
		*ns = t->user_ns + t->kernel_ns;
	else {
		process_times(t->process, &user, &kernel);
		*ns = user + kernel;
	}
	thread_put(t);
	return error;
}

static int clock_read(int clock, uint64_t *ns)
{
	uint64_t user, kernel;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_TAI:
		*ns = clock_realtime_base() + clock_now();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
		*ns = clock_now();
		return 0;
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		*ns = clock_now();
		if (clock == CLOCK_REALTIME_COARSE)
			*ns += clock_realtime_base();
		*ns -= *ns % CLOCK_COARSE_NS;
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		sched_account();
		process_times(current_process(), &user, &kernel);
		*ns = user + kernel;
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		sched_account();
		*ns = current()->user_ns + current()->kernel_ns;
		return 0;
	default:
		sched_account();
		return clock < 0 ? cpu_clock(clock, ns) : -EINVAL;
	}
}

int64_t sys_clock_gettime(uint64_t clock, uint64_t tp)
{
	uint64_t ns = 0;
	int error = clock_read((int)clock, &ns);

	return error ? error : user_timespec_out(tp, 1, ns);
}

int64_t sys_clock_getres(uint64_t clock, uint64_t res)
{
	bool coarse = (int)clock == CLOCK_REALTIME_COARSE || (int)clock == CLOCK_MONOTONIC_COARSE;
	uint64_t ns;
	int error = clock_read((int)clock, &ns);

	if (error || !res)
		return error;
	return user_timespec_out(res, 1, coarse ? CLOCK_COARSE_NS : 1);
}

static int realtime_set(uint64_t ns)
{
	static struct spinlock lock = SPINLOCK_INIT(RANK_LOG, "setting the clock");

	if (current_process()->credentials.euid)
		return -EPERM;
	if (ns < clock_now())
		return -EINVAL;
	spin_lock(&lock);
	clock_realtime_base_set(ns - clock_now());
	spin_unlock(&lock);
	return 0;
}

int64_t sys_clock_settime(uint64_t clock, uint64_t tp)
{
	uint64_t ns;
	int error = user_timespec_in(tp, 1, &ns);

	if ((int)clock != CLOCK_REALTIME)
		return -EINVAL;
	if (error)
		return error;
	return realtime_set(ns);
}

int64_t sys_gettimeofday(uint64_t tv, uint64_t tz)
{
	struct timezone zone = { 0 };

	if (tv && user_timeval_out(tv, clock_realtime_base() + clock_now()))
		return -EFAULT;
	return tz ? user_copy_out(tz, &zone, sizeof(zone)) : 0;
}

int64_t sys_settimeofday(uint64_t tv, uint64_t tz)
{
	uint64_t ns;
	int error;

	if (!tv)
		return 0; /* a time zone alone changes nothing here */
	error = user_timeval_in(tv, &ns);
	if (error)
		return error;
	return realtime_set(ns);
}

int64_t sys_time(uint64_t tloc)
{
	int64_t seconds = (clock_realtime_base() + clock_now()) / SECOND_NS;

	if (tloc && user_copy_out(tloc, &seconds, sizeof(seconds)))
		return -EFAULT;
	return seconds;
}

int64_t sys_times(uint64_t buf)
{
	struct process *p = current_process();
	uint64_t user, kernel;
	struct tms t;

	sched_account();
	process_times(p, &user, &kernel);
	t.tms_utime = user / USER_TICK_NS;
	t.tms_stime = kernel / USER_TICK_NS;
	t.tms_cutime = p->children_user_ns / USER_TICK_NS;
	t.tms_cstime = p->children_kernel_ns / USER_TICK_NS;
	if (buf && user_copy_out(buf, &t, sizeof(t)))
		return -EFAULT;
	return clock_now() / USER_TICK_NS;
}

/* A sleep that a signal ended: say what is left if asked. */
static int64_t sleep_rest(uint64_t deadline, uint64_t rem)
{
	uint64_t now = clock_now();

	if (rem && user_timespec_out(rem, 1, deadline > now ? deadline - now : 0))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

static int64_t sleep_again(const struct restart *r)
{
	uint64_t deadline = r->deadline, rem = r->addr;

	if (!timer_sleep_until(deadline))
		return 0;
	return sleep_rest(deadline, rem);
}

static int64_t sleep_for(uint64_t ns, uint64_t rem)
{
	uint64_t deadline = deadline_after(ns);

	if (!timer_sleep_until(deadline))
		return 0;
	current_task()->restart =
		(struct restart){ .run = sleep_again, .addr = rem, .deadline = deadline };
	return sleep_rest(deadline, rem);
}

int64_t sys_nanosleep(uint64_t req, uint64_t rem)
{
	uint64_t ns;
	int error = user_timespec_in(req, 0, &ns);

	return error ? error : sleep_for(ns, rem);
}

int64_t sys_clock_nanosleep(uint64_t clock, uint64_t flags, uint64_t req, uint64_t rem)
{
	uint64_t ns;
	int error;

	switch ((int)clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		break;
	case CLOCK_PROCESS_CPUTIME_ID:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
	error = user_timespec_in(req, 2, &ns);
	if (error)
		return error;
	if (!(flags & TIMER_ABSTIME))
		return sleep_for(ns, rem);
	if (timer_sleep_until(
		    deadline_absolute((int)clock == CLOCK_TAI ? CLOCK_REALTIME : (int)clock, ns)))
		return -ERESTARTNOHAND;
	return 0;
}

int64_t sys_restart_syscall(void)
{
	const struct restart r = current_task()->restart;

	return r.run ? r.run(&r) : -EINTR;
}
