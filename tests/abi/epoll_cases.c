/* epoll. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static int watch(int epoll, int operation, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.u64 = 0x100000000ull + fd };

	return epoll_ctl(epoll, operation, fd, &event);
}

CASE(epoll_level)
{
	struct epoll_event events[4];
	int ends[2], e;
	char text[8];

	GIVES((e = epoll_create1(EPOLL_CLOEXEC)), 3);
	CHECK(fcntl(e, F_GETFD) == FD_CLOEXEC);
	CHECK(pipe(ends) == 0);
	GIVES(watch(e, EPOLL_CTL_ADD, ends[0], EPOLLIN), 0);
	GIVES(epoll_wait(e, events, 4, 0), 0);
	GIVES(epoll_wait(e, events, 4, 10), 0);
	CHECK(write(ends[1], "abc", 3) == 3);
	GIVES(epoll_wait(e, events, 4, 0), 1);
	GIVES(events[0].events, EPOLLIN);
	GIVES(events[0].data.u64 - 0x100000000ull, ends[0]);
	GIVES(epoll_wait(e, events, 4, -1), 1);
	CHECK(read(ends[0], text, 8) == 3);
	GIVES(epoll_wait(e, events, 4, 0), 0);
	GIVES(watch(e, EPOLL_CTL_ADD, ends[1], EPOLLOUT), 0);
	GIVES(epoll_wait(e, events, 4, 0), 1);
	GIVES(events[0].events, EPOLLOUT);
	CHECK(close(ends[1]) == 0);
	GIVES(epoll_wait(e, events, 4, 0), 1);
	GIVES(events[0].events, EPOLLHUP);
}

CASE(epoll_edge)
{
	struct epoll_event events[4];
	int ends[2], e = epoll_create1(0);
	char text[8];

	CHECK(pipe(ends) == 0);
	CHECK(write(ends[1], "abc", 3) == 3);
	GIVES(watch(e, EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLET), 0);
	GIVES(epoll_wait(e, events, 4, 0), 1);
	GIVES(epoll_wait(e, events, 4, 0), 0);
	CHECK(write(ends[1], "d", 1) == 1);
	GIVES(epoll_wait(e, events, 4, 0), 1);
	GIVES(epoll_wait(e, events, 4, 0), 0);
	CHECK(read(ends[0], text, 1) == 1);
	GIVES(epoll_wait(e, events, 4, 0), 0);
	GIVES(watch(e, EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET), 0);
	GIVES(epoll_wait(e, events, 4, 0), 1);
	GIVES(epoll_wait(e, events, 4, 0), 0);
}

CASE(epoll_oneshot)
{
	struct epoll_event events[4];
	int ends[2], e = epoll_create(1);

	CHECK(pipe(ends) == 0 && write(ends[1], "abc", 3) == 3);
	GIVES(watch(e, EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLONESHOT), 0);
	GIVES(epoll_wait(e, events, 4, 0), 1);
	GIVES(epoll_wait(e, events, 4, 0), 0);
	CHECK(write(ends[1], "abc", 3) == 3);
	GIVES(epoll_wait(e, events, 4, 0), 0);
	GIVES(watch(e, EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT), 0);
	GIVES(epoll_wait(e, events, 4, 0), 1);
	GIVES(epoll_wait(e, events, 4, 0), 0);
}

CASE(epoll_errors)
{
	struct epoll_event events[1];
	int ends[2], e = epoll_create1(0), file;

	CHECK(pipe(ends) == 0);
	file_put("file", "x");
	CHECK((file = open("file", O_RDONLY)) >= 0);
	FAILS(syscall(SYS_epoll_create, 0), EINVAL);
	FAILS(epoll_create1(1), EINVAL);
	FAILS(watch(e, EPOLL_CTL_MOD, ends[0], EPOLLIN), ENOENT);
	FAILS(watch(e, EPOLL_CTL_DEL, ends[0], 0), ENOENT);
	GIVES(watch(e, EPOLL_CTL_ADD, ends[0], EPOLLIN), 0);
	FAILS(watch(e, EPOLL_CTL_ADD, ends[0], EPOLLIN), EEXIST);
	FAILS(watch(e, 9, ends[0], EPOLLIN), EINVAL);
	FAILS(watch(e, EPOLL_CTL_ADD, file, EPOLLIN), EPERM);
	FAILS(watch(e, EPOLL_CTL_ADD, 99, EPOLLIN), EBADF);
	FAILS(watch(99, EPOLL_CTL_ADD, ends[0], EPOLLIN), EBADF);
	FAILS(watch(e, EPOLL_CTL_ADD, e, EPOLLIN), EINVAL);
	FAILS(watch(ends[0], EPOLL_CTL_ADD, ends[1], EPOLLIN), EINVAL);
	FAILS(epoll_ctl(e, EPOLL_CTL_ADD, ends[1], (void *)8), EFAULT);
	FAILS(epoll_wait(e, events, 0, 0), EINVAL);
	FAILS(epoll_wait(e, events, -1, 0), EINVAL);
	FAILS(epoll_wait(ends[0], events, 1, 0), EINVAL);
	FAILS(epoll_wait(99, events, 1, 0), EBADF);
	FAILS(read(e, events, 1), EINVAL);
	CHECK(write(ends[1], "a", 1) == 1);
	FAILS(epoll_wait(e, (void *)8, 1, 0), EFAULT);
	FAILS(watch(e, EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLEXCLUSIVE), EINVAL);
	GIVES(watch(e, EPOLL_CTL_DEL, ends[0], 0), 0);
	GIVES(watch(e, EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLEXCLUSIVE), 0);
	GIVES(epoll_wait(e, events, 1, 0), 1);
	FAILS(watch(e, EPOLL_CTL_MOD, ends[0], EPOLLIN), EINVAL);
}

CASE(epoll_close_removes)
{
	struct epoll_event events[4];
	int ends[2], e = epoll_create1(0), copy;

	CHECK(pipe(ends) == 0 && write(ends[1], "a", 1) == 1);
	CHECK(watch(e, EPOLL_CTL_ADD, ends[0], EPOLLIN) == 0);
	CHECK((copy = dup(ends[0])) >= 0 && close(ends[0]) == 0);
	GIVES(epoll_wait(e, events, 4, 0), 1);
	CHECK(close(copy) == 0);
	GIVES(epoll_wait(e, events, 4, 0), 0);
	CHECK(close(e) == 0);
}

CASE(epoll_many)
{
	struct epoll_event events[8];
	int e = epoll_create1(0), fds[40], seen = 0;
	uint64_t one = 1;

	for (int i = 0; i < 40; i++) {
		CHECK((fds[i] = eventfd(0, 0)) >= 0);
		CHECK(watch(e, EPOLL_CTL_ADD, fds[i], EPOLLIN) == 0);
	}
	for (int i = 0; i < 40; i += 2)
		CHECK(write(fds[i], &one, 8) == 8);
	GIVES(epoll_wait(e, events, 8, 0), 8);
	for (int round = 0; round < 5; round++) {
		int n = epoll_wait(e, events, 8, 0);

		for (int i = 0; i < n; i++) {
			CHECK(read((int)events[i].data.u64, &one, 8) == 8);
			seen++;
		}
	}
	GIVES(seen, 20);
	GIVES(epoll_wait(e, events, 8, 0), 0);
}

CASE(epoll_nested)
{
	struct epoll_event events[4];
	int inner = epoll_create1(0), outer = epoll_create1(0), ends[2], row[8], depth;

	CHECK(pipe(ends) == 0);
	CHECK(watch(inner, EPOLL_CTL_ADD, ends[0], EPOLLIN) == 0);
	GIVES(watch(outer, EPOLL_CTL_ADD, inner, EPOLLIN), 0);
	FAILS(watch(inner, EPOLL_CTL_ADD, outer, EPOLLIN), ELOOP);
	GIVES(epoll_wait(outer, events, 4, 0), 0);
	CHECK(write(ends[1], "a", 1) == 1);
	GIVES(epoll_wait(outer, events, 4, 1000), 1);
	GIVES(events[0].data.u64 - 0x100000000ull, inner);
	GIVES(epoll_wait(inner, events, 4, 0), 1);
	row[0] = epoll_create1(0);
	for (depth = 1; depth < 8; depth++) {
		row[depth] = epoll_create1(0);
		if (watch(row[depth], EPOLL_CTL_ADD, row[depth - 1], EPOLLIN) != 0)
			break;
	}
	CHECK(errno == ELOOP);
	GIVES(depth, 5);
}

static void *writes_later(void *fd)
{
	sleep_ms(30);
	CHECK(write(*(int *)fd, "a", 1) == 1);
	return NULL;
}

CASE(epoll_wakes)
{
	struct epoll_event events[4];
	int ends[2], e = epoll_create1(0);
	pthread_t thread;

	CHECK(pipe(ends) == 0 && watch(e, EPOLL_CTL_ADD, ends[0], EPOLLIN) == 0);
	CHECK(pthread_create(&thread, NULL, writes_later, &ends[1]) == 0);
	GIVES(epoll_wait(e, events, 4, -1), 1);
	GIVES(events[0].events, EPOLLIN);
	CHECK(pthread_join(thread, NULL) == 0);
}

static void on_signal(int number)
{
	(void)number;
}

CASE(epoll_signals)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct epoll_event events[4];
	sigset_t none, alarm_only;
	int e = epoll_create1(0);
	struct timespec time = { 0, 1000000 };

	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	sigemptyset(&none);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	CHECK(sigprocmask(SIG_BLOCK, &alarm_only, NULL) == 0);
	alarm(1);
	FAILS(epoll_pwait(e, events, 4, -1, &none), EINTR);
	GIVES(epoll_pwait(e, events, 4, 1, &alarm_only), 0);
	FAILS(syscall(SYS_epoll_pwait, e, events, 4, 0, &none, 4), EINVAL);
	GIVES(syscall(SYS_epoll_pwait2, e, events, 4, &time, NULL, 0), 0);
}
