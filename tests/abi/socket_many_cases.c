/* Sockets: several messages a call, full receivers, options, descriptors that pass
 * each other. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

static struct sockaddr_un name_of(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	return a;
}

static int bound(int type, const char *path)
{
	struct sockaddr_un a = name_of(path);
	int fd = socket(AF_UNIX, type, 0);

	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	return fd;
}

static int connected(int type, const char *path)
{
	struct sockaddr_un a = name_of(path);
	int fd = socket(AF_UNIX, type, 0);

	CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	return fd;
}

CASE(socket_many_messages)
{
	struct mmsghdr m[4] = { 0 };
	struct iovec parts[4];
	char text[4][8] = { "one", "two", "three", "four" };
	struct timespec none = { 0, 0 }, bad = { 0, -1 };
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
	for (int k = 0; k < 4; k++) {
		parts[k] = (struct iovec){ text[k], strlen(text[k]) };
		m[k].msg_hdr.msg_iov = &parts[k];
		m[k].msg_hdr.msg_iovlen = 1;
	}
	GIVES(sendmmsg(ends[0], m, 4, 0), 4);
	GIVES(m[2].msg_len, 5);
	GIVES(sendmmsg(ends[0], m, 0, 0), 0);
	memset(text, 0, sizeof(text));
	for (int k = 0; k < 4; k++)
		parts[k].iov_len = 8;
	GIVES(recvmmsg(ends[1], m, 3, 0, NULL), 3);
	GIVES(m[2].msg_len, 5);
	say("%s %s %s", text[0], text[1], text[2]);
	GIVES(recvmmsg(ends[1], m, 4, MSG_WAITFORONE, NULL), 1);
	FAILS(recvmmsg(ends[1], m, 4, MSG_DONTWAIT, NULL), EAGAIN);
	GIVES(sendmmsg(ends[0], m, 2, 0), 2);
	GIVES(recvmmsg(ends[1], m, 4, 0, &none), 1);
	FAILS(recvmmsg(ends[1], m, 4, 0, &bad), EINVAL);
	FAILS(sendmmsg(0, m, 1, 0), ENOTSOCK);
	FAILS(sendmmsg(99, m, 1, 0), EBADF);
	FAILS(syscall(SYS_sendmmsg, ends[0], 8, 1, 0), EFAULT);
	m[1].msg_hdr.msg_iov = (void *)8;
	GIVES(syscall(SYS_sendmmsg, ends[0], m, 2, 0), 1);
}

CASE(socket_full_receiver)
{
	struct sockaddr_un a = name_of("r");
	int to = bound(SOCK_DGRAM, "r"), from = connected(SOCK_DGRAM, "r"), sent = 0;
	struct timeval limit = { 0, 20000 };
	struct pollfd p = { .fd = from, .events = POLLOUT };
	char c;

	while (send(from, "x", 1, MSG_DONTWAIT) == 1 && sent < 1000)
		sent++;
	CHECK(errno == EAGAIN && sent > 5);
	GIVES(poll(&p, 1, 0), 0);
	FAILS(sendto(from, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&a, sizeof(a)), EAGAIN);
	CHECK(setsockopt(from, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0);
	FAILS(send(from, "x", 1, 0), EAGAIN);
	GIVES(recv(to, &c, 1, 0), 1);
	GIVES(poll(&p, 1, 0), 1);
	GIVES(send(from, "x", 1, 0), 1);
	if (child() == 0) {
		usleep(20000);
		while (recv(to, &c, 1, MSG_DONTWAIT) == 1)
			;
		_exit(0);
	}
	limit.tv_sec = 10;
	CHECK(setsockopt(from, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0);
	GIVES(send(from, "x", 1, 0), 1);
	close(to);
}

static int number(int fd, int option)
{
	socklen_t length = sizeof(int);
	int value = -1;

	return getsockopt(fd, SOL_SOCKET, option, &value, &length) ? -errno : value;
}

CASE(socket_options_more)
{
	struct linger l = { 1, 7 };
	socklen_t length = sizeof(l);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), on = 1, five = 5;

	CHECK(fd >= 0);
	GIVES(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)), 0);
	l = (struct linger){ 0, 0 };
	GIVES(getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &length), 0);
	say("%d %d %d", l.l_onoff, l.l_linger, (int)length);
	FAILS(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, 4), EINVAL);
	GIVES(number(fd, SO_RCVLOWAT), 1);
	GIVES(setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &five, sizeof(five)), 0);
	GIVES(number(fd, SO_PRIORITY), 5);
	GIVES(setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on)), 0);
	GIVES(number(fd, SO_TIMESTAMP), 1);
	GIVES(number(fd, SO_DOMAIN), AF_UNIX);
	GIVES(number(fd, SO_PROTOCOL), 0);
	GIVES(number(fd, SO_ACCEPTCONN), 0);
	GIVES(number(fd, SO_ERROR), 0);
	FAILS(setsockopt(fd, SOL_SOCKET, SO_TYPE, &on, sizeof(on)), ENOPROTOOPT);
	FAILS(setsockopt(fd, SOL_SOCKET, SO_ERROR, &on, sizeof(on)), ENOPROTOOPT);
	FAILS(setsockopt(fd, SOL_SOCKET, 9999, &on, sizeof(on)), ENOPROTOOPT);
	FAILS(getsockopt(fd, SOL_SOCKET, 9999, &on, &length), ENOPROTOOPT);
	FAILS(setsockopt(fd, 6, 1, &on, sizeof(on)), EOPNOTSUPP);
	FAILS(getsockopt(fd, SOL_SOCKET, SO_TYPE, (void *)8, &length), EFAULT);
	FAILS(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, (void *)8, 4), EFAULT);
	FAILS(socket(AF_UNIX, 77, 0), EINVAL);
	FAILS(socket(AF_UNIX, SOCK_STREAM, 5), EPROTONOSUPPORT);
	FAILS(socket(999, SOCK_STREAM, 0), EAFNOSUPPORT);
}

CASE(socket_own_name)
{
	struct sockaddr_un a = { 0 };
	socklen_t length = sizeof(a);
	int fd, on = 1, to = bound(SOCK_DGRAM, "to");

	CHECK((fd = socket(AF_UNIX, SOCK_DGRAM, 0)) >= 0);
	CHECK(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0);
	a = name_of("to");
	GIVES(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	length = sizeof(a);
	GIVES(getsockname(fd, (struct sockaddr *)&a, &length), 0);
	GIVES(length, 8); /* the family, a NUL, five digits */
	GIVES(a.sun_path[0], 0);
	close(to);
}

/* n descriptors in one message. */
static int pass(int over, const int *fds, int n)
{
	char control[CMSG_SPACE(16 * sizeof(int))] = { 0 }, byte = 'f';
	struct iovec part = { &byte, 1 };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = CMSG_SPACE(n * sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	return (int)sendmsg(over, &m, 0);
}

/* Sockets that are in each other's queues, and a pipe in reach of nobody else: its
 * reader sees the end when they are gone. */
CASE(socket_ring_is_freed)
{
	int a[2], b[2], ends[2], c;
	struct pollfd p;
	char byte;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, a) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, b) == 0);
	CHECK(pipe(ends) == 0);
	GIVES(pass(a[0], (int[]){ b[0], b[1], ends[1] }, 3), 1);
	GIVES(pass(b[0], a, 2), 1);
	GIVES(pass(a[1], &a[1], 1), 1);
	close(ends[1]);
	close(a[0]);
	close(a[1]);
	close(b[0]);
	p = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	GIVES(poll(&p, 1, 50), 0); /* b[1] still reaches all of it */
	close(b[1]);
	close(c = socket(AF_UNIX, SOCK_STREAM, 0));
	GIVES(poll(&p, 1, 5000), 1);
	GIVES(read(ends[0], &byte, 1), 0);
}

/* The same through a listener whose connection nobody accepted. */
CASE(socket_ring_of_a_listener)
{
	int l = bound(SOCK_STREAM, "l"), c, ends[2];
	struct pollfd p;

	CHECK(pipe(ends) == 0 && listen(l, 5) == 0);
	c = connected(SOCK_STREAM, "l");
	GIVES(pass(c, (int[]){ l, ends[1], c }, 3), 1);
	close(l);
	close(c);
	close(ends[1]);
	close(socket(AF_UNIX, SOCK_STREAM, 0)); /* collects */
	p = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	GIVES(poll(&p, 1, 5000), 1);
	GIVES(p.revents, POLLHUP);
}

CASE(socket_in_reach_stays)
{
	char control[64], byte;
	struct iovec part = { &byte, 1 };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	int a[2], b[2], got;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, a) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, b) == 0);
	GIVES(pass(b[0], &b[1], 1), 1);
	GIVES(pass(a[0], &b[1], 1), 1);
	GIVES(send(b[0], "x", 1, 0), 1);
	close(b[1]);
	close(b[0]);
	close(socket(AF_UNIX, SOCK_STREAM, 0));
	GIVES(recvmsg(a[1], &m, 0), 1);
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(got));
	GIVES(recv(got, &byte, 1, 0), 1);
	GIVES(byte, 'f');
	GIVES(recv(got, &byte, 1, 0), 1);
	GIVES(byte, 'x');
	GIVES(recv(got, &byte, 1, 0), 0);
}

CASE(socket_queues_count)
{
	int ends[2], n;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	GIVES(send(ends[0], "abcde", 5, 0), 5);
	GIVES(ioctl(ends[1], FIONREAD, &n), 0);
	GIVES(n, 5);
	GIVES(ioctl(ends[0], TIOCOUTQ, &n), 0);
	CHECK(n >= 5);
	FAILS(ioctl(ends[0], TCGETS, &n), ENOTTY);
	FAILS(ioctl(ends[0], FIONREAD, 8), EFAULT);
	FAILS(pread(ends[0], &n, 1, 0), ESPIPE);
	FAILS(lseek(ends[0], 0, SEEK_CUR), ESPIPE);
}
