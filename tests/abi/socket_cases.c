/* AF_UNIX sockets. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define EMPTY ((socklen_t)sizeof(sa_family_t))

static socklen_t name_set(struct sockaddr_un *a, const char *path)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	memcpy(a->sun_path, path, strlen(path) + 1);
	return (socklen_t)(EMPTY + strlen(path) + 1);
}

static int bound(int type, const char *path)
{
	struct sockaddr_un a;
	socklen_t n = name_set(&a, path);
	int fd = socket(AF_UNIX, type, 0);

	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&a, n) == 0);
	return fd;
}

static int connect_to(int fd, const char *path)
{
	struct sockaddr_un a;
	socklen_t n = name_set(&a, path);

	return connect(fd, (struct sockaddr *)&a, n);
}

static int option(int fd, int which)
{
	int value = -1;
	socklen_t n = sizeof(value);

	CHECK(getsockopt(fd, SOL_SOCKET, which, &value, &n) == 0 && n == sizeof(value));
	return value;
}

static int option_set(int fd, int which, int value)
{
	return setsockopt(fd, SOL_SOCKET, which, &value, sizeof(value));
}

CASE(socket_kinds)
{
	GIVES(socket(AF_UNIX, SOCK_STREAM, 0), 3);
	GIVES(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), 4);
	GIVES(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0), 5);
	GIVES(socket(AF_UNIX, SOCK_STREAM, AF_UNIX), 6);
	GIVES(fcntl(4, F_GETFD), FD_CLOEXEC);
	GIVES(fcntl(5, F_GETFL), O_RDWR | O_NONBLOCK);
	FAILS(socket(AF_UNIX, SOCK_STREAM, 6), EPROTONOSUPPORT);
	FAILS(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT);
	FAILS(socket(AF_UNIX, SOCK_STREAM | 0x10, 0), EINVAL);
	FAILS(socket(200, SOCK_STREAM, 0), EAFNOSUPPORT);
	FAILS(lseek(3, 0, SEEK_SET), ESPIPE);
	GIVES(option(3, SO_TYPE), SOCK_STREAM);
	GIVES(option(4, SO_TYPE), SOCK_DGRAM);
	GIVES(option(5, SO_TYPE), SOCK_SEQPACKET);
	GIVES(option(3, SO_DOMAIN), AF_UNIX);
	GIVES(option(3, SO_PROTOCOL), 0);
	GIVES(option(3, SO_ACCEPTCONN), 0);
	GIVES(option(3, SO_ERROR), 0);
}

CASE(socket_listen_accept)
{
	int l = bound(SOCK_STREAM, "sock"), c = socket(AF_UNIX, SOCK_STREAM, 0), a;
	struct sockaddr_un name;
	socklen_t n = sizeof(name);
	struct stat st;
	char text[8];

	GIVES(stat("sock", &st), 0);
	CHECK(S_ISSOCK(st.st_mode));
	FAILS(open("sock", O_RDWR), ENXIO);
	FAILS(connect_to(c, "sock"), ECONNREFUSED);
	FAILS(accept(l, NULL, NULL), EINVAL);
	GIVES(listen(l, 5), 0);
	GIVES(option(l, SO_ACCEPTCONN), 1);
	GIVES(connect_to(c, "sock"), 0);
	FAILS(connect_to(c, "sock"), EISCONN);
	GIVES(write(c, "early", 5), 5);
	GIVES(accept4(l, (struct sockaddr *)&name, &n, SOCK_CLOEXEC), 5);
	a = 5;
	GIVES(n, EMPTY);
	GIVES(fcntl(a, F_GETFD), FD_CLOEXEC);
	GIVES(read(a, text, 8), 5);
	n = sizeof(name);
	GIVES(getsockname(a, (struct sockaddr *)&name, &n), 0);
	GIVES(n, EMPTY + 5);
	CHECK(strcmp(name.sun_path, "sock") == 0);
	n = sizeof(name);
	GIVES(getpeername(c, (struct sockaddr *)&name, &n), 0);
	GIVES(n, EMPTY + 5);
	n = sizeof(name);
	GIVES(getpeername(a, (struct sockaddr *)&name, &n), 0);
	GIVES(n, EMPTY);
	n = 4;
	GIVES(getsockname(a, (struct sockaddr *)&name, &n), 0);
	GIVES(n, EMPTY + 5);
	FAILS(getpeername(l, (struct sockaddr *)&name, &n), ENOTCONN);
	CHECK(fcntl(l, F_SETFL, O_NONBLOCK) == 0);
	FAILS(accept(l, NULL, NULL), EAGAIN);
	FAILS(accept(c, NULL, NULL), EINVAL);
	FAILS(read(l, text, 1), EINVAL);
	FAILS(syscall(SYS_accept4, l, NULL, NULL, 1), EINVAL);
}

CASE(socket_bind_errors)
{
	struct sockaddr_un a;
	socklen_t n = name_set(&a, "sock");
	int s = bound(SOCK_STREAM, "sock"), t = socket(AF_UNIX, SOCK_STREAM, 0), file;

	FAILS(bind(t, (struct sockaddr *)&a, n), EADDRINUSE);
	FAILS(bind(s, (struct sockaddr *)&a, n), EADDRINUSE);
	n = name_set(&a, "other");
	FAILS(bind(s, (struct sockaddr *)&a, n), EINVAL);
	FAILS(access("other", F_OK), ENOENT);
	FAILS(bind(0, (struct sockaddr *)&a, n), ENOTSOCK);
	FAILS(bind(99, (struct sockaddr *)&a, n), EBADF);
	FAILS(bind(t, (struct sockaddr *)&a, 1), EINVAL);
	FAILS(bind(t, (struct sockaddr *)&a, 200), EINVAL);
	FAILS(bind(t, (struct sockaddr *)8, n), EFAULT);
	a.sun_family = AF_INET;
	FAILS(bind(t, (struct sockaddr *)&a, n), EINVAL);
	n = name_set(&a, "none/sock");
	FAILS(bind(t, (struct sockaddr *)&a, n), ENOENT);
	FAILS(connect_to(t, "none"), ENOENT);
	CHECK((file = open("file", O_CREAT | O_RDWR, 0600)) >= 0);
	FAILS(connect_to(t, "file"), ECONNREFUSED);
	FAILS(listen(t, 1), EINVAL);
	CHECK(close(s) == 0);
	FAILS(connect_to(t, "sock"), ECONNREFUSED);
	GIVES(unlink("sock"), 0);
	FAILS(connect_to(file, "sock"), ENOTSOCK);
	FAILS(send(t, "x", 1, 0), ENOTCONN);
	FAILS(recv(t, &a, 1, 0), EINVAL);
	FAILS(listen(file, 1), ENOTSOCK);
	FAILS(shutdown(file, SHUT_RD), ENOTSOCK);
	FAILS(shutdown(t, 3), EINVAL);
	GIVES(shutdown(t, SHUT_RD), 0);
}

CASE(socket_abstract)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "\0ringscope test" };
	socklen_t n = EMPTY + 15, got = sizeof(a);
	int s = socket(AF_UNIX, SOCK_STREAM, 0), t = socket(AF_UNIX, SOCK_STREAM, 0);

	GIVES(bind(s, (struct sockaddr *)&a, n), 0);
	FAILS(bind(t, (struct sockaddr *)&a, n), EADDRINUSE);
	CHECK(listen(s, 1) == 0);
	GIVES(connect(t, (struct sockaddr *)&a, n), 0);
	FAILS(connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&a, n - 1), ECONNREFUSED);
	GIVES(getsockname(s, (struct sockaddr *)&a, &got), 0);
	GIVES(got, n);
	CHECK(close(s) == 0);
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	GIVES(bind(s, (struct sockaddr *)&a, n), 0);
	t = socket(AF_UNIX, SOCK_DGRAM, 0);
	GIVES(bind(t, (struct sockaddr *)&a, EMPTY), 0);
	got = sizeof(a);
	GIVES(getsockname(t, (struct sockaddr *)&a, &got), 0);
	GIVES(got, EMPTY + 6);
}

CASE(socket_datagrams)
{
	struct sockaddr_un to, from;
	socklen_t n = name_set(&to, "server"), got = sizeof(from);
	int s = bound(SOCK_DGRAM, "server"), c = bound(SOCK_DGRAM, "client");
	int stream = bound(SOCK_STREAM, "stream");
	char text[16];

	GIVES(sendto(c, "one", 3, 0, (struct sockaddr *)&to, n), 3);
	GIVES(sendto(c, "", 0, 0, (struct sockaddr *)&to, n), 0);
	GIVES(sendto(c, "three", 5, 0, (struct sockaddr *)&to, n), 5);
	GIVES(recvfrom(s, text, 16, 0, (struct sockaddr *)&from, &got), 3);
	GIVES(got, EMPTY + 7);
	CHECK(strcmp(from.sun_path, "client") == 0);
	GIVES(recv(s, text, 16, 0), 0);
	GIVES(recv(s, text, 2, MSG_PEEK | MSG_TRUNC), 5);
	GIVES(recv(s, text, 2, 0), 2);
	FAILS(recv(s, text, 2, MSG_DONTWAIT), EAGAIN);
	FAILS(send(c, "x", 1, 0), ENOTCONN);
	GIVES(connect_to(c, "server"), 0);
	GIVES(send(c, "x", 1, 0), 1);
	GIVES(read(s, text, 16), 1);
	FAILS(connect_to(stream, "server"), EPROTOTYPE);
	FAILS(connect_to(c, "stream"), EPROTOTYPE);
	FAILS(listen(c, 1), EOPNOTSUPP);
	FAILS(accept(c, NULL, NULL), EOPNOTSUPP);
	CHECK(close(s) == 0);
	FAILS(send(c, "x", 1, 0), ECONNREFUSED);
}

CASE(socket_credentials)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char text[8];
	struct iovec part = { text, sizeof(text) };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	struct ucred who;
	socklen_t n = sizeof(who);
	int s[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	GIVES(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &who, &n), 0);
	CHECK(who.pid == getpid() && who.uid == 0 && who.gid == 0 && n == sizeof(who));
	GIVES(option(s[1], SO_PASSCRED), 0);
	GIVES(option_set(s[1], SO_PASSCRED, 1), 0);
	GIVES(write(s[0], "abc", 3), 3);
	GIVES(recvmsg(s[1], &m, 0), 3);
	GIVES(m.msg_controllen, CMSG_SPACE(sizeof(struct ucred)));
	GIVES(control.head.cmsg_type, SCM_CREDENTIALS);
	memcpy(&who, CMSG_DATA(&control.head), sizeof(who));
	CHECK(who.pid == getpid() && who.uid == 0 && who.gid == 0);
	n = sizeof(who);
	CHECK(getsockopt(socket(AF_UNIX, SOCK_STREAM, 0), SOL_SOCKET, SO_PEERCRED, &who, &n) == 0);
	CHECK(who.pid == 0 && who.uid == (uid_t)-1);
}

CASE(socket_options)
{
	struct timeval limit = { 0, 20000 };
	int s[2], value = 1;
	socklen_t n = sizeof(value);
	char text[4];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	GIVES(option_set(s[0], SO_REUSEADDR, 1), 0);
	GIVES(option(s[0], SO_REUSEADDR), 1);
	GIVES(option_set(s[0], SO_KEEPALIVE, 1), 0);
	GIVES(option_set(s[0], SO_SNDBUF, 10000), 0);
	GIVES(option(s[0], SO_SNDBUF), 20000);
	GIVES(option_set(s[0], SO_RCVBUF, 30000), 0);
	GIVES(option(s[0], SO_RCVBUF), 60000);
	FAILS(setsockopt(s[0], SOL_SOCKET, 9999, &value, n), ENOPROTOOPT);
	FAILS(getsockopt(s[0], SOL_SOCKET, 9999, &value, &n), ENOPROTOOPT);
	FAILS(setsockopt(s[0], 6, 1, &value, n), EOPNOTSUPP);
	FAILS(setsockopt(s[0], SOL_SOCKET, SO_REUSEADDR, &value, 2), EINVAL);
	FAILS(setsockopt(s[0], SOL_SOCKET, SO_REUSEADDR, (void *)8, 4), EFAULT);
	FAILS(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &value, (socklen_t *)8), EFAULT);
	FAILS(setsockopt(0, SOL_SOCKET, SO_REUSEADDR, &value, n), ENOTSOCK);
	GIVES(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	FAILS(read(s[0], text, 1), EAGAIN);
}

CASE(socket_server)
{
	int l = bound(SOCK_STREAM, "sock"), e = epoll_create1(0), served = 0;
	struct epoll_event event = { .events = EPOLLIN, .data.fd = l };
	char text[8];

	CHECK(listen(l, 2) == 0 && epoll_ctl(e, EPOLL_CTL_ADD, l, &event) == 0);
	for (int k = 0; k < 6; k++) {
		if (child() == 0) {
			int c = socket(AF_UNIX, SOCK_STREAM, 0);

			CHECK(connect_to(c, "sock") == 0 && write(c, "ask", 3) == 3);
			_exit(read(c, text, 8) == 6 ? 0 : 1);
		}
	}
	while (served < 6) {
		CHECK(epoll_wait(e, &event, 1, 5000) == 1);
		if (event.data.fd == l) {
			event.data.fd = accept4(l, NULL, NULL, SOCK_NONBLOCK);
			CHECK(event.data.fd >= 0);
			event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
			CHECK(epoll_ctl(e, EPOLL_CTL_ADD, event.data.fd, &event) == 0);
		} else if (read(event.data.fd, text, 8) == 3) {
			CHECK(write(event.data.fd, "answer", 6) == 6);
			served++;
		}
	}
	for (int k = 0; k < 6; k++) {
		int status;

		CHECK(wait(&status) > 0 && status == 0);
	}
	GIVES(served, 6);
}

CASE(socket_listener_closes)
{
	int l = bound(SOCK_STREAM, "sock"), c = socket(AF_UNIX, SOCK_STREAM, 0);
	char text[4];

	CHECK(listen(l, 2) == 0 && connect_to(c, "sock") == 0);
	CHECK(close(l) == 0);
	FAILS(read(c, text, 4), ECONNRESET);
	FAILS(send(c, "x", 1, MSG_NOSIGNAL), EPIPE);
}
