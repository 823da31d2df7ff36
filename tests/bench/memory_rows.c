/* Page faults and mappings. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/bench/row.h"

#define PAGE    4096u
#define PAGES   1024u
#define BATCHES 10
#define STRIDE  (16u << 10) /* lmbench's lat_mmap: a tenth is touched, in such steps */

/* Touch each page of a fresh mapping, so many times over. */
static void touch(int fd, int flags, int write)
{
	for (unsigned batch = 0; batch < BATCHES; batch++) {
		volatile char *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);
		uint64_t start;

		must(p != MAP_FAILED, "mmap");
		start = ticks();
		for (unsigned i = 0; i < PAGES; i++) {
			if (write)
				p[i * PAGE] = 1;
			else
				(void)p[i * PAGE];
		}
		row_batch(ticks() - start, PAGES);
		munmap((char *)p, PAGES * PAGE);
	}
}

static void row_anonymous(void)
{
	touch(-1, MAP_PRIVATE | MAP_ANONYMOUS, 1);
}

static void touch_file(int flags, int write)
{
	const int fd = open(BENCH_FILE, O_RDWR);

	must(fd >= 0, BENCH_FILE);
	touch(fd, flags, write);
	close(fd);
}

static void row_file(void)
{
	touch_file(MAP_PRIVATE, 0);
}

static void row_file_write(void)
{
	touch_file(MAP_SHARED, 1);
}

static void row_file_copy(void)
{
	touch_file(MAP_PRIVATE, 1);
}

static void map_touch_unmap(void *argument)
{
	volatile char *p =
		mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, *(int *)argument, 0);

	must(p != MAP_FAILED, "mmap");
	for (unsigned at = 0; at < FILE_BYTES / 10; at += STRIDE)
		p[at] = 1;
	munmap((char *)p, FILE_BYTES);
}

static void row_mmap(void)
{
	int fd = open(BENCH_FILE, O_RDWR);

	must(fd >= 0, BENCH_FILE);
	row_loop(map_touch_unmap, &fd, 50, 1);
	close(fd);
}

const struct row memory_rows[] = {
	{ "page fault, anonymous", row_anonymous },
	{ "page fault, file", row_file },
	{ "page fault, file, shared write", row_file_write },
	{ "page fault, file, copied", row_file_copy },
	{ "mmap of 8 MB, touched, unmapped", row_mmap },
	{ NULL, NULL },
};
