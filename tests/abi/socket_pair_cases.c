/* Pairs of AF_UNIX sockets: bytes, packets, descriptors passed. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

CASE(socket_pair_streams)
{
	char text[16];
	int s[2];

	GIVES(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	GIVES(write(s[0], "hello ", 6), 6);
	GIVES(send(s[0], "world", 5, 0), 5);
	GIVES(read(s[1], text, 3), 3);
	GIVES(recv(s[1], text, sizeof(text), MSG_PEEK), 8);
	GIVES(read(s[1], text, sizeof(text)), 8);
	CHECK(memcmp(text, "lo world", 8) == 0);
	FAILS(recv(s[1], text, 1, MSG_DONTWAIT), EAGAIN);
	GIVES(write(s[1], "back", 4), 4);
	GIVES(close(s[1]), 0);
	GIVES(read(s[0], text, sizeof(text)), 4);
	GIVES(read(s[0], text, sizeof(text)), 0);
	FAILS(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	FAILS(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, 8), EFAULT);
	GIVES(dup(0), 4);
}

CASE(socket_broken)
{
	char text[4];
	int s[2];
	pid_t pid;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	CHECK(write(s[0], "abc", 3) == 3 && close(s[1]) == 0);
	FAILS(read(s[0], text, 4), ECONNRESET);
	GIVES(read(s[0], text, 4), 0);
	pid = child();
	if (pid == 0)
		_exit(write(s[0], "x", 1) == 1);
	DIES(pid, SIGPIPE);
	pid = child();
	if (pid == 0)
		_exit(send(s[0], "x", 1, 0) == 1);
	DIES(pid, SIGPIPE);
}

CASE(socket_packets)
{
	char text[16];
	int s[2];

	GIVES(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s), 0);
	GIVES(write(s[0], "first", 5), 5);
	GIVES(write(s[0], "second", 6), 6);
	GIVES(read(s[1], text, 3), 3);
	GIVES(read(s[1], text, 16), 6);
	CHECK(close(s[0]) == 0);
	GIVES(read(s[1], text, 16), 0);
	FAILS(send(s[1], "x", 1, MSG_NOSIGNAL), EPIPE);
}

CASE(socket_shutdown)
{
	char text[16];
	int s[2];
	struct pollfd p;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	GIVES(write(s[0], "abc", 3), 3);
	GIVES(shutdown(s[0], SHUT_WR), 0);
	FAILS(send(s[0], "d", 1, MSG_NOSIGNAL), EPIPE);
	GIVES(read(s[1], text, 16), 3);
	GIVES(read(s[1], text, 16), 0);
	GIVES(write(s[1], "back", 4), 4);
	GIVES(read(s[0], text, 16), 4);
	p = (struct pollfd){ .fd = s[1], .events = POLLIN | POLLOUT | POLLRDHUP };
	GIVES(poll(&p, 1, 0), 1);
	GIVES(p.revents, POLLIN | POLLOUT | POLLRDHUP);
	GIVES(shutdown(s[0], SHUT_RD), 0);
	FAILS(send(s[1], "d", 1, MSG_NOSIGNAL), EPIPE);
	GIVES(poll(&p, 1, 0), 1);
	GIVES(p.revents, POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
}

/* Send fd (or nothing, -1) along with a byte. */
static long pass(int to, int fd, int count)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control = { 0 };
	char byte = 0x78;
	struct iovec part = { &byte, 1 };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control };

	m.msg_controllen = CMSG_SPACE(count * sizeof(int));
	control.head.cmsg_len = CMSG_LEN(count * sizeof(int));
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	for (int k = 0; k < count; k++)
		memcpy(CMSG_DATA(&control.head) + 4 * k, &fd, sizeof(fd));
	return sendmsg(to, &m, 0);
}

/* Receive bytes and at most `room` descriptors; how many came is in *count. */
static long take(int from, int *fds, int room, int *count, int *flags, int how)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control;
	char text[8];
	struct iovec part = { text, sizeof(text) };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control };
	long n;

	m.msg_controllen = room ? CMSG_LEN(room * sizeof(int)) : 0;
	n = recvmsg(from, &m, how);
	*flags = m.msg_flags;
	*count = 0;
	if (n >= 0 && m.msg_controllen >= CMSG_LEN(0)) {
		CHECK(control.head.cmsg_level == SOL_SOCKET &&
		      control.head.cmsg_type == SCM_RIGHTS);
		*count = (control.head.cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(&control.head), *count * sizeof(int));
	}
	return n;
}

CASE(socket_passes_files)
{
	int s[2], ends[2], fds[4], count, flags;
	char text[4];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0 && pipe(ends) == 0);
	GIVES(pass(s[0], ends[1], 1), 1);
	CHECK(close(ends[1]) == 0);
	GIVES(take(s[1], fds, 4, &count, &flags, MSG_CMSG_CLOEXEC), 1);
	GIVES(count, 1);
	GIVES(flags, MSG_CMSG_CLOEXEC);
	GIVES(fds[0], ends[1]);
	GIVES(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
	GIVES(write(fds[0], "pipe", 4), 4);
	CHECK(close(fds[0]) == 0);
	GIVES(read(ends[0], text, 4), 4);
	GIVES(read(ends[0], text, 4), 0);
	GIVES(pass(s[0], ends[0], 3), 1);
	GIVES(take(s[1], fds, 2, &count, &flags, 0), 1);
	GIVES(count, 2);
	GIVES(flags, MSG_CTRUNC);
	GIVES(pass(s[0], ends[0], 1), 1);
	GIVES(take(s[1], fds, 0, &count, &flags, 0), 1);
	GIVES(flags, MSG_CTRUNC);
	GIVES(pass(s[0], ends[0], 1), 1);
	GIVES(pass(s[0], ends[0], 2), 1);
	GIVES(take(s[1], fds, 4, &count, &flags, 0), 1);
	GIVES(count, 1);
	GIVES(read(s[1], text, 4), 1);
	FAILS(pass(s[0], 99, 1), EBADF);
	GIVES(pass(s[0], ends[0], 1), 1);
}

static void *echo(void *fd)
{
	char block[5000];
	int s = *(int *)fd;
	ssize_t n;

	while ((n = read(s, block, sizeof(block))) > 0)
		for (ssize_t at = 0, did; at < n; at += did)
			CHECK((did = write(s, block + at, n - at)) > 0);
	return NULL;
}

CASE(socket_stream_of_bytes)
{
	enum { TOTAL = 400000 };
	static unsigned char out[TOTAL], in[TOTAL];
	pthread_t thread;
	int s[2];
	pid_t pid;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	for (int i = 0; i < TOTAL; i++)
		out[i] = (unsigned char)(i % 251);
	CHECK(pthread_create(&thread, NULL, echo, &s[1]) == 0);
	pid = child();
	if (pid == 0)
		_exit(write(s[0], out, TOTAL) == TOTAL ? 0 : 1);
	GIVES(recv(s[0], in, TOTAL, MSG_WAITALL), TOTAL);
	CHECK(memcmp(in, out, TOTAL) == 0);
	EXITS(pid, 0);
	CHECK(shutdown(s[0], SHUT_RDWR) == 0 && pthread_join(thread, NULL) == 0);
}

CASE(socket_fills)
{
	static char block[100000];
	struct pollfd p;
	int s[2], n;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) == 0);
	p = (struct pollfd){ .fd = s[0], .events = POLLOUT };
	GIVES(poll(&p, 1, 0), 1);
	while (write(s[0], block, sizeof(block)) > 0)
		;
	CHECK(errno == EAGAIN);
	GIVES(poll(&p, 1, 0), 0);
	GIVES(ioctl(s[1], FIONREAD, &n), 0);
	CHECK(n > 100000);
	while (read(s[1], block, sizeof(block)) > 0)
		;
	GIVES(poll(&p, 1, 0), 1);
	CHECK(fcntl(s[0], F_SETFL, 0) == 0);
}
