/* Memory runs out.  For a guest with little of it: tests/trace/memory_pressure_test.sh.
 * On Linux, and where there is much, the cases that use up all do nothing. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, LITTLE_MB = 200, MB = 1 << 20 };

static long memory_mb(void)
{
	return sysconf(_SC_PHYS_PAGES) / (MB / PAGE);
}

/* This is our kernel, and it has little. */
static bool little(void)
{
	return access("/proc/ringscope", R_OK) == 0 && memory_mb() < LITTLE_MB;
}

static void adjust(const char *value)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	CHECK(fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value));
	close(fd);
}

static char *take(size_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(memory != MAP_FAILED);
	for (size_t at = 0; at < bytes; at += PAGE)
		memory[at] = 1;
	return memory;
}

/* Take memory until the end of it, or of us. */
static void take_all(void)
{
	for (;;)
		take(MB);
}

CASE(pressure_hog_is_ended)
{
	pid_t small, hog;
	int ends[2];
	char byte = 'x';

	if (!little())
		return;
	CHECK(pipe(ends) == 0);
	small = child();
	if (small == 0) {
		char *memory = take(2 * MB);

		CHECK(read(ends[0], &byte, 1) == 1);
		_exit(memory[MB] == 1 ? 7 : 1);
	}
	hog = child();
	if (hog == 0)
		take_all();
	DIES(hog, SIGKILL);
	CHECK(write(ends[1], &byte, 1) == 1);
	EXITS(small, 7);
}

CASE(pressure_adjusted_goes_first)
{
	pid_t chosen, hog;

	if (!little())
		return;
	chosen = child();
	if (chosen == 0) {
		adjust("1000");
		take(4 * MB);
		for (;;)
			pause();
	}
	sleep_ms(50);
	hog = child();
	if (hog == 0)
		take_all();
	DIES(chosen, SIGKILL); /* for ever asleep, if the hog had gone before it */
	DIES(hog, SIGKILL);
}

/* Several at once, with threads of the kernel in the middle of calls. */
CASE(pressure_many_hogs)
{
	if (!little())
		return;
	for (int i = 0; i < 6; i++) {
		if (child())
			continue;
		int fd = open("/dev/zero", O_RDONLY);

		for (;;) {
			char *memory = mmap(NULL, MB, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

			if (memory == MAP_FAILED || read(fd, memory, MB) < 0)
				_exit(1);
		}
	}
	for (int i = 0; i < 6; i++) {
		int status;

		CHECK(wait(&status) > 0);
		CHECK(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 1);
	}
}

/* Shared memory is given back when its last user is ended. */
CASE(pressure_shared)
{
	pid_t hog;

	if (!little())
		return;
	hog = child();
	if (hog == 0) {
		for (;;) {
			char *memory = mmap(NULL, MB, PROT_READ | PROT_WRITE,
					    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

			CHECK(memory != MAP_FAILED);
			memset(memory, 1, MB);
		}
	}
	DIES(hog, SIGKILL);
}

/* A file system in memory has a limit; calls get ENOSPC, mappings SIGBUS. */
CASE(pressure_tmpfs_full)
{
	static char bytes[1 << 16];
	int fd = open("big", O_RDWR | O_CREAT, 0600);
	ssize_t n;

	if (!little())
		return;
	while ((n = write(fd, bytes, sizeof(bytes))) > 0)
		;
	CHECK(n < 0 && errno == ENOSPC);
	CHECK(ftruncate(fd, 0) == 0);
	CHECK(write(fd, bytes, sizeof(bytes)) == sizeof(bytes));
}

/* Processes until there are no more, each waiting for the end. */
CASE(pressure_processes)
{
	int ends[2], made = 0;
	char byte;

	if (!little())
		return;
	CHECK(pipe(ends) == 0);
	for (; made < 3000; made++) {
		pid_t pid = fork();

		if (pid < 0)
			break;
		if (pid == 0) {
			close(ends[1]);
			_exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
		}
	}
	close(ends[1]);
	while (wait(NULL) > 0)
		;
}

CASE(oom_score_files)
{
	char text[32];

	file_get("/proc/self/oom_score_adj", text, sizeof(text));
	CHECK(text[0] == '0');
	adjust("500");
	file_get("/proc/self/oom_score_adj", text, sizeof(text));
	CHECK(strcmp(text, "500\n") == 0);
	file_get("/proc/self/oom_score", text, sizeof(text));
	CHECK(atoi(text) >= 500);
}
