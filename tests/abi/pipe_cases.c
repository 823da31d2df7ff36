/* Pipes and FIFOs. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CAPACITY = 65536, ATOMIC = 4096 };

CASE(pipe_passes_bytes)
{
	char text[8] = "";
	int ends[2];

	GIVES(pipe(ends), 0);
	GIVES(ends[0], 3);
	GIVES(ends[1], 4);
	GIVES(write(ends[1], "abcdef", 6), 6);
	GIVES(read(ends[0], text, 2), 2);
	GIVES(read(ends[0], text + 2, 6), 4);
	CHECK(strcmp(text, "abcdef") == 0);
	FAILS(write(ends[0], "x", 1), EBADF);
	FAILS(read(ends[1], text, 1), EBADF);
	FAILS(lseek(ends[0], 0, SEEK_SET), ESPIPE);
}

CASE(pipe_end_of_file)
{
	char text[8];
	int ends[2];

	CHECK(pipe(ends) == 0);
	GIVES(write(ends[1], "last", 4), 4);
	GIVES(close(ends[1]), 0);
	GIVES(read(ends[0], text, 8), 4);
	GIVES(read(ends[0], text, 8), 0);
	GIVES(read(ends[0], text, 8), 0);
}

CASE(pipe_broken)
{
	int ends[2];
	pid_t pid;

	CHECK(pipe(ends) == 0 && close(ends[0]) == 0);
	pid = child();
	if (pid == 0)
		_exit(write(ends[1], "x", 1) == 1);
	DIES(pid, SIGPIPE);
	CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	FAILS(write(ends[1], "x", 1), EPIPE);
	GIVES(write(ends[1], "x", 0), 0);
}

CASE(pipe_flags)
{
	int ends[2];

	GIVES(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	GIVES(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
	GIVES(fcntl(ends[1], F_GETFD), FD_CLOEXEC);
	GIVES(fcntl(ends[0], F_GETFL), O_RDONLY | O_NONBLOCK);
	GIVES(fcntl(ends[1], F_GETFL), O_WRONLY | O_NONBLOCK);
	FAILS(pipe2(ends, O_TRUNC), EINVAL);
	FAILS(pipe2(ends, O_EXCL), ENOPKG); /* O_NOTIFICATION_PIPE */
	FAILS(syscall(SYS_pipe2, 8, 0), EFAULT);
	GIVES(dup(0), 5);
}

CASE(pipe_nonblocking)
{
	static char block[CAPACITY + 1];
	int ends[2];

	CHECK(pipe2(ends, O_NONBLOCK) == 0);
	FAILS(read(ends[0], block, 1), EAGAIN);
	GIVES(write(ends[1], block, sizeof(block)), CAPACITY);
	FAILS(write(ends[1], block, 1), EAGAIN);
	GIVES(read(ends[0], block, ATOMIC), ATOMIC);
	GIVES(write(ends[1], block, ATOMIC), ATOMIC);
	FAILS(write(ends[1], block, 1), EAGAIN);
	GIVES(read(ends[0], block, sizeof(block)), CAPACITY);
	CHECK(close(ends[1]) == 0);
	GIVES(read(ends[0], block, 1), 0);
}

CASE(pipe_atomic_or_nothing)
{
	static char block[CAPACITY];
	int ends[2];

	CHECK(pipe2(ends, O_NONBLOCK) == 0);
	GIVES(write(ends[1], block, CAPACITY - 100), CAPACITY - 100);
	FAILS(write(ends[1], block, ATOMIC), EAGAIN);
	GIVES(write(ends[1], block, 100), 100);
}

/* Bytes 0, 1, 2... modulo 251 from a child that writes in pieces. */
static long stream_check(size_t write_size, size_t read_size, long total)
{
	unsigned char *block = malloc(write_size > read_size ? write_size : read_size);
	int ends[2];
	long at = 0, got;
	pid_t pid;

	CHECK(block && pipe(ends) == 0);
	pid = child();
	if (pid == 0) {
		while (at < total) {
			for (size_t i = 0; i < write_size; i++)
				block[i] = (at + i) % 251;
			CHECK(write(ends[1], block, write_size) == (ssize_t)write_size);
			at += write_size;
		}
		_exit(0);
	}
	CHECK(close(ends[1]) == 0);
	while ((got = read(ends[0], block, read_size)) > 0)
		for (long i = 0; i < got; i++, at++)
			CHECK(block[i] == at % 251);
	EXITS(pid, 0);
	return at;
}

CASE(pipe_streams)
{
	GIVES(stream_check(100000, 777, 1000000), 1000000);
	GIVES(stream_check(500, 65536, 500000), 500000);
	GIVES(stream_check(1 << 20, 1 << 20, 1 << 20), 1 << 20);
}

CASE(pipe_many_writers)
{
	enum { WRITERS = 4, RECORDS = 200, SIZE = 512 };
	char record[SIZE];
	int ends[2], counts[WRITERS] = { 0 };
	size_t have;
	ssize_t got;

	CHECK(pipe(ends) == 0);
	for (int w = 0; w < WRITERS; w++) {
		if (child() != 0)
			continue;
		memset(record, 'a' + w, SIZE);
		for (int i = 0; i < RECORDS; i++)
			CHECK(write(ends[1], record, SIZE) == SIZE);
		_exit(0);
	}
	CHECK(close(ends[1]) == 0);
	for (;;) {
		for (have = 0; have < SIZE; have += got)
			if ((got = read(ends[0], record + have, SIZE - have)) <= 0)
				break;
		if (have < SIZE)
			break;
		for (int i = 1; i < SIZE; i++)
			CHECK(record[i] == record[0]);
		counts[record[0] - 'a']++;
	}
	GIVES(have, 0);
	for (int w = 0; w < WRITERS; w++)
		GIVES(counts[w], RECORDS);
}

static void on_signal(int number)
{
	(void)number;
}

CASE(pipe_read_interrupted)
{
	struct sigaction action = { .sa_handler = on_signal };
	char byte;
	int ends[2];

	CHECK(pipe(ends) == 0 && sigaction(SIGALRM, &action, NULL) == 0);
	alarm(1);
	FAILS(read(ends[0], &byte, 1), EINTR);
}

CASE(pipe_write_interrupted)
{
	struct sigaction action = { .sa_handler = on_signal };
	static char block[CAPACITY + 5000];
	int ends[2];

	CHECK(pipe(ends) == 0 && sigaction(SIGALRM, &action, NULL) == 0);
	alarm(1);
	GIVES(write(ends[1], block, sizeof(block)), CAPACITY);
	alarm(1);
	FAILS(write(ends[1], block, 1), EINTR);
}

CASE(fifo_open_waits)
{
	char text[8] = "";
	int fd;
	pid_t pid;

	CHECK(mkfifo("fifo", 0600) == 0);
	pid = child();
	if (pid == 0) {
		sleep_ms(20);
		fd = open("fifo", O_WRONLY);
		_exit(fd >= 0 && write(fd, "hello", 5) == 5 ? 0 : 1);
	}
	CHECK((fd = open("fifo", O_RDONLY)) >= 0);
	GIVES(read(fd, text, 8), 5);
	CHECK(strcmp(text, "hello") == 0);
	GIVES(read(fd, text, 8), 0);
	EXITS(pid, 0);
}

CASE(fifo_nonblocking)
{
	char byte;

	CHECK(mkfifo("fifo", 0600) == 0);
	FAILS(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
	GIVES(open("fifo", O_RDONLY | O_NONBLOCK), 3);
	GIVES(read(3, &byte, 1), 0);
	GIVES(open("fifo", O_WRONLY | O_NONBLOCK), 4);
	FAILS(read(3, &byte, 1), EAGAIN);
	GIVES(write(4, "x", 1), 1);
	GIVES(read(3, &byte, 1), 1);
	GIVES(close(4), 0);
	GIVES(read(3, &byte, 1), 0);
}

/* Only a FIFO's openers wait for each other. */
CASE(pipe_opened_by_its_number)
{
	struct pollfd poll_for = { .fd = 5, .events = POLLIN };
	int ends[2];
	char byte;

	CHECK(pipe(ends) == 0);
	GIVES(open("/proc/self/fd/4", O_WRONLY), 5);
	GIVES(write(5, "xy", 2), 2);
	CHECK(close(4) == 0 && close(5) == 0);
	GIVES(open("/proc/self/fd/3", O_RDONLY), 4);
	GIVES(read(4, &byte, 1), 1);
	GIVES(open("/proc/self/fd/3", O_RDONLY), 5);
	GIVES(read(3, &byte, 1), 1);
	GIVES(poll(&poll_for, 1, 1000), 1);
	GIVES(poll_for.revents, POLLHUP);
	GIVES(read(5, &byte, 1), 0);
	CHECK(close(3) == 0 && close(4) == 0);
	GIVES(open("/proc/self/fd/5", O_WRONLY | O_NONBLOCK), 3);
	GIVES(write(3, "z", 1), 1);
	GIVES(read(5, &byte, 1), 1);
}

static void packets_make(int ends[2])
{
	CHECK(syscall(SYS_pipe2, ends, O_DIRECT | O_NONBLOCK) == 0);
}

CASE(pipe_packets)
{
	char text[8192];
	int ends[2], there = 0;

	packets_make(ends);
	GIVES(fcntl(ends[1], F_GETFL) & O_DIRECT, O_DIRECT);
	GIVES(write(ends[1], "one", 3), 3);
	GIVES(write(ends[1], "second", 6), 6);
	GIVES(write(ends[1], "3", 1), 1);
	GIVES(ioctl(ends[0], FIONREAD, &there), 0);
	GIVES(there, 10);
	GIVES(read(ends[0], text, sizeof(text)), 3);
	CHECK(memcmp(text, "one", 3) == 0);
	GIVES(read(ends[0], text, 2), 2); /* the rest of it is lost */
	CHECK(memcmp(text, "se", 2) == 0);
	GIVES(read(ends[0], text, sizeof(text)), 1);
	CHECK(text[0] == '3');
	FAILS(read(ends[0], text, sizeof(text)), EAGAIN);
	memset(text, 'x', sizeof(text));
	GIVES(write(ends[1], text, 5000), 5000); /* two packets */
	GIVES(read(ends[0], text, sizeof(text)), 4096);
	GIVES(read(ends[0], text, sizeof(text)), 904);
	close(ends[1]);
	GIVES(read(ends[0], text, sizeof(text)), 0);
}

CASE(pipe_packets_fill)
{
	char c;
	int ends[2], count = 0;

	packets_make(ends);
	while (write(ends[1], "x", 1) == 1)
		count++;
	CHECK(errno == EAGAIN);
	GIVES(count, 16); /* a page each */
	GIVES(read(ends[0], &c, 1), 1);
	GIVES(write(ends[1], "y", 1), 1);
	FAILS(write(ends[1], "y", 1), EAGAIN);
	CHECK(fcntl(ends[1], F_SETPIPE_SZ, 32 * 4096) == 32 * 4096);
	while (read(ends[0], &c, 1) == 1)
		count--;
	GIVES(count, 0);
	GIVES(c, 'y');
}

CASE(pipe_packets_and_bytes)
{
	char text[8192] = "";
	int ends[2];

	packets_make(ends);
	CHECK(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
	GIVES(write(ends[1], "abc", 3), 3);
	GIVES(write(ends[1], "def", 3), 3);
	CHECK(fcntl(ends[1], F_SETFL, O_NONBLOCK | O_DIRECT) == 0);
	GIVES(write(ends[1], "joins", 5), 5); /* what is there is no packet */
	memset(text, 'p', 4090);
	GIVES(write(ends[1], text, 4090), 4090); /* does not fit behind it */
	CHECK(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
	GIVES(write(ends[1], "ghi", 3), 3);
	GIVES(read(ends[0], text, 4), 4);
	CHECK(memcmp(text, "abcd", 4) == 0);
	GIVES(read(ends[0], text, sizeof(text)), 7 + 4090); /* up to the packet's end */
	CHECK(memcmp(text, "efjoinsp", 8) == 0);
	GIVES(read(ends[0], text, sizeof(text)), 3);
	CHECK(memcmp(text, "ghi", 3) == 0);
}

CASE(pipe_packets_spliced)
{
	char text[64] = "";
	int from[2], to[2];

	packets_make(from);
	CHECK(pipe(to) == 0);
	CHECK(write(from[1], "ab", 2) == 2 && write(from[1], "cde", 3) == 3);
	GIVES(tee(from[0], to[1], 64, 0), 5);
	GIVES(splice(from[0], NULL, to[1], NULL, 64, 0), 5);
	GIVES(fcntl(from[1], F_GETPIPE_SZ), CAPACITY);
	FAILS(read(from[0], text, sizeof(text)), EAGAIN);
}
