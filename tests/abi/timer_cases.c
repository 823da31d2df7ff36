/* POSIX timers, interval timers, clocks and limits of CPU time. */
#include "tests/abi/case.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static long long ns_of(const struct timespec *t)
{
	return t->tv_sec * 1000000000ll + t->tv_nsec;
}

static long long clock_ns(clockid_t clock)
{
	struct timespec t;

	CHECK(syscall(SYS_clock_gettime, clock, &t) == 0);
	return ns_of(&t);
}

/* Use up CPU time in ring 3. */
static void burn(long long ns)
{
	long long end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + ns;

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		for (volatile int i = 0; i < 2000; i++)
			;
}

static int timer_new(clockid_t clock, int notify, int sig, int value, int *id)
{
	struct sigevent e;

	memset(&e, 0, sizeof(e));
	e.sigev_notify = notify;
	e.sigev_signo = sig;
	e.sigev_value.sival_int = value;
	return (int)syscall(SYS_timer_create, clock, &e, id);
}

static int timer_set(int id, int flags, long long first, long long interval)
{
	struct itimerspec v = { { interval / 1000000000, interval % 1000000000 },
				{ first / 1000000000, first % 1000000000 } };

	return (int)syscall(SYS_timer_settime, id, flags, &v, NULL);
}

/* Wait for sig, which is blocked, and take it. */
static int take(int sig, siginfo_t *info, long ms)
{
	struct timespec limit = { ms / 1000, ms % 1000 * 1000000 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return sigtimedwait(&set, info, &limit);
}

static void block(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
}

CASE(timer_sends_signal)
{
	siginfo_t info;
	int id = -1;

	block(SIGUSR1);
	GIVES(timer_new(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 77, &id), 0);
	CHECK(id >= 0);
	GIVES(timer_set(id, 0, 3000000, 0), 0);
	GIVES(take(SIGUSR1, &info, 2000), SIGUSR1);
	GIVES(info.si_code, SI_TIMER);
	GIVES(info.si_value.sival_int, 77);
	CHECK(info.si_timerid == id);
	GIVES(info.si_overrun, 0);
	GIVES(take(SIGUSR1, &info, 20), -1);
	GIVES(syscall(SYS_timer_delete, id), 0);
	FAILS(syscall(SYS_timer_delete, id), EINVAL);
}

CASE(timer_counts_overruns)
{
	siginfo_t info;
	int id, overrun;

	block(SIGRTMIN);
	CHECK(timer_new(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 0, &id) == 0);
	GIVES(timer_set(id, 0, 1000000, 1000000), 0);
	sleep_ms(50);
	GIVES(take(SIGRTMIN, &info, 2000), SIGRTMIN);
	overrun = info.si_overrun;
	CHECK(overrun >= 30);
	GIVES(syscall(SYS_timer_getoverrun, id) == overrun, 1);
	GIVES(take(SIGRTMIN, &info, 2000), SIGRTMIN); /* it runs on */
	GIVES(syscall(SYS_timer_delete, id), 0);
	FAILS(syscall(SYS_timer_getoverrun, id), EINVAL);
}

CASE(timer_of_a_nanosecond)
{
	siginfo_t info;
	int id, many = 0;

	block(SIGRTMIN);
	CHECK(timer_new(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 0, &id) == 0);
	GIVES(timer_set(id, 0, 1, 1), 0);
	for (int i = 0; i < 20; i++) {
		CHECK(take(SIGRTMIN, &info, 2000) == SIGRTMIN);
		many += info.si_overrun > 100;
	}
	CHECK(many > 0);
	GIVES(syscall(SYS_timer_delete, id), 0);
}

CASE(timer_settings_read_back)
{
	struct itimerspec v;
	int id;

	CHECK(timer_new(CLOCK_REALTIME, SIGEV_NONE, 0, 0, &id) == 0);
	GIVES(syscall(SYS_timer_gettime, id, &v), 0);
	GIVES(ns_of(&v.it_value) + ns_of(&v.it_interval), 0);
	GIVES(timer_set(id, 0, 5000000000ll, 7000000000ll), 0);
	GIVES(syscall(SYS_timer_gettime, id, &v), 0);
	CHECK(ns_of(&v.it_value) > 4000000000ll && ns_of(&v.it_value) <= 5000000000ll);
	GIVES(ns_of(&v.it_interval), 7000000000ll);
	GIVES(timer_set(id, TIMER_ABSTIME, 1, 0), 0); /* long ago */
	GIVES(syscall(SYS_timer_gettime, id, &v), 0);
	GIVES(ns_of(&v.it_value), 0);
	GIVES(timer_set(id, 0, 0, 0), 0);
}

CASE(timer_errors)
{
	struct itimerspec bad = { { 0, 0 }, { 0, 1000000000 } };
	struct sigevent e;
	int id;

	memset(&e, 0, sizeof(e));
	FAILS(timer_new(99, SIGEV_SIGNAL, SIGALRM, 0, &id), EINVAL);
	FAILS(timer_new(CLOCK_MONOTONIC_COARSE, SIGEV_SIGNAL, SIGALRM, 0, &id), EOPNOTSUPP);
	FAILS(timer_new(CLOCK_MONOTONIC, SIGEV_SIGNAL, 0, 0, &id), EINVAL);
	FAILS(timer_new(CLOCK_MONOTONIC, SIGEV_SIGNAL, 65, 0, &id), EINVAL);
	FAILS(timer_new(CLOCK_MONOTONIC, 17, SIGALRM, 0, &id), EINVAL);
	e.sigev_notify = SIGEV_THREAD_ID;
	e.sigev_signo = SIGALRM;
	FAILS(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id), EINVAL);
	FAILS(syscall(SYS_timer_create, CLOCK_MONOTONIC, (void *)8, &id), EFAULT);
	FAILS(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, (void *)8), EFAULT);
	GIVES(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id), 0);
	FAILS(syscall(SYS_timer_settime, id, 0, NULL, NULL), EINVAL);
	FAILS(syscall(SYS_timer_settime, id, 0, &bad, NULL), EINVAL);
	FAILS(syscall(SYS_timer_settime, id, 0, (void *)8, NULL), EFAULT);
	FAILS(syscall(SYS_timer_settime, 12345, 0, &(struct itimerspec){ 0 }, NULL), EINVAL);
	FAILS(syscall(SYS_timer_gettime, id, (void *)8), EFAULT);
	FAILS(syscall(SYS_timer_gettime, 12345, &bad), EINVAL);
}

static _Atomic pid_t took_it;

static void on_timer(int sig)
{
	(void)sig;
	atomic_store(&took_it, (pid_t)syscall(SYS_gettid));
}

CASE(timer_names_its_thread)
{
	struct sigevent e;
	int id;

	memset(&e, 0, sizeof(e));
	CHECK(signal(SIGUSR2, on_timer) != SIG_ERR);
	e.sigev_notify = SIGEV_THREAD_ID;
	e.sigev_signo = SIGUSR2;
	((int *)&e)[4] = (int)syscall(SYS_gettid); /* sigev_notify_thread_id */
	GIVES(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id), 0);
	GIVES(timer_set(id, 0, 2000000, 0), 0);
	for (int i = 0; i < 1000 && !atomic_load(&took_it); i++)
		sleep_ms(1);
	CHECK(atomic_load(&took_it) == getpid());
	GIVES(syscall(SYS_timer_delete, id), 0);
}

CASE(timer_is_not_inherited)
{
	pid_t pid;
	int id;

	block(SIGUSR1);
	CHECK(timer_new(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0, &id) == 0);
	GIVES(timer_set(id, 0, 30000000, 0), 0);
	pid = child();
	if (pid == 0) {
		siginfo_t info;

		_exit(take(SIGUSR1, &info, 60) == -1 && syscall(SYS_timer_delete, id) ? 3 : 1);
	}
	EXITS(pid, 3);
}

CASE(timer_of_cpu_time)
{
	siginfo_t info;
	long long before;
	int id;

	block(SIGUSR1);
	GIVES(timer_new(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1, 5, &id), 0);
	before = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	GIVES(timer_set(id, 0, 30000000, 0), 0);
	GIVES(take(SIGUSR1, &info, 60), -1); /* asleep: no CPU time passes */
	while (take(SIGUSR1, &info, 0) != SIGUSR1)
		burn(500000);
	CHECK(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - before >= 30000000);
	GIVES(info.si_value.sival_int, 5);
	GIVES(syscall(SYS_timer_delete, id), 0);
	GIVES(timer_new(CLOCK_THREAD_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1, 6, &id), 0);
	GIVES(timer_set(id, 0, 5000000, 0), 0);
	while (take(SIGUSR1, &info, 0) != SIGUSR1)
		burn(500000);
	GIVES(info.si_value.sival_int, 6);
}

static volatile int ticks;

static void on_tick(int sig)
{
	(void)sig;
	ticks++;
}

static void interval_case(int which, int sig)
{
	struct itimerval v = { { 0, 2000 }, { 0, 2000 } }, was;
	long long begin = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

	ticks = 0;
	CHECK(signal(sig, on_tick) != SIG_ERR);
	GIVES(setitimer(which, &v, NULL), 0);
	while (ticks < 5)
		burn(200000);
	CHECK(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - begin >=
	      (which == ITIMER_PROF ? 9000000 : 5000000));
	memset(&v, 0, sizeof(v));
	GIVES(setitimer(which, &v, &was), 0);
	GIVES(was.it_interval.tv_usec, 2000);
	GIVES(getitimer(which, &was), 0);
	GIVES(was.it_value.tv_sec + was.it_value.tv_usec, 0);
}

CASE(itimer_virtual)
{
	interval_case(ITIMER_VIRTUAL, SIGVTALRM);
}

CASE(itimer_prof)
{
	interval_case(ITIMER_PROF, SIGPROF);
}

CASE(itimer_real_of_microseconds)
{
	struct itimerval v = { { 0, 100 }, { 0, 100 } }, none;

	memset(&none, 0, sizeof(none));
	CHECK(signal(SIGALRM, on_tick) != SIG_ERR);
	GIVES(setitimer(ITIMER_REAL, &v, NULL), 0);
	while (ticks < 50)
		burn(100000);
	GIVES(setitimer(ITIMER_REAL, &none, NULL), 0);
	FAILS(setitimer(3, &v, NULL), EINVAL);
	v.it_value.tv_usec = 1000000;
	FAILS(setitimer(ITIMER_REAL, &v, NULL), EINVAL);
}

static _Atomic bool may_end;

/* At least that long, and until it may end. */
static void *body_burn(void *argument)
{
	do
		burn((long)argument);
	while (!may_end);
	return NULL;
}

CASE(cpu_clocks_add_up)
{
	long long process = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	long long own = clock_ns(CLOCK_THREAD_CPUTIME_ID), all, mine;
	pthread_t thread;
	clockid_t its;

	CHECK(pthread_create(&thread, NULL, body_burn, (void *)30000000l) == 0);
	CHECK(pthread_getcpuclockid(thread, &its) == 0);
	while (clock_ns(its) < 20000000) /* seen while it runs */
		sleep_ms(1);
	may_end = true;
	CHECK(pthread_join(thread, NULL) == 0);
	mine = clock_ns(CLOCK_THREAD_CPUTIME_ID) - own;
	all = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - process;
	CHECK(all >= 30000000);
	CHECK(all >= mine + 30000000);
	say("the process's time is that of its threads, of those gone too");
}

CASE(cpu_clock_ids)
{
	struct timespec t;
	clockid_t clock;
	pid_t pid = child();

	if (pid == 0) {
		burn(10000000);
		pause();
	}
	GIVES(clock_getcpuclockid(pid, &clock), 0);
	while (clock_ns(clock) < 10000000)
		sleep_ms(1);
	CHECK(kill(pid, SIGKILL) == 0);
	DIES(pid, SIGKILL);
	FAILS(syscall(SYS_clock_gettime, clock, &t), EINVAL);
	FAILS(syscall(SYS_clock_gettime, ~0u << 3 | 3, &t), EINVAL);
	GIVES(syscall(SYS_clock_gettime, ~0u << 3 | 4 | 2, &t), 0); /* this thread's */
}

CASE(cpu_time_shares)
{
	struct rusage usage, thread;
	struct tms t;
	long long user, all;

	for (volatile int i = 0; i < 30000000; i++)
		;
	GIVES(getrusage(RUSAGE_SELF, &usage), 0);
	user = usage.ru_utime.tv_sec * 1000000ll + usage.ru_utime.tv_usec;
	CHECK(user > 1000);
	all = clock_ns(CLOCK_PROCESS_CPUTIME_ID) / 1000;
	CHECK(user + usage.ru_stime.tv_sec * 1000000ll + usage.ru_stime.tv_usec <= all + 1000);
	GIVES(getrusage(1, &thread), 0); /* RUSAGE_THREAD */
	CHECK(thread.ru_utime.tv_sec * 1000000ll + thread.ru_utime.tv_usec >= user);
	CHECK(times(&t) != (clock_t)-1 && t.tms_cutime == 0);
	FAILS(getrusage(7, &usage), EINVAL);
}

CASE(cpu_sleep)
{
	struct timespec little = { 0, 1000000 };
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, body_burn, (void *)30000000l) == 0);
	GIVES(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0, &little, NULL), 0);
	may_end = true;
	CHECK(pthread_join(thread, NULL) == 0);
	FAILS(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &little, NULL), EOPNOTSUPP);
	FAILS(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &little, NULL), EOPNOTSUPP);
	FAILS(syscall(SYS_clock_nanosleep, 1000, 0, &little, NULL), EINVAL);
}

CASE(cpu_limit)
{
	struct rlimit limit = { 1, 2 };
	pid_t pid = child();

	if (pid == 0) {
		CHECK(setrlimit(RLIMIT_CPU, &limit) == 0);
		for (;;)
			;
	}
	DIES(pid, SIGXCPU);
}
