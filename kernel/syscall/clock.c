/* Clocks: asking for the time and sleeping. */
#include <linux/errno.h>
#include <linux/times.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/mm/user.h"
#include "kernel/proc/timers.h"
#include "kernel/proc/tree.h"
#include "kernel/sched/timer.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_time.h"
#include "schemas/clock.h"

#define USER_TICK_NS    (SECOND_NS / 100) /* USER_HZ */
#define CPU_SLEEP_LEAST 100000ull

/* CPU time of a thread or process. */
static int cpu_read(int clock, uint64_t *ns)
{
	struct cpu_clock c;
	int error = cpu_clock_find(clock, &c);

	if (error)
		return error;
	*ns = cpu_clock_now(&c);
	cpu_clock_put(&c);
	return 0;
}

static int clock_read(int clock, uint64_t *ns)
{
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
	default:
		return cpu_read(clock, ns);
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

	if (!caller_can(CAP_SYS_TIME))
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

/* Sleep until the process has used so much CPU time.  Nothing announces that, so this
 * looks again when it could be at the earliest. */
static int64_t cpu_sleep(int clock, bool absolute, uint64_t ns, uint64_t rem)
{
	struct cpu_clock c;
	uint64_t now, due, left;
	int error = cpu_clock_find(clock, &c);

	if (error)
		return error;
	now = cpu_clock_now(&c);
	due = absolute ? ns : now + ns;
	while (!error && now < due) {
		left = (due - now) / MAX(c.process->thread_count, 1u);
		error = timer_sleep_until(clock_now() + MAX(left, CPU_SLEEP_LEAST));
		now = cpu_clock_now(&c);
	}
	cpu_clock_put(&c);
	if (now >= due)
		return 0;
	if (!absolute && rem && user_timespec_out(rem, 3, due - now))
		return -EFAULT;
	return absolute ? -ERESTARTNOHAND : -EINTR;
}

/* Which clocks can be slept by. */
static int sleep_check(int clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
	case CLOCK_PROCESS_CPUTIME_ID:
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		return -EOPNOTSUPP;
	default:
		return clock < 0 ? 0 : -EINVAL;
	}
}

int64_t sys_clock_nanosleep(uint64_t clock, uint64_t flags, uint64_t req, uint64_t rem)
{
	uint64_t ns;
	int error;

	error = sleep_check((int)clock);
	if (!error)
		error = user_timespec_in(req, 2, &ns);
	if (error)
		return error;
	if ((int)clock < 0 || (int)clock == CLOCK_PROCESS_CPUTIME_ID)
		return cpu_sleep((int)clock, flags & TIMER_ABSTIME, ns, rem);
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
