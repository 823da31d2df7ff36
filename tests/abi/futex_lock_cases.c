/* Futexes as locks with priority inheritance, and waiting on several. */
#include "tests/abi/case.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

static _Atomic unsigned word, other;

static long futex(_Atomic unsigned *at, int op, unsigned value, const void *timeout, void *at2,
		  unsigned value3)
{
	return syscall(SYS_futex, at, op, value, timeout, at2, value3);
}

static unsigned tid(void)
{
	return (unsigned)syscall(SYS_gettid);
}

static void soon(struct timespec *t, int clock, long ms)
{
	clock_gettime(clock, t);
	t->tv_nsec += ms * 1000000;
	t->tv_sec += t->tv_nsec / 1000000000;
	t->tv_nsec %= 1000000000;
}

CASE(futex_lock_free)
{
	GIVES(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), 0);
	CHECK(word == tid());
	FAILS(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EDEADLK);
	FAILS(futex(&word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), EDEADLK);
	GIVES(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), 0);
	GIVES(word, 0);
	FAILS(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), EPERM);
	GIVES(futex(&word, FUTEX_LOCK_PI2 | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0), 0);
	GIVES(futex(&word, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0), 0);
	word = 4000000; /* nobody's number */
	FAILS(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), ESRCH);
	FAILS(futex((void *)2, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EINVAL);
	FAILS(futex((void *)8, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EFAULT);
}

static _Atomic int step;

static void *body_wait(void *argument)
{
	(void)argument;
	atomic_store(&step, 1);
	CHECK(futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0) == 0);
	CHECK((word & FUTEX_TID_MASK) == tid());
	atomic_store(&step, 2);
	CHECK(futex(&word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0) == 0);
	return NULL;
}

CASE(futex_lock_handed_over)
{
	pthread_t threads[3];

	GIVES(futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
	for (int i = 0; i < 3; i++)
		CHECK(pthread_create(&threads[i], NULL, body_wait, NULL) == 0);
	while (!(word & FUTEX_WAITERS))
		sleep_ms(1);
	sleep_ms(20);
	GIVES(atomic_load(&step), 1);
	CHECK((word & FUTEX_TID_MASK) == tid());
	GIVES(futex(&word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
	for (int i = 0; i < 3; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	GIVES(word & FUTEX_TID_MASK, 0);
}

static void *body_refused(void *argument)
{
	struct timespec until;

	(void)argument;
	FAILS(futex(&word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), EAGAIN);
	FAILS(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), EPERM);
	soon(&until, CLOCK_REALTIME, 20);
	FAILS(futex(&word, FUTEX_LOCK_PI, 0, &until, NULL, 0), ETIMEDOUT);
	soon(&until, CLOCK_MONOTONIC, 20);
	FAILS(futex(&word, FUTEX_LOCK_PI2, 0, &until, NULL, 0), ETIMEDOUT);
	return NULL;
}

CASE(futex_lock_times_out)
{
	pthread_t thread;

	GIVES(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), 0);
	CHECK(pthread_create(&thread, NULL, body_refused, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	GIVES(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), 0);
	GIVES(word & FUTEX_TID_MASK, 0);
}

CASE(futex_lock_between_processes)
{
	_Atomic unsigned *shared =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	CHECK(shared != MAP_FAILED);
	GIVES(futex(shared, FUTEX_LOCK_PI, 0, NULL, NULL, 0), 0);
	pid = child();
	if (pid == 0) {
		if (futex(shared, FUTEX_LOCK_PI, 0, NULL, NULL, 0) ||
		    (*shared & FUTEX_TID_MASK) != tid())
			_exit(1);
		_exit(futex(shared, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) ? 2 : 8);
	}
	while (!(*shared & FUTEX_WAITERS))
		sleep_ms(1);
	GIVES(futex(shared, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), 0);
	EXITS(pid, 8);
}

struct entry {
	struct robust_list link;
	_Atomic unsigned word;
};

static void *body_dies_with_lock(void *argument)
{
	static struct robust_list_head head;
	struct entry *e = argument;

	head.futex_offset = offsetof(struct entry, word);
	head.list.next = (struct robust_list *)((uintptr_t)&e->link | 1);
	e->link.next = &head.list;
	CHECK(syscall(SYS_set_robust_list, &head, sizeof(head)) == 0);
	CHECK(futex(&e->word, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0);
	atomic_store(&step, 5);
	while (!(e->word & FUTEX_WAITERS))
		sleep_ms(1);
	syscall(SYS_exit, 0);
	return NULL;
}

CASE(futex_lock_robust)
{
	static struct entry e;
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, body_dies_with_lock, &e) == 0);
	while (atomic_load(&step) != 5)
		sleep_ms(1);
	GIVES(futex(&e.word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), 0);
	CHECK((e.word & FUTEX_TID_MASK) == tid());
	GIVES(!!(e.word & FUTEX_OWNER_DIED), 1);
}

static void *body_requeue(void *argument)
{
	(void)argument;
	atomic_store(&step, tid());
	CHECK(futex(&other, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, NULL, &word, 0) == 0);
	CHECK((word & FUTEX_TID_MASK) == tid());
	CHECK(futex(&word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0) == 0);
	return NULL;
}

CASE(futex_lock_requeued)
{
	pthread_t thread;
	struct timespec until;

	FAILS(futex(&other, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 1, NULL, &word, 0), EAGAIN);
	soon(&until, CLOCK_MONOTONIC, 10);
	FAILS(futex(&other, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, &until, &word, 0), ETIMEDOUT);
	CHECK(pthread_create(&thread, NULL, body_requeue, NULL) == 0);
	while (!atomic_load(&step))
		sleep_ms(1);
	until_asleep(atomic_load(&step));
	FAILS(futex(&other, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)0, &word, 1), EAGAIN);
	FAILS(futex(&other, FUTEX_CMP_REQUEUE_PI_PRIVATE, 2, (void *)0, &word, 0), EINVAL);
	GIVES(futex(&other, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)0, &word, 0), 1);
	CHECK(pthread_join(thread, NULL) == 0);
	GIVES(word & FUTEX_TID_MASK, 0);
}

static void waitv_set(struct futex_waitv *v, _Atomic unsigned *at, unsigned value)
{
	*v = (struct futex_waitv){ .val = value,
				   .uaddr = (uintptr_t)at,
				   .flags = FUTEX_32 | FUTEX_PRIVATE_FLAG };
}

static long waitv(struct futex_waitv *v, unsigned count, const struct timespec *until)
{
	return syscall(SYS_futex_waitv, v, count, 0, until, CLOCK_MONOTONIC);
}

static void *body_wake_second(void *argument)
{
	(void)argument;
	until_asleep(getpid());
	CHECK(futex(&other, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) == 1);
	return NULL;
}

CASE(futex_several)
{
	struct futex_waitv v[2];
	struct timespec until;
	pthread_t thread;

	waitv_set(&v[0], &word, 0);
	waitv_set(&v[1], &other, 0);
	soon(&until, CLOCK_MONOTONIC, 10);
	FAILS(waitv(v, 2, &until), ETIMEDOUT);
	CHECK(pthread_create(&thread, NULL, body_wake_second, NULL) == 0);
	GIVES(waitv(v, 2, NULL), 1);
	CHECK(pthread_join(thread, NULL) == 0);
	v[1].val = 7;
	FAILS(waitv(v, 2, NULL), EAGAIN);
	FAILS(waitv(v, 0, NULL), EINVAL);
	FAILS(waitv(v, 129, NULL), EINVAL);
	v[0].flags = 0;
	FAILS(waitv(v, 2, NULL), EINVAL);
	FAILS(syscall(SYS_futex_waitv, (void *)8, 1, 0, NULL, 0), EFAULT);
}
