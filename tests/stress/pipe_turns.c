/* Pipes, sockets and what waits for them. */
#include "tests/stress/stress.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

enum { WRITERS = 4, RECORDS = 60, BLOCK = 3000 };

struct record {
	uint32_t writer, number, length, sum;
	unsigned char bytes[BLOCK];
};

static size_t record_fill(struct record *r, unsigned writer, unsigned n)
{
	r->writer = writer;
	r->number = n;
	r->length = random_below(BLOCK);
	r->sum = 0;
	for (uint32_t i = 0; i < r->length; i++)
		r->sum += r->bytes[i] = (unsigned char)(writer * 31 + n * 7 + i);
	return offsetof(struct record, bytes) + r->length;
}

static void record_read(int fd, struct record *r)
{
	uint32_t sum = 0;

	read_all(fd, r, offsetof(struct record, bytes));
	CHECK(r->writer < WRITERS && r->length < BLOCK);
	read_all(fd, r->bytes, r->length);
	for (uint32_t i = 0; i < r->length; i++)
		sum += r->bytes[i];
	CHECK(sum == r->sum);
}

/* Writes of less than PIPE_BUF stay whole and in each writer's order. */
CASE(pipe_of_many)
{
	unsigned next[WRITERS] = { 0 };
	struct record r;
	pid_t pids[WRITERS];
	int ends[2];

	CHECK(pipe(ends) == 0);
	for (unsigned w = 0; w < WRITERS; w++) {
		random_below(2);
		pids[w] = child();
		for (unsigned n = 0; pids[w] == 0 && n < RECORDS; n++) {
			size_t size = record_fill(&r, w, n);

			CHECK(write(ends[1], &r, size) == (ssize_t)size);
		}
		if (pids[w] == 0)
			_exit(0);
	}
	for (int i = 0; i < WRITERS * RECORDS; i++) {
		record_read(ends[0], &r);
		CHECK(r.number == next[r.writer]++);
	}
	for (int w = 0; w < WRITERS; w++)
		CHECK(child_status(pids[w]) == 0);
	CHECK(close(ends[1]) == 0 && read(ends[0], &r, 1) == 0 && close(ends[0]) == 0);
}

/* The reader goes first: SIGPIPE or EPIPE, never a hang. */
CASE(pipe_closed_early)
{
	struct record r = { 0 };
	int ends[2];
	pid_t pid;

	CHECK(pipe(ends) == 0);
	pid = child();
	if (pid == 0) {
		CHECK(close(ends[0]) == 0);
		for (;;)
			CHECK(write(ends[1], &r, sizeof(r)) > 0);
	}
	CHECK(close(ends[1]) == 0);
	for (unsigned i = random_below(40); i; i--)
		read_all(ends[0], &r, 500);
	CHECK(close(ends[0]) == 0);
	CHECK(child_status(pid) == SIGPIPE);
}

/* Both directions of a stream at once, non-blocking on one side. */
CASE(socket_stream)
{
	enum { BYTES = 200000 };
	static unsigned char block[8192];
	size_t sent = 0, got = 0;
	int ends[2];
	pid_t pid;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	pid = child();
	if (pid == 0) {
		ssize_t n;

		CHECK(close(ends[0]) == 0);
		while ((n = read(ends[1], block, 1 + random_below(sizeof(block)))) > 0)
			write_all(ends[1], block, (size_t)n);
		_exit(n == 0 ? 0 : 1);
	}
	CHECK(close(ends[1]) == 0);
	while (got < BYTES) {
		struct pollfd p = { .fd = ends[0],
				    .events = sent < BYTES ? POLLIN | POLLOUT : POLLIN };
		ssize_t n = 0;

		CHECK(poll(&p, 1, 60000) == 1);
		if (p.revents & POLLOUT) {
			size_t size = 1 + random_below(sizeof(block));

			size = size < BYTES - sent ? size : BYTES - sent;
			for (size_t i = 0; i < size; i++)
				block[i] = (unsigned char)((sent + i) * 13 >> 3);
			n = send(ends[0], block, size, MSG_DONTWAIT);
			CHECK(n > 0 || errno == EAGAIN);
			sent += n > 0 ? (size_t)n : 0;
		}
		if (p.revents & POLLIN) {
			CHECK((n = recv(ends[0], block, sizeof(block), MSG_DONTWAIT)) > 0);
			for (ssize_t i = 0; i < n; i++)
				CHECK(block[i] == (unsigned char)((got + (size_t)i) * 13 >> 3));
			got += (size_t)n;
		}
	}
	CHECK(shutdown(ends[0], SHUT_WR) == 0 && read(ends[0], block, 1) == 0);
	CHECK(close(ends[0]) == 0);
	CHECK(child_status(pid) == 0);
}

/* Clients come, some only to go again, while the server accepts. */
CASE(socket_server)
{
	enum { CLIENTS = 6 };
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "server" };
	int server = socket(AF_UNIX, SOCK_STREAM, 0), whole = 0;
	pid_t pids[CLIENTS];
	char byte;

	CHECK(bind(server, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(server, 3) == 0);
	for (int i = 0; i < CLIENTS; i++) {
		pids[i] = child();
		if (pids[i] == 0) {
			int s = socket(AF_UNIX, SOCK_STREAM, 0);

			CHECK(connect(s, (struct sockaddr *)&at, sizeof(at)) == 0);
			if (i % 3 == 2)
				_exit(0);
			CHECK(write(s, "?", 1) == 1 && read(s, &byte, 1) == 1 && byte == '!');
			_exit(0);
		}
	}
	for (int i = 0; i < CLIENTS; i++) {
		int s = accept(server, NULL, NULL);

		CHECK(s >= 0);
		if (read(s, &byte, 1) == 1) {
			CHECK(write(s, "!", 1) == 1);
			whole++;
		}
		CHECK(close(s) == 0);
	}
	for (int i = 0; i < CLIENTS; i++)
		CHECK(child_status(pids[i]) == 0);
	CHECK(whole == CLIENTS - CLIENTS / 3);
	CHECK(close(server) == 0 && unlink("server") == 0);
}

/* Descriptors travel, also in messages that nobody reads. */
CASE(socket_passes_files)
{
	int pair[2], ends[2], passed = -1;
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS } };
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control.space) };
	pid_t pid;

	CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0 && pipe(ends) == 0);
	pid = child();
	if (pid == 0) {
		memcpy(CMSG_DATA(&control.head), &ends[1], sizeof(int));
		for (int i = 0; i < 3; i++)
			CHECK(sendmsg(pair[1], &message, 0) == 1);
		_exit(0);
	}
	CHECK(close(ends[1]) == 0);
	CHECK(recvmsg(pair[0], &message, 0) == 1);
	memcpy(&passed, CMSG_DATA(&control.head), sizeof(int));
	CHECK(write(passed, "y", 1) == 1 && read(ends[0], &byte, 1) == 1 && byte == 'y');
	CHECK(child_status(pid) == 0);
	CHECK(close(passed) == 0 && close(pair[1]) == 0 && close(pair[0]) == 0);
	CHECK(read(ends[0], &byte, 1) == 0); /* those not read are closed with the socket */
	CHECK(close(ends[0]) == 0);
}

/* Writers at random, and one who waits for all of them. */
CASE(epoll_of_many)
{
	enum { PIPES = 5, BYTES = 40 };
	struct itimerspec often = { { 0, 300000 }, { 0, 300000 } };
	int ends[PIPES][2], got = 0, ends_seen = 0, ticks = 0;
	int ep = epoll_create1(EPOLL_CLOEXEC), counter = eventfd(0, EFD_NONBLOCK);
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	uint64_t added = 0, value;
	pid_t pids[PIPES];

	CHECK(ep >= 0 && timer >= 0 && timerfd_settime(timer, 0, &often, NULL) == 0);
	CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, counter,
			&(struct epoll_event){ EPOLLIN, { .u32 = 100 } }) == 0);
	CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, timer,
			&(struct epoll_event){ EPOLLIN | EPOLLET, { .u32 = 101 } }) == 0);
	for (uint32_t i = 0; i < PIPES; i++) {
		CHECK(pipe2(ends[i], O_NONBLOCK) == 0);
		CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, ends[i][0],
				&(struct epoll_event){ EPOLLIN, { .u32 = i } }) == 0);
		value = random_below(1000);
		pids[i] = child();
		for (int n = 0; pids[i] == 0 && n < BYTES; n++) {
			if (value++ % 8 == 0)
				sleep_ms(1);
			CHECK(write(ends[i][1], "b", 1) == 1);
			CHECK(write(counter, &(uint64_t){ 1 }, 8) == 8);
		}
		if (pids[i] == 0)
			_exit(0);
		CHECK(close(ends[i][1]) == 0);
	}
	while (ends_seen < PIPES || added < PIPES * BYTES) {
		struct epoll_event events[4];
		int count = epoll_wait(ep, events, 4, 60000);
		char bytes[64];

		CHECK(count > 0);
		for (int i = 0; i < count; i++) {
			uint32_t which = events[i].data.u32;

			if (which == 100) {
				CHECK(read(counter, &value, 8) == 8);
				added += value;
			} else if (which == 101) {
				ticks += read(timer, &value, 8) == 8;
			} else {
				ssize_t n = read(ends[which][0], bytes, sizeof(bytes));

				CHECK(n >= 0);
				got += (int)n;
				if (n == 0) {
					ends_seen++; /* later children have it too */
					CHECK(epoll_ctl(ep, EPOLL_CTL_DEL, ends[which][0], NULL) ==
					      0);
					CHECK(close(ends[which][0]) == 0);
				}
			}
		}
	}
	CHECK(got == PIPES * BYTES && added == PIPES * BYTES);
	for (int i = 0; i < PIPES; i++)
		CHECK(child_status(pids[i]) == 0);
	CHECK(close(timer) == 0 && close(ep) == 0 && close(counter) == 0);
}
