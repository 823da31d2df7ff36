/* Descriptors: duplicates, flags, poll, ioctl. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

CASE(dup_lowest)
{
	GIVES(dup(0), 3);
	GIVES(dup(3), 4);
	GIVES(close(3), 0);
	GIVES(dup(4), 3);
	FAILS(dup(99), EBADF);
}

CASE(dup2_targets)
{
	char text[8];
	int fd;

	file_put("a", "from a");
	file_put("b", "from b");
	CHECK((fd = open("a", O_RDONLY)) == 3 && open("b", O_RDONLY) == 4);
	GIVES(dup2(3, 4), 4);
	GIVES((read(4, text, 6), text[5]), 'a');
	GIVES(lseek(3, 0, SEEK_CUR), 6);
	GIVES(dup2(3, 3), 3);
	GIVES(dup2(3, 50), 50);
	FAILS(dup2(99, 5), EBADF);
	FAILS(dup2(99, 99), EBADF);
	FAILS(dup2(3, -1), EBADF);
	FAILS(dup2(3, 1 << 30), EBADF);
}

CASE(dup3_flags)
{
	GIVES(dup3(0, 7, O_CLOEXEC), 7);
	GIVES(fcntl(7, F_GETFD), FD_CLOEXEC);
	GIVES(dup3(0, 8, 0), 8);
	GIVES(fcntl(8, F_GETFD), 0);
	FAILS(syscall(SYS_dup3, 0, 0, 0), EINVAL);
	FAILS(syscall(SYS_dup3, 0, 9, O_APPEND), EINVAL);
	FAILS(syscall(SYS_dup3, 99, 9, 0), EBADF);
}

CASE(fcntl_duplicate)
{
	struct rlimit limit;

	GIVES(fcntl(0, F_DUPFD, 10), 10);
	GIVES(fcntl(0, F_DUPFD, 10), 11);
	GIVES(fcntl(0, F_DUPFD_CLOEXEC, 10), 12);
	GIVES(fcntl(12, F_GETFD), FD_CLOEXEC);
	GIVES(fcntl(11, F_GETFD), 0);
	FAILS(fcntl(99, F_DUPFD, 0), EBADF);
	FAILS(fcntl(0, F_DUPFD, -1), EINVAL);
	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	FAILS(fcntl(0, F_DUPFD, (int)limit.rlim_cur), EINVAL);
}

CASE(fcntl_descriptor_flags)
{
	CHECK(open("/dev/null", O_RDONLY | O_CLOEXEC) == 3);
	GIVES(fcntl(3, F_GETFD), FD_CLOEXEC);
	GIVES(dup(3), 4);
	GIVES(fcntl(4, F_GETFD), 0);
	GIVES(fcntl(4, F_SETFD, FD_CLOEXEC), 0);
	GIVES(fcntl(4, F_GETFD), FD_CLOEXEC);
	GIVES(fcntl(3, F_SETFD, 0), 0);
	GIVES(fcntl(3, F_GETFD), 0);
	FAILS(fcntl(99, F_GETFD), EBADF);
	FAILS(fcntl(3, 9999), EINVAL);
}

CASE(fcntl_status_flags)
{
	enum { SHOWN = O_ACCMODE | O_APPEND | O_NONBLOCK | O_CREAT | O_TRUNC };

	CHECK(open("file", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0644) == 3);
	GIVES(fcntl(3, F_GETFL) & SHOWN, O_RDWR | O_APPEND);
	GIVES(fcntl(3, F_SETFL, O_NONBLOCK), 0);
	GIVES(fcntl(3, F_GETFL) & SHOWN, O_RDWR | O_NONBLOCK);
	GIVES(fcntl(3, F_SETFL, O_WRONLY | O_CREAT), 0);
	GIVES(fcntl(3, F_GETFL) & SHOWN, O_RDWR);
	CHECK(dup(3) == 4);
	GIVES(fcntl(4, F_SETFL, O_APPEND), 0);
	GIVES(fcntl(3, F_GETFL) & SHOWN, O_RDWR | O_APPEND);
}

CASE(descriptors_not_shared_by_fork)
{
	pid_t pid;

	CHECK(open("/dev/null", O_RDONLY) == 3);
	pid = child();
	if (pid == 0)
		_exit(close(3) == 0 && open("/dev/zero", O_RDONLY) == 3 &&
				      open("/dev/zero", O_RDONLY) == 4
			      ? 6
			      : 1);
	EXITS(pid, 6);
	GIVES(fcntl(3, F_GETFD), 0);
	FAILS(fcntl(4, F_GETFD), EBADF);
}

CASE(ioctl_not_a_terminal)
{
	struct termios settings;
	struct winsize window;
	int ends[2];

	CHECK(open("file", O_RDWR | O_CREAT, 0644) == 3);
	CHECK(open("/dev/null", O_RDWR) == 4 && open(".", O_RDONLY) == 5);
	CHECK(pipe(ends) == 0);
	FAILS(ioctl(3, TCGETS, &settings), ENOTTY);
	FAILS(ioctl(4, TCGETS, &settings), ENOTTY);
	FAILS(ioctl(5, TCGETS, &settings), ENOTTY);
	FAILS(ioctl(ends[0], TCGETS, &settings), ENOTTY);
	FAILS(ioctl(ends[0], TIOCGWINSZ, &window), ENOTTY);
	FAILS(ioctl(3, TIOCGPGRP, &window), ENOTTY);
	FAILS(ioctl(3, 0x12345678, 0), ENOTTY);
	FAILS(ioctl(99, TCGETS, &settings), EBADF);
}

CASE(ioctl_bytes_waiting)
{
	int ends[2], waiting = -1;

	CHECK(pipe(ends) == 0);
	GIVES((ioctl(ends[0], FIONREAD, &waiting), waiting), 0);
	CHECK(write(ends[1], "12345", 5) == 5);
	GIVES((ioctl(ends[0], FIONREAD, &waiting), waiting), 5);
	waiting = 1;
	GIVES(ioctl(ends[0], FIONBIO, &waiting), 0);
	GIVES(fcntl(ends[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
}

CASE(poll_files)
{
	struct pollfd fds[4] = { { 3, POLLIN | POLLOUT, 0 },
				 { -1, POLLIN, 7 },
				 { 99, POLLIN, 0 },
				 { 4, POLLIN | POLLOUT, 0 } };

	CHECK(open("file", O_RDWR | O_CREAT, 0644) == 3);
	CHECK(open("/dev/null", O_RDWR) == 4);
	GIVES(poll(fds, 4, -1), 3);
	GIVES(fds[0].revents, POLLIN | POLLOUT);
	GIVES(fds[1].revents, 0);
	GIVES(fds[2].revents, POLLNVAL);
	GIVES(fds[3].revents, POLLIN | POLLOUT);
	FAILS(poll((struct pollfd *)8, 1, 0), EFAULT);
}

CASE(poll_pipe)
{
	struct pollfd in = { .events = POLLIN }, out = { .events = POLLOUT };
	int ends[2];

	CHECK(pipe(ends) == 0);
	in.fd = ends[0];
	out.fd = ends[1];
	GIVES(poll(&in, 1, 0), 0);
	GIVES(poll(&out, 1, 0), 1);
	GIVES(out.revents, POLLOUT);
	CHECK(write(ends[1], "x", 1) == 1);
	GIVES(poll(&in, 1, -1), 1);
	GIVES(in.revents, POLLIN);
	CHECK(close(ends[1]) == 0);
	GIVES(poll(&in, 1, -1), 1);
	GIVES(in.revents, POLLIN | POLLHUP);
	CHECK(read(ends[0], &out, 1) == 1);
	GIVES(poll(&in, 1, -1), 1);
	GIVES(in.revents, POLLHUP);
}

CASE(poll_pipe_writer)
{
	struct pollfd out = { .events = POLLOUT };
	static char block[65536];
	int ends[2];

	CHECK(pipe(ends) == 0);
	out.fd = ends[1];
	CHECK(write(ends[1], block, sizeof(block)) == sizeof(block));
	GIVES(poll(&out, 1, 0), 0);
	CHECK(read(ends[0], block, sizeof(block)) == sizeof(block));
	GIVES(poll(&out, 1, 0), 1);
	CHECK(close(ends[0]) == 0);
	GIVES(poll(&out, 1, -1), 1);
	GIVES(out.revents, POLLOUT | POLLERR);
}

CASE(poll_timeout)
{
	long begin = now_ms();

	GIVES(poll(NULL, 0, 50), 0);
	CHECK(now_ms() - begin >= 50);
	GIVES(poll(NULL, 0, 0), 0);
}

CASE(poll_woken)
{
	struct pollfd in = { .events = POLLIN };
	int ends[2];
	pid_t pid;

	CHECK(pipe(ends) == 0);
	in.fd = ends[0];
	pid = child();
	if (pid == 0) {
		sleep_ms(30);
		_exit(write(ends[1], "x", 1) == 1 ? 0 : 1);
	}
	GIVES(poll(&in, 1, 20000), 1);
	GIVES(in.revents, POLLIN);
	EXITS(pid, 0);
}

static void on_signal(int number)
{
	(void)number;
}

CASE(poll_interrupted)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	alarm(1);
	FAILS(poll(NULL, 0, -1), EINTR);
}
