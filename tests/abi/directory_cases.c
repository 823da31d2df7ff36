/* Reading directories with getdents64. */
#include "tests/abi/case.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As the kernel lays it out; musl's struct dirent is the same. */
struct entry {
	uint64_t inode;
	int64_t next;
	uint16_t length;
	uint8_t kind;
	char name[];
};

static long entries_read(int fd, void *buffer, size_t size)
{
	return syscall(SYS_getdents64, fd, buffer, size);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

CASE(getdents_kinds)
{
	static char buffer[4096] __attribute__((aligned(8)));
	char *lines[16];
	long size, at, count = 0;
	struct entry *entry;
	int fd;

	file_put("file", "");
	CHECK(mkdir("dir", 0755) == 0 && symlink("x", "link") == 0 && mkfifo("fifo", 0600) == 0);
	CHECK((fd = open(".", O_RDONLY | O_DIRECTORY)) >= 0);
	CHECK((size = entries_read(fd, buffer, sizeof(buffer))) > 0);
	for (at = 0; at < size; at += entry->length) {
		entry = (struct entry *)(buffer + at);
		CHECK(entry->length % 8 == 0 && entry->inode != 0 && count < 16);
		CHECK(asprintf(&lines[count++], "%s kind %d", entry->name, entry->kind) > 0);
	}
	qsort(lines, count, sizeof(*lines), by_name);
	for (int i = 0; i < count; i++)
		say("%s", lines[i]);
	GIVES(count, 6);
	GIVES(entries_read(fd, buffer, sizeof(buffer)), 0);
	GIVES(lseek(fd, 0, SEEK_SET), 0);
	CHECK(entries_read(fd, buffer, sizeof(buffer)) == size);
}

CASE(getdents_errors)
{
	char buffer[512] __attribute__((aligned(8)));
	int fd;

	file_put("file", "");
	CHECK((fd = open(".", O_RDONLY)) >= 0);
	FAILS(entries_read(99, buffer, sizeof(buffer)), EBADF);
	FAILS(entries_read(open("file", O_RDONLY), buffer, sizeof(buffer)), ENOTDIR);
	FAILS(entries_read(fd, buffer, 8), EINVAL);
	FAILS(entries_read(fd, (void *)8, sizeof(buffer)), EFAULT);
}

CASE(getdents_many)
{
	enum { COUNT = 500 };
	static bool seen[COUNT];
	char buffer[400] __attribute__((aligned(8))), name[32];
	long size, at, number, found = 0, twice = 0;
	struct entry *entry;
	int fd;

	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "entry_number_%d", i);
		file_put(name, "");
	}
	CHECK((fd = open(".", O_RDONLY)) >= 0);
	while ((size = entries_read(fd, buffer, sizeof(buffer))) > 0) {
		for (at = 0; at < size; at += entry->length) {
			entry = (struct entry *)(buffer + at);
			if (entry->name[0] == '.')
				continue;
			number = strtol(strrchr(entry->name, '_') + 1, NULL, 10);
			CHECK(number >= 0 && number < COUNT);
			twice += seen[number];
			found += !seen[number];
			seen[number] = true;
		}
	}
	GIVES(size, 0);
	GIVES(found, COUNT);
	GIVES(twice, 0);
}

CASE(getdents_while_removing)
{
	char buffer[256] __attribute__((aligned(8))), name[16];
	long size, at, removed = 0;
	struct entry *entry;
	int fd;

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		file_put(name, "");
	}
	CHECK((fd = open(".", O_RDONLY)) >= 0);
	while ((size = entries_read(fd, buffer, sizeof(buffer))) > 0) {
		for (at = 0; at < size; at += entry->length) {
			entry = (struct entry *)(buffer + at);
			if (entry->name[0] == 'f')
				removed += unlink(entry->name) == 0;
		}
	}
	GIVES(size, 0);
	GIVES(removed, 100);
}

CASE(getdents_removed_directory)
{
	char buffer[256] __attribute__((aligned(8)));
	int fd;

	CHECK(mkdir("dir", 0755) == 0);
	CHECK((fd = open("dir", O_RDONLY)) >= 0);
	GIVES(rmdir("dir"), 0);
	FAILS(entries_read(fd, buffer, sizeof(buffer)), ENOENT);
}
