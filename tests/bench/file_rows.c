/* Files made, deleted and read, in memory. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/bench/row.h"

#define FILES   500
#define BATCHES 4
#define CHUNK   (64u << 10)

static char names[FILES][32];

static void names_make(void)
{
	for (unsigned i = 0; i < FILES; i++)
		snprintf(names[i], sizeof(names[i]), BENCH_FOLDER "/f%u", i);
}

static void create_all(void)
{
	for (unsigned i = 0; i < FILES; i++) {
		const int fd = open(names[i], O_CREAT | O_EXCL | O_WRONLY, 0644);

		must(fd >= 0, names[i]);
		close(fd);
	}
}

static void delete_all(void)
{
	for (unsigned i = 0; i < FILES; i++)
		must(unlink(names[i]) == 0, names[i]);
}

static void create_delete(void (*timed)(void))
{
	names_make();
	for (unsigned batch = 0; batch < BATCHES; batch++) {
		uint64_t start = ticks();

		create_all();
		if (timed == create_all)
			row_batch(ticks() - start, FILES);
		start = ticks();
		delete_all();
		if (timed == delete_all)
			row_batch(ticks() - start, FILES);
	}
}

static void row_create(void)
{
	create_delete(create_all);
}

static void row_delete(void)
{
	create_delete(delete_all);
}

static void read_all(void *argument)
{
	static char buffer[CHUNK];
	const int fd = *(int *)argument;

	must(lseek(fd, 0, SEEK_SET) == 0, "lseek");
	for (unsigned at = 0; at < FILE_BYTES; at += CHUNK)
		must(read(fd, buffer, CHUNK) == CHUNK, "read");
}

static void row_read(void)
{
	int fd = open(BENCH_FILE, O_RDONLY);

	must(fd >= 0, BENCH_FILE);
	row_loop(read_all, &fd, 10, FILE_BYTES >> 10);
	close(fd);
}

const struct row file_rows[] = {
	{ "file create", row_create },
	{ "file delete", row_delete },
	{ "file read, per KiB", row_read },
	{ NULL, NULL },
};
