/* The futex call itself. */
#include "tests/abi/case.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long futex(atomic_int *word, int operation, int value, const struct timespec *timeout)
{
	return syscall(SYS_futex, word, operation, value, timeout, NULL, FUTEX_BITSET_MATCH_ANY);
}

CASE(futex_errors)
{
	static atomic_int word = 1;
	struct timespec bad = { 0, 1000000000 }, negative = { -1, 0 };

	FAILS(futex(&word, FUTEX_WAIT, 0, NULL), EAGAIN);
	FAILS(futex(&word, FUTEX_WAIT, 1, &bad), EINVAL);
	FAILS(futex(&word, FUTEX_WAIT, 1, &negative), EINVAL);
	FAILS(futex((atomic_int *)((char *)&word + 1), FUTEX_WAIT, 1, NULL), EINVAL);
	FAILS(futex((atomic_int *)((char *)&word + 1), FUTEX_WAKE, 1, NULL), EINVAL);
	FAILS(futex((atomic_int *)8, FUTEX_WAIT, 1, NULL), EFAULT);
	FAILS(futex(&word, 99, 1, NULL), ENOSYS);
	GIVES(futex(&word, FUTEX_WAKE, 1, NULL), 0);
	FAILS(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 1, NULL, NULL, 0), EINVAL);
}

CASE(futex_timeout)
{
	static atomic_int word = 1;
	struct timespec little = { 0, 40000000 }, until;
	long begin = now_ms();

	FAILS(futex(&word, FUTEX_WAIT_PRIVATE, 1, &little), ETIMEDOUT);
	CHECK(now_ms() - begin >= 40);
	CHECK(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
	until.tv_nsec += 40000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	begin = now_ms();
	FAILS(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 1, &until), ETIMEDOUT);
	CHECK(now_ms() - begin >= 39);
	until.tv_sec = 0;
	FAILS(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 1, &until), ETIMEDOUT);
	CHECK(clock_gettime(CLOCK_REALTIME, &until) == 0);
	FAILS(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1, &until), ETIMEDOUT);
}

static atomic_int gate, inside, released, sleepers[5];

static void *body_wait(void *unused)
{
	int place = atomic_fetch_add(&inside, 1);

	atomic_store(&sleepers[place], (int)syscall(SYS_gettid));
	while (atomic_load(&gate) == 0)
		if (futex(&gate, FUTEX_WAIT_PRIVATE, 0, NULL) == 0)
			atomic_fetch_add(&released, 1);
	return unused;
}

/* Wakes that find somebody; repeated, as a thread may not yet be asleep. */
static long wake_all(int wanted)
{
	long woken = 0;

	while (woken < wanted) {
		woken += futex(&gate, FUTEX_WAKE_PRIVATE, 1, NULL);
		sleep_ms(1);
	}
	return woken;
}

CASE(futex_wake_counts)
{
	pthread_t threads[5];

	for (int i = 0; i < 5; i++)
		CHECK(pthread_create(&threads[i], NULL, body_wait, NULL) == 0);
	GIVES(wake_all(5), 5); /* each woken one sees the gate shut and sleeps again */
	for (int i = 0; i < 5; i++) {
		while (!atomic_load(&sleepers[i]))
			sleep_ms(1);
		until_asleep(atomic_load(&sleepers[i]));
	}
	atomic_store(&gate, 1);
	GIVES(futex(&gate, FUTEX_WAKE_PRIVATE, 100, NULL), 5);
	for (int i = 0; i < 5; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	GIVES(atomic_load(&released), 10);
	GIVES(futex(&gate, FUTEX_WAKE_PRIVATE, 100, NULL), 0);
}

CASE(futex_between_processes)
{
	atomic_int *word =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	CHECK(word != MAP_FAILED);
	pid = child();
	if (pid == 0) {
		while (atomic_load(word) == 0)
			futex(word, FUTEX_WAIT, 0, NULL);
		_exit(12);
	}
	sleep_ms(30);
	atomic_store(word, 1);
	CHECK(futex(word, FUTEX_WAKE, 1, NULL) >= 0);
	EXITS(pid, 12);
}

static void on_signal(int number)
{
	(void)number;
}

CASE(futex_interrupted)
{
	static atomic_int word = 1;
	struct sigaction action = { .sa_handler = on_signal };

	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	alarm(1);
	FAILS(futex(&word, FUTEX_WAIT, 1, NULL), EINTR);
}

static atomic_int exiting = 77;

static int body_cleartid(void *unused)
{
	(void)unused;
	sleep_ms(20);
	return 0;
}

CASE(futex_cleared_at_exit)
{
	static char stack[65536] __attribute__((aligned(16)));
	struct timespec limit = { 10, 0 };
	int flags = CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD;
	pid_t pid = clone(body_cleartid, stack + sizeof(stack), flags, NULL, NULL, NULL, &exiting);

	CHECK(pid > 0);
	while (atomic_load(&exiting) == 77)
		CHECK(futex(&exiting, FUTEX_WAIT, 77, &limit) == 0 || errno == EAGAIN);
	GIVES(atomic_load(&exiting), 0);
	EXITS(pid, 0);
}
