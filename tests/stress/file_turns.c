/* Files: names that come and go, contents, locks, and what /proc shows meanwhile. */
#include "tests/stress/stress.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* One of the few names over which all workers fight. */
static const char *any_name(char *to, size_t size)
{
	snprintf(to, size, "%s/%c%s", shared_folder(), 'a' + (int)random_below(4),
		 random_below(4) ? "" : "/x");
	return to;
}

static bool name_error_is_fair(int error)
{
	return error == ENOENT || error == EEXIST || error == ENOTDIR || error == EISDIR ||
	       error == ENOTEMPTY || error == EINVAL || error == EPERM || error == EBUSY;
}

static int name_step(void)
{
	char one[128], two[128];
	int fd;

	any_name(one, sizeof(one));
	any_name(two, sizeof(two));
	switch (random_below(8)) {
	case 0:
	case 1:
		fd = open(one, O_RDWR | O_CREAT, 0644);
		return fd < 0 ? fd : close(fd);
	case 2:
		return rename(one, two);
	case 3:
		return link(one, two);
	case 4:
		return unlink(one);
	case 5:
		return mkdir(one, 0755);
	case 6:
		return rmdir(one);
	default:
		return symlink("x", two);
	}
}

CASE(file_names)
{
	char path[128];

	for (int i = 0; i < 200; i++)
		CHECK(name_step() == 0 || name_error_is_fair(errno) || errno == ELOOP);
	/* A directory moved into another is one deeper; through a link, x is made here. */
	for (const char *name = "abcdx"; *name; name++) {
		snprintf(path, sizeof(path), "%s/%c/x/x/x/x", shared_folder(), *name);
		for (int depth = 0; depth < 5; depth++) {
			(void)(unlink(path) && rmdir(path));
			path[strlen(path) - 2] = '\0';
		}
	}
}

/* A file against its copy in memory. */
CASE(file_contents)
{
	enum { SIZE = 40000 };
	static unsigned char model[SIZE], block[SIZE];
	int fd = open("contents", O_RDWR | O_CREAT | O_EXCL, 0600);
	uint32_t length = 0;
	struct stat st;

	CHECK(fd >= 0);
	memset(model, 0, SIZE);
	for (int i = 0; i < 60; i++) {
		uint32_t at = random_below(SIZE), size = random_below(SIZE - at);

		switch (random_below(4)) {
		case 0:
			CHECK(ftruncate(fd, at) == 0);
			memset(model + at, 0, SIZE - at);
			length = at;
			break;
		case 1:
			CHECK(pread(fd, block, SIZE, 0) == length);
			CHECK(memcmp(model, block, length) == 0);
			break;
		default:
			memset(model + at, i + 1, size);
			CHECK(pwrite(fd, model + at, size, at) == size);
			if (size && at + size > length)
				length = at + size;
		}
		CHECK(fstat(fd, &st) == 0 && st.st_size == length);
	}
	CHECK(unlink("contents") == 0);
	CHECK(pread(fd, block, SIZE, 0) == length && memcmp(model, block, length) == 0);
	CHECK(close(fd) == 0);
}

/* O_APPEND and locks: no record is torn, no count is lost. */
CASE(file_shared_by_locks)
{
	enum { PROCESSES = 4, TIMES = 25 };
	int kind = (int)random_below(2), fd, number = 0;
	pid_t pids[PROCESSES];
	struct stat st;

	file_put("log", "");
	fd = open("count", O_RDWR | O_CREAT | O_EXCL, 0600);
	CHECK(write(fd, &number, 4) == 4);
	for (int p = 0; p < PROCESSES; p++) {
		pids[p] = child();
		if (pids[p])
			continue;
		fd = open("count", O_RDWR);
		int log = open("log", O_WRONLY | O_APPEND);
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

		for (int i = 0; i < TIMES; i++) {
			lock.l_type = F_WRLCK;
			CHECK((kind ? flock(fd, LOCK_EX) : fcntl(fd, F_SETLKW, &lock)) == 0);
			CHECK(pread(fd, &number, 4, 0) == 4);
			number++;
			CHECK(pwrite(fd, &number, 4, 0) == 4);
			lock.l_type = F_UNLCK;
			if (i < TIMES - 1) /* the last goes with the process */
				CHECK((kind ? flock(fd, LOCK_UN) : fcntl(fd, F_SETLK, &lock)) == 0);
			CHECK(write(log, "0123456789", 10) == 10);
		}
		_exit(0);
	}
	for (int p = 0; p < PROCESSES; p++)
		CHECK(child_status(pids[p]) == 0);
	CHECK(pread(fd, &number, 4, 0) == 4 && number == PROCESSES * TIMES);
	CHECK(stat("log", &st) == 0 && st.st_size == PROCESSES * TIMES * 10);
	CHECK(close(fd) == 0 && unlink("count") == 0 && unlink("log") == 0);
}

/* Who lists a directory sees each name that stays exactly once. */
CASE(file_listing)
{
	enum { STAY = 30 };
	char name[32];
	pid_t pid;

	CHECK(mkdir("listed", 0755) == 0);
	for (int i = 0; i < STAY; i++) {
		snprintf(name, sizeof(name), "listed/stay%d", i);
		file_put(name, "");
	}
	pid = child();
	for (int i = 0; pid == 0 && i < 60; i++) {
		snprintf(name, sizeof(name), "listed/goes%d", i);
		file_put(name, "");
		if (i >= 5) {
			snprintf(name, sizeof(name), "listed/goes%d", i - 5);
			CHECK(unlink(name) == 0);
		}
	}
	if (pid == 0)
		_exit(0);
	for (int round = 0; round < 10; round++) {
		DIR *folder = opendir("listed");
		struct dirent *entry;
		int seen = 0;

		CHECK(folder);
		while ((entry = readdir(folder)))
			seen += strncmp(entry->d_name, "stay", 4) == 0;
		CHECK(seen == STAY);
		CHECK(closedir(folder) == 0);
	}
	CHECK(child_status(pid) == 0);
	for (int i = 55; i < 60; i++) {
		snprintf(name, sizeof(name), "listed/goes%d", i);
		CHECK(unlink(name) == 0);
	}
	for (int i = 0; i < STAY; i++) {
		snprintf(name, sizeof(name), "listed/stay%d", i);
		CHECK(unlink(name) == 0);
	}
	CHECK(rmdir("listed") == 0);
}

/* Processes end while their files in /proc are read. */
CASE(file_proc)
{
	static const char *const files[] = { "stat",  "status",  "maps", "cmdline",
					     "statm", "environ", "comm" };
	struct dirent *entry;
	DIR *folder = opendir("/proc");
	static char text[65536];
	char path[300];
	int found = 0;

	CHECK(folder);
	while ((entry = readdir(folder))) {
		if (atoi(entry->d_name) <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%s/%s", entry->d_name,
			 files[random_below(sizeof(files) / sizeof(files[0]))]);
		file_get(path, text, sizeof(text));
		snprintf(path, sizeof(path), "/proc/%s/fd/%u", entry->d_name, random_below(4));
		(void)!readlink(path, text, sizeof(text));
		found++;
	}
	CHECK(found > 1);
	CHECK(closedir(folder) == 0);
}
