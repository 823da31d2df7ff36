/* Threads as musl makes them: clone, futex, CLONE_CHILD_CLEARTID, TLS. */
#include "tests/abi/case.h"

#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pid_t tid(void)
{
	return syscall(SYS_gettid);
}

static pthread_t thread_start(void *(*body)(void *), void *argument)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, body, argument) == 0);
	return thread;
}

static void *body_double(void *argument)
{
	return (void *)((long)argument * 2);
}

CASE(thread_returns_value)
{
	void *result = NULL;

	GIVES(pthread_join(thread_start(body_double, (void *)21), &result), 0);
	GIVES((long)result, 42);
}

static void *body_identity(void *argument)
{
	*(pid_t *)argument = tid();
	return (void *)(long)getpid();
}

CASE(thread_identity)
{
	pid_t other = 0;
	void *process;

	CHECK(tid() == getpid());
	CHECK(pthread_join(thread_start(body_identity, &other), &process) == 0);
	CHECK(other != getpid() && other > 0 && (long)process == getpid());
	say("a thread has the process's pid and a tid of its own");
}

static __thread int local = 5;

static void *body_local(void *argument)
{
	local += (long)argument;
	for (int i = 0; i < 1000; i++) {
		local++;
		if (i % 100 == 0)
			sleep_ms(1);
	}
	return (void *)(long)local;
}

CASE(thread_local_storage)
{
	pthread_t threads[4];
	void *result;

	for (long i = 0; i < 4; i++)
		threads[i] = thread_start(body_local, (void *)(i * 10000));
	for (int i = 0; i < 4; i++) {
		CHECK(pthread_join(threads[i], &result) == 0);
		GIVES((long)result, i * 10000 + 1005);
	}
	GIVES(local, 5);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long guarded, turn;

static void *body_mutex(void *argument)
{
	for (long i = 0; i < (long)argument; i++) {
		pthread_mutex_lock(&mutex);
		guarded++;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

CASE(thread_mutex)
{
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		threads[i] = thread_start(body_mutex, (void *)5000);
	for (int i = 0; i < 8; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	GIVES(guarded, 40000);
}

static void *body_turns(void *argument)
{
	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&mutex);
		while (turn % 4 != (long)argument)
			pthread_cond_wait(&changed, &mutex);
		turn++;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

CASE(thread_condition)
{
	pthread_t threads[4];

	for (long i = 0; i < 4; i++)
		threads[i] = thread_start(body_turns, (void *)i);
	for (int i = 0; i < 4; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	GIVES(turn, 800);
}

static void *body_nothing(void *argument)
{
	return argument;
}

CASE(thread_many)
{
	long done = 0;

	for (int round = 0; round < 10; round++) {
		pthread_t threads[20];

		for (int i = 0; i < 20; i++)
			threads[i] = thread_start(body_nothing, NULL);
		for (int i = 0; i < 20; i++)
			done += pthread_join(threads[i], NULL) == 0;
	}
	GIVES(done, 200);
}

static void *body_exit(void *argument)
{
	sleep_ms(10);
	_exit((int)(long)argument);
}

CASE(thread_ends_process)
{
	pid_t pid = child();

	if (pid == 0) {
		thread_start(body_nothing, NULL);
		thread_start(body_exit, (void *)13);
		for (;;)
			pause();
	}
	EXITS(pid, 13);
}

static void *body_fault(void *argument)
{
	sleep_ms(10);
	*(volatile char *)argument = 1;
	return NULL;
}

CASE(thread_fault_ends_process)
{
	pid_t pid = child();

	if (pid == 0) {
		thread_start(body_fault, NULL);
		for (;;)
			;
	}
	DIES(pid, SIGSEGV);
}

static void *body_leave_first(void *argument)
{
	sleep_ms(30);
	_exit((int)(long)argument);
}

CASE(thread_outlives_main)
{
	pid_t pid = child();

	if (pid == 0) {
		thread_start(body_leave_first, (void *)6);
		pthread_exit(NULL);
	}
	EXITS(pid, 6);
}

static void *body_fork(void *argument)
{
	pid_t pid = child();

	(void)argument;
	if (pid == 0)
		_exit(tid() == getpid() ? 21 : 1);
	return (void *)(long)pid;
}

CASE(thread_forks)
{
	void *pid;

	CHECK(pthread_join(thread_start(body_fork, NULL), &pid) == 0);
	EXITS((long)pid, 21);
}

static _Atomic(pid_t) handled_by;
static sem_t handled;

static void on_signal(int number)
{
	(void)number;
	atomic_store(&handled_by, tid());
	sem_post(&handled);
}

static void *body_pause(void *argument)
{
	sem_post(argument);
	for (;;)
		pause();
	return NULL;
}

CASE(thread_directed_signal)
{
	sem_t ready;
	pthread_t thread;
	sigset_t one;

	CHECK(signal(SIGUSR1, on_signal) != SIG_ERR);
	CHECK(sem_init(&handled, 0, 0) == 0 && sem_init(&ready, 0, 0) == 0);
	thread = thread_start(body_pause, &ready);
	CHECK(sem_wait(&ready) == 0);
	GIVES(pthread_kill(thread, SIGUSR1), 0);
	CHECK(sem_wait(&handled) == 0);
	GIVES(atomic_load(&handled_by) != getpid(), 1);
	sigemptyset(&one);
	sigaddset(&one, SIGUSR1);
	CHECK(pthread_sigmask(SIG_BLOCK, &one, NULL) == 0);
	GIVES(kill(getpid(), SIGUSR1), 0); /* the thread that does not block it takes it */
	CHECK(sem_wait(&handled) == 0);
	GIVES(atomic_load(&handled_by) != getpid(), 1);
}

static void *body_unmap_loop(void *argument)
{
	for (int i = 0; i < 200; i++) {
		char *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		CHECK(memory != MAP_FAILED);
		for (int page = 0; page < 16; page++) {
			CHECK(memory[page * 4096] == 0);
			memory[page * 4096] = (char)(long)argument;
		}
		CHECK(munmap(memory, 65536) == 0);
	}
	return NULL;
}

CASE(thread_memory_maps)
{
	pthread_t threads[4];

	for (long i = 0; i < 4; i++)
		threads[i] = thread_start(body_unmap_loop, (void *)(i + 1));
	for (int i = 0; i < 4; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	say("four threads mapped and unmapped at once");
}
