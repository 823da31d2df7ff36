/* Timers that are files. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

CASE(timerfd_once)
{
	struct itimerspec set = { .it_value = { 0, 30000000 } }, now;
	struct pollfd p = { .fd = 3, .events = POLLIN };
	uint64_t count;
	long begin;

	GIVES(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), 3);
	GIVES(fcntl(3, F_GETFD), FD_CLOEXEC);
	FAILS(read(3, &count, 8), EAGAIN);
	GIVES(poll(&p, 1, 0), 0);
	begin = now_ms();
	GIVES(timerfd_settime(3, 0, &set, NULL), 0);
	GIVES(timerfd_gettime(3, &now), 0);
	CHECK(now.it_value.tv_sec == 0 && now.it_value.tv_nsec > 0);
	GIVES(poll(&p, 1, 5000), 1);
	CHECK(now_ms() - begin >= 29);
	GIVES(p.revents, POLLIN);
	GIVES(read(3, &count, 8), 8);
	GIVES(count, 1);
	FAILS(read(3, &count, 8), EAGAIN);
	GIVES(timerfd_gettime(3, &now), 0);
	CHECK(now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0);
}

CASE(timerfd_interval)
{
	struct itimerspec set = { { 0, 20000000 }, { 0, 20000000 } }, old;
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	uint64_t count, total = 0;
	int t = timerfd_create(CLOCK_REALTIME, 0), e = epoll_create1(0);

	GIVES(timerfd_settime(t, 0, &set, NULL), 0);
	while (total < 4) {
		CHECK(read(t, &count, 8) == 8);
		total += count;
	}
	CHECK(epoll_ctl(e, EPOLL_CTL_ADD, t, &event) == 0);
	sleep_ms(70);
	GIVES(epoll_wait(e, &event, 1, 5000), 1);
	GIVES(read(t, &count, 8), 8);
	CHECK(count >= 3);
	GIVES(epoll_wait(e, &event, 1, 5000), 1);
	set.it_value.tv_nsec = 0;
	GIVES(timerfd_settime(t, 0, &set, &old), 0);
	GIVES(old.it_interval.tv_nsec, 20000000);
	CHECK(old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 20000000);
	sleep_ms(40);
	GIVES(epoll_wait(e, &event, 1, 0), 0);
}

CASE(timerfd_absolute)
{
	struct itimerspec set = { 0 };
	uint64_t count;
	int t = timerfd_create(CLOCK_REALTIME, 0);

	CHECK(clock_gettime(CLOCK_REALTIME, &set.it_value) == 0);
	GIVES(timerfd_settime(t, TFD_TIMER_ABSTIME, &set, NULL), 0);
	GIVES(read(t, &count, 8), 8);
	GIVES(count, 1);
}

CASE(timerfd_errors)
{
	struct itimerspec set = { .it_value = { 0, 1000000000 } };
	uint64_t count;
	int t = timerfd_create(CLOCK_MONOTONIC, 0);

	FAILS(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL);
	FAILS(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL);
	FAILS(timerfd_settime(t, 0, &set, NULL), EINVAL);
	set.it_value.tv_nsec = 1;
	FAILS(timerfd_settime(t, 8, &set, NULL), EINVAL);
	FAILS(timerfd_settime(0, 0, &set, NULL), EINVAL);
	FAILS(timerfd_settime(99, 0, &set, NULL), EBADF);
	FAILS(timerfd_settime(t, 0, (void *)8, NULL), EFAULT);
	FAILS(timerfd_gettime(t, (void *)8), EFAULT);
	FAILS(read(t, &count, 4), EINVAL);
	FAILS(write(t, &count, 8), EINVAL);
}
