/* Several CPUs at once.  With one CPU the same cases test preemption. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE, WORKERS_MAX = 32 };

static int cpu_count(void)
{
	unsigned long mask[16] = { 0 };
	int count = 0;

	CHECK(syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask) > 0);
	for (int i = 0; i < 16; i++)
		count += __builtin_popcountl(mask[i]);
	CHECK(count >= 1);
	return count;
}

/* Twice as many as CPUs: some always wait. */
static int workers(void)
{
	int count = 2 * cpu_count();

	return count > WORKERS_MAX ? WORKERS_MAX : count;
}

/* One for each other CPU, for what interrupts them all: under TCG a busy CPU that has no
 * core of the host answers only after milliseconds. */
static int neighbours(void)
{
	int count = cpu_count() - 1;

	return count < 1 ? 1 : count > WORKERS_MAX ? WORKERS_MAX : count;
}

static void *shared_map(size_t size)
{
	void *memory = mmap(NULL, size, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

CASE(smp_spinners_progress)
{
	atomic_long *turns = shared_map(PAGE);
	int count = workers();
	pid_t pids[WORKERS_MAX];

	for (int i = 0; i < count; i++) {
		pids[i] = child();
		if (pids[i] == 0)
			for (;;)
				turns[i]++;
	}
	for (int i = 0; i < count; i++) {
		long limit = now_ms() + 10000;

		while (turns[i] < 1000 && now_ms() < limit)
			sleep_ms(5);
		CHECK(turns[i] >= 1000);
	}
	for (int i = 0; i < count; i++) {
		CHECK(kill(pids[i], SIGKILL) == 0);
		CHECK(child_status(pids[i]) == SIGKILL);
	}
	say("twice as many spinners as CPUs, all went on");
}

CASE(smp_shared_counter)
{
	enum { TIMES = 20000 };
	atomic_long *sum = shared_map(PAGE);
	int count = workers();
	pid_t pids[WORKERS_MAX];

	for (int i = 0; i < count; i++) {
		pids[i] = child();
		if (pids[i] == 0) {
			for (int n = 0; n < TIMES; n++)
				atomic_fetch_add(sum, 1);
			_exit(0);
		}
	}
	for (int i = 0; i < count; i++)
		CHECK(child_status(pids[i]) == 0);
	CHECK(atomic_load(sum) == (long)count * TIMES);
	say("no addition was lost");
}

CASE(smp_pipes)
{
	enum { ROUNDS = 300 };
	int count = cpu_count();
	pid_t pids[WORKERS_MAX];

	if (count > WORKERS_MAX)
		count = WORKERS_MAX;
	for (int i = 0; i < count; i++) {
		pids[i] = child();
		if (pids[i] == 0) {
			int there[2], back[2], number;
			pid_t other;

			CHECK(pipe(there) == 0 && pipe(back) == 0);
			other = child();
			for (int n = 0; n < ROUNDS; n++) {
				if (other == 0) {
					CHECK(read(there[0], &number, 4) == 4 && number == n);
					CHECK(write(back[1], &number, 4) == 4);
				} else {
					CHECK(write(there[1], &n, 4) == 4);
					CHECK(read(back[0], &number, 4) == 4 && number == n);
				}
			}
			_exit(other == 0 ? 0 : child_status(other));
		}
	}
	for (int i = 0; i < count; i++)
		CHECK(child_status(pids[i]) == 0);
	say("a pair on each CPU, every ball came back");
}

/* The writer may be gone again before the reader that it met has looked. */
CASE(smp_fifo_opens)
{
	enum { TIMES = 300 };
	char byte;
	int fd, rounds[2];
	pid_t pid;

	CHECK(mkfifo("fifo", 0600) == 0 && pipe(rounds) == 0);
	pid = child();
	for (int i = 0; i < TIMES; i++) {
		CHECK((fd = open("fifo", pid == 0 ? O_WRONLY : O_RDONLY)) >= 0);
		if (pid == 0)
			CHECK(write(fd, "x", 1) == 1);
		else
			while (read(fd, &byte, 1) == 1)
				;
		CHECK(close(fd) == 0);
		if (pid == 0)
			CHECK(read(rounds[0], &byte, 1) == 1);
		else
			CHECK(write(rounds[1], "x", 1) == 1);
	}
	if (pid == 0)
		_exit(0);
	CHECK(child_status(pid) == 0);
	say("every open met its other end");
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long guarded;

static void *body_guarded(void *times)
{
	for (long n = 0; n < (long)times; n++) {
		pthread_mutex_lock(&mutex);
		guarded++;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

CASE(smp_futex_contention)
{
	enum { TIMES = 3000 };
	pthread_t threads[WORKERS_MAX];
	int count = workers();

	for (int i = 0; i < count; i++)
		CHECK(pthread_create(&threads[i], NULL, body_guarded, (void *)TIMES) == 0);
	for (int i = 0; i < count; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	CHECK(guarded == (long)count * TIMES);
	say("one lock, twice as many threads as CPUs");
}

static _Atomic(bool) done;
static atomic_int generation;
static volatile int *window;

/* Whatever is seen is at least as new as what was announced before the look. */
static void *body_look(void *unused)
{
	int announced, seen;

	while (!atomic_load(&done)) {
		announced = atomic_load(&generation);
		seen = *window;
		CHECK(seen >= announced);
	}
	return unused;
}

/* A page is replaced by another at the same address: when mmap returns, no CPU may
 * still see the old one. */
CASE(smp_mapping_replaced)
{
	enum { GENERATIONS = 100 };
	pthread_t threads[WORKERS_MAX];
	int fd = open("pages", O_RDWR | O_CREAT, 0644), count = neighbours();

	for (int i = 0; i < GENERATIONS; i++)
		CHECK(pwrite(fd, &i, sizeof(i), (off_t)i * PAGE) == sizeof(i));
	CHECK(ftruncate(fd, GENERATIONS * PAGE) == 0);
	window = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(window != MAP_FAILED);
	for (int i = 0; i < count; i++)
		CHECK(pthread_create(&threads[i], NULL, body_look, NULL) == 0);
	for (int i = 1; i < GENERATIONS; i++) {
		CHECK(mmap((void *)window, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
			   (off_t)i * PAGE) == window);
		atomic_store(&generation, i);
		if (i % 16 == 0)
			sleep_ms(2);
	}
	atomic_store(&done, true);
	for (int i = 0; i < count; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	say("no thread saw a page that was gone");
}

static volatile long *target;
static _Atomic(bool) writable;

static void on_fault(int number)
{
	(void)number;
	while (!atomic_load(&writable) && !atomic_load(&done))
		sched_yield();
}

static void *body_write(void *unused)
{
	while (!atomic_load(&done))
		(*target)++;
	return unused;
}

/* A page is made read-only: when mprotect returns, no CPU may still write to it. */
CASE(smp_protection_taken)
{
	enum { ROUNDS = 30 };
	pthread_t threads[WORKERS_MAX];
	int count = neighbours();
	long before;

	CHECK(signal(SIGSEGV, on_fault) != SIG_ERR);
	target = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(target != MAP_FAILED);
	atomic_store(&writable, true);
	for (int i = 0; i < count; i++)
		CHECK(pthread_create(&threads[i], NULL, body_write, NULL) == 0);
	for (int i = 0; i < ROUNDS; i++) {
		atomic_store(&writable, false);
		CHECK(mprotect((void *)target, PAGE, PROT_READ) == 0);
		before = *target;
		for (volatile int n = 0; n < 20000; n++)
			;
		CHECK(*target == before);
		CHECK(mprotect((void *)target, PAGE, RW) == 0);
		atomic_store(&writable, true);
		sleep_ms(1);
	}
	atomic_store(&done, true);
	for (int i = 0; i < count; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	CHECK(*target > 0);
	say("no thread wrote to a page that was closed");
}

/* fork makes the pages of running threads copy-on-write: the child's copy stands still
 * though the threads of the parent write on. */
CASE(smp_fork_under_writers)
{
	enum { ROUNDS = 10 };
	pthread_t threads[WORKERS_MAX];
	int count = neighbours();
	long before;

	target = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(target != MAP_FAILED);
	for (int i = 0; i < count; i++)
		CHECK(pthread_create(&threads[i], NULL, body_write, NULL) == 0);
	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid = child();

		if (pid == 0) {
			before = *target;
			for (volatile int n = 0; n < 100000; n++)
				;
			_exit(*target == before ? 0 : 1);
		}
		CHECK(child_status(pid) == 0);
	}
	atomic_store(&done, true);
	for (int i = 0; i < count; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	say("the children's copies stood still");
}

static int unmaps; /* of each thread */

static void *body_unmap(void *argument)
{
	for (int n = 0; n < unmaps; n++) {
		char *memory = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		CHECK(memory != MAP_FAILED && memory[PAGE] == 0);
		for (int i = 0; i < 4; i++) {
			memory[i * PAGE] = (char)(long)argument;
			CHECK(memory[i * PAGE] == (char)(long)argument);
		}
		CHECK(munmap(memory, 4 * PAGE) == 0);
	}
	return NULL;
}

CASE(smp_unmap_contention)
{
	pthread_t threads[WORKERS_MAX];
	int count = workers();

	unmaps = 200 / count;
	for (long i = 0; i < count; i++)
		CHECK(pthread_create(&threads[i], NULL, body_unmap, (void *)(i + 1)) == 0);
	for (int i = 0; i < count; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	say("every thread kept its own pages");
}

CASE(smp_fork_storm)
{
	enum { TIMES = 15 };
	int count = workers();
	pid_t pids[WORKERS_MAX];

	for (int i = 0; i < count; i++) {
		pids[i] = child();
		if (pids[i] == 0) {
			for (int n = 0; n < TIMES; n++) {
				pid_t pid = child();

				if (pid == 0)
					_exit(n);
				CHECK(child_status(pid) == n << 8);
			}
			_exit(0);
		}
	}
	for (int i = 0; i < count; i++)
		CHECK(child_status(pids[i]) == 0);
	say("every worker forked and waited");
}

CASE(smp_kill_spinning_threads)
{
	for (int round = 0; round < 4; round++) {
		pid_t pid = child();

		if (pid == 0) {
			pthread_t thread;
			int count = workers();

			target = shared_map(PAGE);
			for (int i = 0; i < count; i++)
				CHECK(pthread_create(&thread, NULL, body_write, NULL) == 0);
			body_write(NULL);
		}
		sleep_ms(10);
		CHECK(kill(pid, SIGKILL) == 0);
		CHECK(child_status(pid) == SIGKILL);
	}
	say("four processes full of spinning threads killed");
}
