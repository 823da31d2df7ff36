/* Pseudo-terminals, and sockets that pass each other, given back or left to exit. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

static int slave_open(int master)
{
	char name[64];

	CHECK(grantpt(master) == 0 && unlockpt(master) == 0);
	CHECK(ptsname_r(master, name, sizeof(name)) == 0);
	return open(name, O_RDWR | O_NOCTTY);
}

CASE(pty_100)
{
	enum { COUNT = 100 };
	int masters[COUNT], slaves[COUNT];

	for (int k = 0; k < COUNT; k++) {
		masters[k] = posix_openpt(O_RDWR | O_NOCTTY);
		CHECK(masters[k] >= 0 && (slaves[k] = slave_open(masters[k])) >= 0);
		CHECK(write(masters[k], "unread\n", 7) == 7 && write(slaves[k], "too", 3) == 3);
	}
	for (int k = 0; k < COUNT; k += 2) {
		close(masters[k]);
		close(slaves[k + 1]);
	}
}

CASE(pty_sessions)
{
	for (int k = 0; k < 20; k++) {
		int master = posix_openpt(O_RDWR | O_NOCTTY), slave = slave_open(master);
		pid_t pid = child();
		char c;

		if (pid == 0) {
			close(master);
			CHECK(setsid() > 0 && ioctl(slave, TIOCSCTTY, 0) == 0);
			if (k % 2 && fork() == 0)
				for (;;)
					pause();
			CHECK(write(slave, "r", 1) == 1);
			if (k % 4 < 2)
				_exit(0);
			for (;;)
				pause();
		}
		close(slave);
		CHECK(read(master, &c, 1) == 1);
		close(master); /* hangs up: SIGHUP ends them */
		child_status(pid);
	}
}

static void pass(int over, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 'f';
	struct iovec part = { &byte, 1 };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	CHECK(sendmsg(over, &m, 0) == 1);
}

CASE(socket_rings)
{
	for (int k = 0; k < 50; k++) {
		int a[2], b[2];

		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, a) == 0);
		CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, b) == 0);
		pass(a[0], b[0]);
		pass(a[0], a[1]);
		pass(b[1], a[0]);
		pass(b[1], a[1]);
		for (int n = 0; n < 2 && k % 2; n++) {
			close(a[n]);
			close(b[n]);
		}
	}
}
