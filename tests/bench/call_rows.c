/* Calls that do little: the boundary itself, descriptors, paths, select. */
#include <fcntl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/bench/row.h"

#define MANY     20000
#define SOME     5000
#define SELECTED 100

static char buffer[4096];

static void null_call(void *argument)
{
	long result = SYS_getppid;

	(void)argument;
	__asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
}

static void row_null(void)
{
	row_loop(null_call, NULL, MANY, 1);
}

/* A transfer of so many bytes, from the start of the file if it is one. */
struct transfer {
	int fd;
	size_t bytes;
};

static void read_device(void *argument)
{
	const struct transfer *t = argument;

	must(read(t->fd, buffer, t->bytes) == (ssize_t)t->bytes, "read");
}

static void write_device(void *argument)
{
	const struct transfer *t = argument;

	must(write(t->fd, buffer, t->bytes) == (ssize_t)t->bytes, "write");
}

static void read_file(void *argument)
{
	const struct transfer *t = argument;

	must(pread(t->fd, buffer, t->bytes, 4096) == (ssize_t)t->bytes, "pread");
}

static void write_file(void *argument)
{
	const struct transfer *t = argument;

	must(pwrite(t->fd, buffer, t->bytes, 4096) == (ssize_t)t->bytes, "pwrite");
}

static void transfers(void (*operation)(void *), const char *path, size_t bytes)
{
	struct transfer t = { .fd = open(path, O_RDWR), .bytes = bytes };

	must(t.fd >= 0, path);
	row_loop(operation, &t, MANY, 1);
	close(t.fd);
}

static void row_read_1(void)
{
	transfers(read_device, "/dev/zero", 1);
}

static void row_write_1(void)
{
	transfers(write_device, "/dev/null", 1);
}

static void row_read_file_1(void)
{
	transfers(read_file, BENCH_FILE, 1);
}

static void row_write_file_1(void)
{
	transfers(write_file, BENCH_FILE, 1);
}

static void row_read_file_4k(void)
{
	transfers(read_file, BENCH_FILE, sizeof(buffer));
}

static void row_write_file_4k(void)
{
	transfers(write_file, BENCH_FILE, sizeof(buffer));
}

static void open_close(void *argument)
{
	const int fd = open(BENCH_FILE, O_RDONLY);

	(void)argument;
	must(fd >= 0, BENCH_FILE);
	close(fd);
}

static void row_open(void)
{
	row_loop(open_close, NULL, SOME, 1);
}

static void stat_path(void *argument)
{
	struct stat st;

	(void)argument;
	must(stat(BENCH_FILE, &st) == 0, BENCH_FILE);
}

static void row_stat(void)
{
	row_loop(stat_path, NULL, SOME, 1);
}

static void stat_fd(void *argument)
{
	struct stat st;

	must(syscall(SYS_fstat, *(int *)argument, &st) == 0, "fstat");
}

static void row_fstat(void)
{
	int fd = open(BENCH_FILE, O_RDONLY);

	row_loop(stat_fd, &fd, SOME, 1);
	close(fd);
}

static void select_all(void *argument)
{
	fd_set set = *(fd_set *)argument;
	struct timeval none = { 0 };

	must(select(SELECTED + 64, &set, NULL, NULL, &none) >= 0, "select");
}

/* 100 descriptors, each with an open file of its own. */
static void row_select_files(void)
{
	fd_set set;
	int fds[SELECTED];

	FD_ZERO(&set);
	for (unsigned i = 0; i < SELECTED; i++) {
		fds[i] = open(BENCH_FILE, O_RDONLY);
		must(fds[i] >= 0, "open");
		FD_SET(fds[i], &set);
	}
	row_loop(select_all, &set, SOME / 10, 1);
	for (unsigned i = 0; i < SELECTED; i++)
		close(fds[i]);
}

/* 100 empty pipes: nothing is ready, and each has to be waited for. */
static void row_select_pipes(void)
{
	fd_set set;
	int ends[SELECTED][2], write_end;

	FD_ZERO(&set);
	for (unsigned i = 0; i < SELECTED; i++) {
		must(pipe(ends[i]) == 0, "pipe");
		write_end = fcntl(ends[i][1], F_DUPFD, 2 * SELECTED + 64);
		must(write_end >= 0, "dup");
		close(ends[i][1]);
		ends[i][1] = write_end;
		FD_SET(ends[i][0], &set);
	}
	row_loop(select_all, &set, SOME / 10, 1);
	for (unsigned i = 0; i < SELECTED; i++) {
		close(ends[i][0]);
		close(ends[i][1]);
	}
}

const struct row call_rows[] = {
	{ "null call", row_null },
	{ "read 1 byte of /dev/zero", row_read_1 },
	{ "write 1 byte to /dev/null", row_write_1 },
	{ "read 1 byte of a file", row_read_file_1 },
	{ "write 1 byte to a file", row_write_file_1 },
	{ "read 4 KiB of a file", row_read_file_4k },
	{ "write 4 KiB to a file", row_write_file_4k },
	{ "open and close", row_open },
	{ "stat", row_stat },
	{ "fstat", row_fstat },
	{ "select of 100 files", row_select_files },
	{ "select of 100 pipes", row_select_pipes },
	{ NULL, NULL },
};
