/* prctl(PR_SET_MM): a program that says where its parts are.  What one operation each
 * does needs CAP_SYS_RESOURCE, which not every host gives: tests/guest looks at those. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <linux/auxvec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096 };

/* What is so now; of what stat does not say something that will do. */
static struct prctl_mm_map map_now(void)
{
	return (struct prctl_mm_map){
		.start_code = stat_field("/proc/self/stat", 26),
		.end_code = stat_field("/proc/self/stat", 27),
		.start_stack = stat_field("/proc/self/stat", 28),
		.start_data = stat_field("/proc/self/stat", 45),
		.end_data = stat_field("/proc/self/stat", 46),
		.start_brk = stat_field("/proc/self/stat", 47),
		.brk = (unsigned long)syscall(SYS_brk, 0),
		.arg_start = stat_field("/proc/self/stat", 48),
		.arg_end = stat_field("/proc/self/stat", 49),
		.env_start = stat_field("/proc/self/stat", 50),
		.env_end = stat_field("/proc/self/stat", 51),
		.exe_fd = -1u,
	};
}

static int map_set(struct prctl_mm_map map)
{
	return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0);
}

CASE(mm_map_size)
{
	unsigned size = 0;

	GIVES(prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0), 0);
	GIVES(size, sizeof(struct prctl_mm_map));
	FAILS(prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, 8, 0, 0), EFAULT);
	FAILS(prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 1), EINVAL);
}

CASE(mm_map_errors)
{
	struct prctl_mm_map map = map_now(), bad;
	unsigned long *fields = (unsigned long *)&bad;
	int small = 0, large = 0, zero = 0;

	FAILS(prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map) - 8, 0), EINVAL);
	FAILS(prctl(PR_SET_MM, PR_SET_MM_MAP, &map, 0, 0), EINVAL);
	FAILS(prctl(PR_SET_MM, PR_SET_MM_MAP, 8, sizeof(map), 0), EFAULT);
	for (int i = 0; i < 11; i++) {
		bad = map;
		fields[i] = 8;
		small += map_set(bad) == -1 && errno == EINVAL;
		fields[i] = 0x7ffffffff000;
		large += map_set(bad) == -1 && errno == EINVAL;
		fields[i] = 0;
		zero += map_set(bad) == -1 && errno == EINVAL;
	}
	GIVES(small, 11);
	GIVES(large, 11);
	GIVES(zero, 11);
	GIVES(map_set(map), 0);
}

CASE(mm_map_order)
{
	struct prctl_mm_map map = map_now(), bad;

	FAILS((bad = map, bad.end_code = map.start_code, map_set(bad)), EINVAL);
	FAILS((bad = map, bad.start_data = map.end_data + 1, map_set(bad)), EINVAL);
	FAILS((bad = map, bad.brk = map.start_brk - 1, map_set(bad)), EINVAL);
	FAILS((bad = map, bad.arg_end = map.arg_start - 1, map_set(bad)), EINVAL);
	FAILS((bad = map, bad.env_start = map.env_end + 1, map_set(bad)), EINVAL);
	GIVES((bad = map, bad.end_data = map.start_data, map_set(bad)), 0);
	GIVES(stat_field("/proc/self/stat", 45) == stat_field("/proc/self/stat", 46), 1);
}

CASE(mm_map_data_limit)
{
	struct prctl_mm_map map = map_now();
	struct rlimit limit;

	CHECK(getrlimit(RLIMIT_DATA, &limit) == 0);
	limit.rlim_cur = 16 * PAGE;
	CHECK(setrlimit(RLIMIT_DATA, &limit) == 0);
	map.brk = map.start_brk;
	map.end_data = map.start_data + 16 * PAGE;
	GIVES(map_set(map), 0);
	map.end_data++;
	FAILS(map_set(map), EINVAL);
	map.end_data--;
	map.brk++;
	FAILS(map_set(map), EINVAL);
}

CASE(mm_map_shown)
{
	static const char arguments[] = "new\0arguments", environment[] = "A=1\0B=22";
	struct prctl_mm_map map = map_now();
	char *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char text[4096];
	pid_t pid;

	CHECK(memory != MAP_FAILED);
	memcpy(memory, arguments, sizeof(arguments));
	memcpy(memory + 100, environment, sizeof(environment));
	map.start_code = 0x10000000;
	map.end_code = 0x10001000;
	map.start_data = 0x10002000;
	map.end_data = 0x10003000;
	map.arg_start = (uintptr_t)memory;
	map.arg_end = map.arg_start + sizeof(arguments);
	map.env_start = (uintptr_t)memory + 100;
	map.env_end = map.env_start + sizeof(environment);
	GIVES(map_set(map), 0);
	say("code %lx %lx data %lx %lx", stat_field("/proc/self/stat", 26),
	    stat_field("/proc/self/stat", 27), stat_field("/proc/self/stat", 45),
	    stat_field("/proc/self/stat", 46));
	GIVES(stat_field("/proc/self/stat", 48) == map.arg_start &&
		      stat_field("/proc/self/stat", 51) == map.env_end,
	      1);
	GIVES(file_get("/proc/self/cmdline", text, sizeof(text)), sizeof(arguments));
	GIVES(memcmp(text, arguments, sizeof(arguments)), 0);
	GIVES(file_get("/proc/self/environ", text, sizeof(text)), sizeof(environment));
	GIVES(memcmp(text, environment, sizeof(environment)), 0);
	pid = child();
	if (pid == 0)
		_exit(file_get("/proc/self/cmdline", text, sizeof(text)) != sizeof(arguments));
	EXITS(pid, 0);
}

/* Only anonymous memory is looked into. */
CASE(mm_map_of_file)
{
	struct prctl_mm_map map = map_now();
	char text[4096];

	file_put("file", "arguments of a file");
	map.arg_start = map.env_start =
		(uintptr_t)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open("file", O_RDONLY), 0);
	map.arg_end = map.env_end = map.arg_start + 10;
	GIVES(map_set(map), 0);
	GIVES(file_get("/proc/self/cmdline", text, sizeof(text)), 0);
	GIVES(file_get("/proc/self/environ", text, sizeof(text)), 0);
}

CASE(mm_map_break)
{
	struct prctl_mm_map map = map_now();
	char *memory = mmap(NULL, 16 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED && munmap(memory, 16 * PAGE) == 0);
	map.start_brk = map.brk = (uintptr_t)memory;
	GIVES(map_set(map), 0);
	GIVES(syscall(SYS_brk, 0) == (long)memory, 1);
	GIVES(syscall(SYS_brk, memory + PAGE) == (long)(memory + PAGE), 1);
	memory[0] = 'x';
	GIVES(syscall(SYS_brk, memory) == (long)memory, 1);
	GIVES(syscall(SYS_brk, memory - 1) == (long)memory, 1);
}

CASE(mm_map_auxiliary)
{
	static uint64_t words[60] = { AT_PAGESZ, 12345, AT_UID, 77, AT_NULL, 0, AT_GID, 5 };
	struct prctl_mm_map map = map_now();
	char text[4096];
	pid_t pid;

	map.auxv_size = 64;
	FAILS(map_set(map), EINVAL);
	map.auxv = (void *)8;
	FAILS(map_set(map), EFAULT);
	map.auxv = (void *)words;
	map.auxv_size = sizeof(words);
	FAILS(map_set(map), EINVAL);
	map.auxv_size = 64;
	GIVES(map_set(map), 0);
	GIVES(file_get("/proc/self/auxv", text, sizeof(text)), 48);
	GIVES(memcmp(text, words, 48), 0);
	pid = child();
	if (pid == 0)
		_exit(file_get("/proc/self/auxv", text, sizeof(text)) != 48);
	EXITS(pid, 0);
}

/* Put memory of the same contents where the program's file is mapped. */
static void program_unmap(void)
{
	static char maps[32768];
	char *line = maps, program[256];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	CHECK(n > 0 && file_get("/proc/self/maps", maps, sizeof(maps)) > 0);
	program[n] = '\0';
	for (; line; line = strchr(line, '\n')) {
		unsigned long start, end;
		char prot[5], path[256];
		char *copy;

		line += *line == '\n';
		if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %255s", &start, &end, prot, path) != 4 ||
		    strcmp(path, program) != 0)
			continue;
		copy = mmap(NULL, end - start, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
		CHECK(copy != MAP_FAILED);
		memcpy(copy, (void *)start, end - start);
		CHECK(mprotect(copy, end - start,
			       PROT_READ | (prot[1] == 'w' ? PROT_WRITE : 0) |
				       (prot[2] == 'x' ? PROT_EXEC : 0)) == 0);
		CHECK(mremap(copy, end - start, end - start, MREMAP_MAYMOVE | MREMAP_FIXED,
			     (void *)start) == (void *)start);
	}
}

CASE(mm_map_program)
{
	struct prctl_mm_map map = map_now();
	char place[256];
	ssize_t n;

	file_put("plain", "text");
	file_put("program", "text");
	CHECK(chmod("program", 0755) == 0 && mkdir("directory", 0755) == 0);
	FAILS((map.exe_fd = 900, map_set(map)), EBADF);
	FAILS((map.exe_fd = open("directory", O_RDONLY), map_set(map)), EACCES);
	FAILS((map.exe_fd = open("plain", O_RDONLY), map_set(map)), EACCES);
	FAILS((map.exe_fd = open("program", O_RDONLY), map_set(map)), EBUSY);
	program_unmap();
	GIVES(map_set(map), 0);
	n = readlink("/proc/self/exe", place, sizeof(place) - 1);
	CHECK(n > 8);
	place[n] = '\0';
	say("%s", place + n - 8);
	FAILS(open("program", O_WRONLY), ETXTBSY);
	file_put("other", "text");
	CHECK(chmod("other", 0755) == 0);
	GIVES((map.exe_fd = open("other", O_RDONLY), map_set(map)), 0);
	GIVES(open("program", O_WRONLY) >= 0, 1);
	CHECK(open("plain", O_WRONLY) >= 0 && chmod("plain", 0755) == 0);
	FAILS((map.exe_fd = open("plain", O_RDONLY), map_set(map)), EACCES);
}
