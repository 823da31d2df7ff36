/* Memory: mapped, copied, shared, taken away while others use it. */
#include "tests/stress/stress.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGES = 64, RW = PROT_READ | PROT_WRITE };

/* Each page of the window says which number it holds: 0 for zero, -1 for unmapped. */
static void window_check(const char *window, const int *model)
{
	for (int i = 0; i < PAGES; i++) {
		if (model[i] >= 0) {
			CHECK(*(const int *)(window + i * PAGE) == model[i]);
			CHECK(*(const int *)(window + i * PAGE + PAGE - 4) == model[i]);
		}
	}
}

static void window_step(char *window, int *model, int stamp)
{
	int at = (int)random_below(PAGES), count = 1 + (int)random_below((uint32_t)(PAGES - at));
	char *from = window + at * PAGE;
	size_t size = (size_t)count * PAGE;

	switch (random_below(6)) {
	case 0:
		CHECK(munmap(from, size) == 0);
		for (int i = at; i < at + count; i++)
			model[i] = -1;
		break;
	case 1:
		CHECK(mmap(from, size, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == from);
		memset(model + at, 0, (size_t)count * sizeof(*model));
		break;
	case 2:
		for (int i = at; i < at + count; i++) {
			if (model[i] < 0)
				return;
		}
		CHECK(madvise(from, size, MADV_DONTNEED) == 0);
		memset(model + at, 0, (size_t)count * sizeof(*model));
		break;
	case 3:
		for (int i = at; i < at + count; i++) {
			if (model[i] < 0)
				return;
		}
		CHECK(mprotect(from, size, PROT_READ) == 0 && mprotect(from, size, RW) == 0);
		break;
	default:
		for (int i = at; i < at + count; i++) {
			if (model[i] < 0)
				continue;
			*(int *)(window + i * PAGE) = stamp;
			*(int *)(window + i * PAGE + PAGE - 4) = stamp;
			model[i] = stamp;
		}
	}
}

CASE(memory_model)
{
	char *window = mmap(NULL, PAGES * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int model[PAGES] = { 0 };
	pid_t pid;

	CHECK(window != MAP_FAILED);
	for (int i = 1; i < 40; i++)
		window_step(window, model, i);
	pid = child();
	for (int i = 1000 * (pid == 0) + 100; i % 1000 < 140; i++)
		window_step(window, model, i);
	window_check(window, model);
	if (pid == 0)
		_exit(0);
	CHECK(child_status(pid) == 0);
	window_check(window, model);
	CHECK(munmap(window, PAGES * PAGE) == 0);
}

static char *contested;
static _Thread_local sigjmp_buf rescue;
static atomic_bool over;

static void on_fault(int number)
{
	siglongjmp(rescue, number);
}

static void *touch(void *seeded)
{
	volatile uint64_t seed = (uint64_t)(intptr_t)seeded + 1;
	atomic_long faults = 0;

	while (!over) {
		uint64_t next = seed;
		volatile char *at = contested + random_from(&next, PAGES) * PAGE;

		seed = next;
		if (sigsetjmp(rescue, 1)) {
			faults++;
			continue;
		}
		*at = 1;
		CHECK(*at <= 1);
	}
	return NULL;
}

/* One maps, unmaps and protects what others touch: they fault or they do not. */
CASE(memory_taken_away)
{
	enum { THREADS = 3 };
	struct sigaction action = { .sa_handler = on_fault };
	pthread_t threads[THREADS];

	CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
	contested = mmap(NULL, PAGES * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(contested != MAP_FAILED);
	over = false;
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, touch,
				     (void *)(intptr_t)random_below(1 << 30)) == 0);
	for (int i = 0; i < 30; i++) {
		char *at = contested + random_below(PAGES / 2) * PAGE;
		size_t size = (1 + random_below(PAGES / 2)) * (size_t)PAGE;

		switch (random_below(4)) {
		case 0:
			CHECK(mprotect(at, size, PROT_READ) == 0 || errno == ENOMEM);
			break;
		case 1:
			CHECK(munmap(at, size) == 0);
			break;
		case 2:
			CHECK(madvise(at, size, MADV_DONTNEED) == 0 || errno == ENOMEM);
			break;
		}
		CHECK(mmap(at, size, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at);
	}
	over = true;
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	CHECK(munmap(contested, PAGES * PAGE) == 0);
	CHECK(signal(SIGSEGV, SIG_DFL) != SIG_ERR);
}

/* A file's pages, seen by read, write and two mappings in two processes. */
CASE(memory_of_a_file)
{
	int fd = open("mapped", O_RDWR | O_CREAT | O_EXCL, 0600), word;
	atomic_int *map;
	pid_t pid;

	CHECK(fd >= 0 && ftruncate(fd, 4 * PAGE) == 0);
	map = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	CHECK(map != MAP_FAILED);
	pid = child();
	for (int i = 0; i < 500; i++)
		atomic_fetch_add(&map[i % 4 * (PAGE / 4)], 1);
	if (pid == 0)
		_exit(0);
	CHECK(child_status(pid) == 0);
	for (int i = 0; i < 4; i++) {
		CHECK(pread(fd, &word, 4, i * PAGE) == 4 && word == 250);
		word = -i;
		CHECK(pwrite(fd, &word, 4, i * PAGE) == 4 && map[i * (PAGE / 4)] == -i);
	}
	CHECK(ftruncate(fd, PAGE) == 0 && ftruncate(fd, 4 * PAGE) == 0);
	CHECK(map[3 * (PAGE / 4)] == 0);
	CHECK(munmap(map, 4 * PAGE) == 0 && close(fd) == 0 && unlink("mapped") == 0);
}

/* Copies of copies, all written at once. */
CASE(memory_copies)
{
	enum { WORDS = PAGES * PAGE / 8 };
	long *words = mmap(NULL, PAGES * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pids[3];

	CHECK((void *)words != MAP_FAILED);
	for (int i = 0; i < WORDS; i++)
		words[i] = i;
	for (int k = 0; k < 3; k++) {
		pids[k] = child();
		if (pids[k])
			continue;
		for (int i = 0; i < WORDS; i += 64)
			words[i] += k;
		for (int i = 0; i < WORDS; i += 64)
			CHECK(words[i] == i + k);
		_exit(0);
	}
	for (int i = 0; i < WORDS; i += 64)
		words[i] = -i;
	for (int k = 0; k < 3; k++)
		CHECK(child_status(pids[k]) == 0);
	for (int i = 0; i < WORDS; i += 64)
		CHECK(words[i] == -i && words[i + 1] == i + 1);
	words = mremap(words, PAGES * PAGE, 2 * PAGES * PAGE, MREMAP_MAYMOVE);
	CHECK((void *)words != MAP_FAILED && words[65] == 65 && words[2 * WORDS - 1] == 0);
	CHECK(munmap(words, 2 * PAGES * PAGE) == 0);
}
