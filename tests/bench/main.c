/* bench [--ftrace] [ROW...]: what system calls, faults, processes and messages cost.
 *
 * Prints "row NAME<tab>MEAN<tab>LEAST" for each row, in ticks of the TSC: over all
 * batches, and of the best batch.  The same file runs on Linux and on our kernel.
 * As the first process of a Linux machine it sets that machine up (linux.c).
 * --exit is for the rows that execute a program. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/bench/linux.h"
#include "tests/bench/row.h"

#define BATCHES 10

const char *bench_program;

static struct {
	uint64_t spent, operations;
	double least, less;
} sums;

void must(int ok, const char *what)
{
	if (ok)
		return;
	printf("bench: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

void row_batch(uint64_t spent, uint64_t operations)
{
	double each = (double)spent / (double)operations;

	sums.spent += spent;
	sums.operations += operations;
	if (sums.least == 0 || each < sums.least)
		sums.least = each;
}

void row_loop(void (*operation)(void *), void *argument, unsigned count, unsigned of)
{
	const unsigned batch = count / BATCHES ? count / BATCHES : 1;

	for (unsigned i = 0; i < batch; i++)
		operation(argument);
	for (unsigned b = 0; b < BATCHES; b++) {
		const uint64_t start = ticks();

		for (unsigned i = 0; i < batch; i++)
			operation(argument);
		row_batch(ticks() - start, (uint64_t)batch * of);
	}
}

void row_less(double each)
{
	sums.less = each;
}

double row_take(void)
{
	const double mean = (double)sums.spent / (double)(sums.operations ? sums.operations : 1);

	memset(&sums, 0, sizeof(sums));
	return mean;
}

static int wanted(const char *name, char *const *names)
{
	if (!*names)
		return 1;
	for (; *names; names++)
		if (strstr(name, *names))
			return 1;
	return 0;
}

static void run(const struct row *row, char *const *names)
{
	for (; row->name; row++) {
		double least, less;

		if (!wanted(row->name, names))
			continue;
		row_take();
		row->measure();
		least = sums.least;
		less = sums.less;
		printf("row %s\t%.1f\t%.1f\n", row->name, row_take() - less, least - less);
		fflush(stdout);
	}
}

static void prepare(void)
{
	static const char page[4096] = { 1 };
	int fd;

	must(mkdir(BENCH_FOLDER, 0755) == 0 || errno == EEXIST, "mkdir");
	fd = open(BENCH_FILE, O_CREAT | O_WRONLY | O_TRUNC, 0644);
	must(fd >= 0, "create");
	for (unsigned at = 0; at < FILE_BYTES; at += sizeof(page))
		must(write(fd, page, sizeof(page)) == sizeof(page), "write");
	close(fd);
}

int main(int argc, char **argv)
{
	static const struct row *const groups[] = { call_rows,    signal_rows,  memory_rows,
						    process_rows, message_rows, file_rows };
	int ftrace = argc > 1 && strcmp(argv[1], "--ftrace") == 0;

	if (argc > 1 && strcmp(argv[1], "--exit") == 0)
		_exit(0);
	bench_program = argv[0];
	linux_begin(ftrace);
	prepare();
	for (unsigned i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		run(groups[i], argv + 1 + ftrace);
	return 0;
}
