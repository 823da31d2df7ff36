/* Threads: locks, conditions, futexes, and processes that end amid their threads. */
#include "tests/stress/stress.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 6, TIMES = 200 };

static long counted;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void *count_up(void *none)
{
	for (int i = 0; i < TIMES; i++) {
		CHECK(pthread_mutex_lock(&lock) == 0);
		counted++;
		if (i % 16 == 0)
			sched_yield();
		CHECK(pthread_mutex_unlock(&lock) == 0);
	}
	return none;
}

static void threads_run(void *(*body)(void *), void *(*argument)(int))
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, body, argument(i)) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
}

static void *number(int i)
{
	return (void *)(intptr_t)i;
}

CASE(thread_mutex)
{
	counted = 0;
	threads_run(count_up, number);
	CHECK(counted == THREADS * TIMES);
}

/* A ball goes round: thread i waits until the count says that it is its turn. */
static void *pass_on(void *which)
{
	for (int i = 0; i < 20; i++) {
		CHECK(pthread_mutex_lock(&lock) == 0);
		while (counted % THREADS != (intptr_t)which)
			CHECK(pthread_cond_wait(&changed, &lock) == 0);
		counted++;
		CHECK(pthread_cond_broadcast(&changed) == 0);
		CHECK(pthread_mutex_unlock(&lock) == 0);
	}
	return NULL;
}

CASE(thread_condition)
{
	counted = 0;
	threads_run(pass_on, number);
	CHECK(counted == THREADS * 20);
}

static atomic_int gate;

static void *gate_pass(void *seeded)
{
	uint64_t seed = (uint64_t)(intptr_t)seeded + 1;
	int seen = 0;

	while (atomic_load(&gate) == 0) {
		struct timespec soon = { 0, random_from(&seed, 300000) };

		if (syscall(SYS_futex, &gate, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0) < 0)
			CHECK(errno == ETIMEDOUT || errno == EAGAIN || errno == EINTR);
		seen++;
	}
	return (void *)(intptr_t)seen;
}

/* Waits that time out while they are woken. */
CASE(thread_futex_timeouts)
{
	pthread_t threads[THREADS];

	atomic_store(&gate, 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, gate_pass,
				     number((int)random_below(1000000))) == 0);
	for (int i = 0; i < 20; i++) {
		CHECK(syscall(SYS_futex, &gate, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) >= 0);
		if (i % 4 == 0)
			sched_yield();
	}
	atomic_store(&gate, 1);
	CHECK(syscall(SYS_futex, &gate, FUTEX_WAKE_PRIVATE, THREADS, NULL, NULL, 0) >= 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
}

static int spin_pipe[2];
static atomic_int ready;

static void *be_busy(void *what)
{
	char *words[] = { (char *)"stress", (char *)SELF_EXIT, (char *)"7", NULL };
	char *none[] = { NULL };
	struct timespec long_time = { 100, 0 };
	char byte;

	ready++;
	for (;;) {
		switch ((intptr_t)what % 6) {
		case 0:
			break;
		case 1:
			CHECK(read(spin_pipe[0], &byte, 1) != 0);
			break;
		case 2:
			nanosleep(&long_time, NULL);
			break;
		case 3:
			munmap(shared_map(8 * PAGE), 8 * PAGE);
			break;
		case 4:
			syscall(SYS_futex, &ready, FUTEX_WAIT_PRIVATE, ready, NULL, NULL, 0);
			break;
		case 5:
			while (ready < THREADS)
				sched_yield();
			if ((intptr_t)what / 6 == 1)
				_exit(7);
			if ((intptr_t)what / 6 == 2)
				CHECK(execve(SELF_PATH, words, none) == 0);
			pause();
		}
	}
	return NULL;
}

/* exit_group, execve and SIGKILL find the other threads in any state. */
CASE(thread_process_ends)
{
	int how = (int)random_below(3), status;
	pthread_t thread;
	pid_t pid;

	CHECK(pipe(spin_pipe) == 0);
	pid = child();
	if (pid == 0) {
		ready = 0;
		for (int i = 0; i < THREADS; i++)
			CHECK(pthread_create(&thread, NULL, be_busy,
					     number(i == 5 ? 5 + 6 * how : i)) == 0);
		/* The first thread alone; with it would go /proc/self/exe. */
		if (how != 2 && random_below(2))
			syscall(SYS_exit, 0);
		for (;;)
			pause();
	}
	if (how == 0) {
		sleep_ms(random_below(10));
		CHECK(kill(pid, SIGKILL) == 0);
	}
	status = child_status(pid);
	CHECK(status == (how ? 7 << 8 : SIGKILL));
	CHECK(close(spin_pipe[0]) == 0 && close(spin_pipe[1]) == 0);
}

static void *come_and_go(void *none)
{
	return none;
}

/* A process ends whose threads still come and go. */
CASE(thread_many)
{
	pthread_attr_t detached;
	pthread_t thread;
	pid_t pid = child();

	if (pid == 0) {
		CHECK(pthread_attr_init(&detached) == 0);
		CHECK(pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED) == 0);
		for (int i = 0; i < 40; i++)
			CHECK(pthread_create(&thread, &detached, come_and_go, NULL) == 0);
		_exit(5);
	}
	CHECK(child_status(pid) == 5 << 8);
}
