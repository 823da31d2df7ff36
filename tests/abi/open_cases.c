/* Opening: flags, creation, what a path may be. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

CASE(open_missing)
{
	FAILS(open("absent", O_RDONLY), ENOENT);
	FAILS(open("absent/below", O_RDONLY | O_CREAT, 0644), ENOENT);
	FAILS(open("", O_RDONLY), ENOENT);
}

CASE(open_lowest_descriptor)
{
	file_put("file", "");
	GIVES(open("file", O_RDONLY), 3);
	GIVES(open("file", O_RDONLY), 4);
	GIVES(open("file", O_RDONLY), 5);
	GIVES(close(4), 0);
	GIVES(open("file", O_RDONLY), 4);
	GIVES(close(0), 0);
	GIVES(open("file", O_RDONLY), 0);
	GIVES(open("file", O_RDONLY), 6);
}

CASE(open_create_mode)
{
	struct stat st;

	umask(027);
	CHECK(open("a", O_WRONLY | O_CREAT, 0666) >= 0);
	CHECK(open("b", O_WRONLY | O_CREAT, 0777) >= 0);
	CHECK(open("a", O_WRONLY | O_CREAT, 0777) >= 0);
	CHECK(stat("a", &st) == 0);
	GIVES(st.st_mode & 07777, 0640);
	CHECK(stat("b", &st) == 0);
	GIVES(st.st_mode & 07777, 0750);
	GIVES(S_ISREG(st.st_mode), 1);
	GIVES(st.st_size, 0);
	GIVES(st.st_nlink, 1);
}

CASE(open_exclusive)
{
	GIVES(open("new", O_RDWR | O_CREAT | O_EXCL, 0644), 3);
	FAILS(open("new", O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST);
	CHECK(symlink("nowhere", "dangling") == 0);
	FAILS(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST);
	FAILS(open("nowhere", O_RDONLY), ENOENT);
}

CASE(open_directory)
{
	CHECK(mkdir("dir", 0755) == 0);
	file_put("file", "");
	GIVES(open("dir", O_RDONLY), 3);
	GIVES(open("dir", O_RDONLY | O_DIRECTORY), 4);
	FAILS(open("dir", O_WRONLY), EISDIR);
	FAILS(open("dir", O_RDWR), EISDIR);
	FAILS(open("dir", O_RDONLY | O_CREAT, 0644), EISDIR);
	FAILS(open("file", O_RDONLY | O_DIRECTORY), ENOTDIR);
}

CASE(open_trailing_slash)
{
	CHECK(mkdir("dir", 0755) == 0);
	file_put("file", "");
	GIVES(open("dir/", O_RDONLY), 3);
	GIVES(open("dir//.//", O_RDONLY), 4);
	FAILS(open("file/", O_RDONLY), ENOTDIR);
	FAILS(open("new/", O_RDWR | O_CREAT, 0644), EISDIR);
	FAILS(open("file/below", O_RDONLY), ENOTDIR);
	FAILS(open("file/..", O_RDONLY), ENOTDIR);
}

CASE(open_nofollow)
{
	file_put("file", "");
	CHECK(symlink("file", "link") == 0);
	GIVES(open("link", O_RDONLY), 3);
	FAILS(open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
	GIVES(open("file", O_RDONLY | O_NOFOLLOW), 4);
}

CASE(open_append)
{
	char text[32];
	int one, two;

	file_put("log", "start ");
	CHECK((one = open("log", O_WRONLY | O_APPEND)) >= 0);
	CHECK((two = open("log", O_WRONLY | O_APPEND)) >= 0);
	GIVES(write(one, "one ", 4), 4);
	GIVES(write(two, "two ", 4), 4);
	GIVES(lseek(one, 0, SEEK_SET), 0);
	GIVES(write(one, "end", 3), 3);
	GIVES(lseek(one, 0, SEEK_CUR), 17);
	file_get("log", text, sizeof(text));
	say("%s", text);
	CHECK(strcmp(text, "start one two end") == 0);
}

CASE(open_truncate)
{
	struct stat st;

	file_put("file", "some text");
	CHECK(open("file", O_RDONLY) == 3);
	CHECK(stat("file", &st) == 0);
	GIVES(st.st_size, 9);
	CHECK(open("file", O_WRONLY | O_TRUNC) == 4);
	CHECK(stat("file", &st) == 0);
	GIVES(st.st_size, 0);
}

CASE(open_access_mode)
{
	char byte = 'x';

	GIVES(open("file", O_WRONLY | O_CREAT, 0644), 3);
	GIVES(open("file", O_RDONLY), 4);
	GIVES(open("file", O_RDWR), 5);
	FAILS(read(3, &byte, 1), EBADF);
	FAILS(write(4, &byte, 1), EBADF);
	GIVES(write(5, &byte, 1), 1);
	GIVES(read(4, &byte, 1), 1);
}

CASE(open_path_too_long)
{
	static char name[257], path[4200];

	memset(name, 'n', 255);
	FAILS(open(name, O_RDONLY), ENOENT);
	name[255] = 'n';
	FAILS(open(name, O_RDONLY), ENAMETOOLONG);
	memset(path, '/', sizeof(path) - 1);
	FAILS(open(path, O_RDONLY), ENAMETOOLONG);
	path[4095] = '\0';
	GIVES(open(path, O_RDONLY | O_DIRECTORY), 3);
}

CASE(openat_relative)
{
	int dir;

	CHECK(mkdir("dir", 0755) == 0);
	file_put("dir/file", "");
	CHECK((dir = open("dir", O_RDONLY | O_DIRECTORY)) == 3);
	GIVES(openat(dir, "file", O_RDONLY), 4);
	GIVES(openat(dir, "../dir/file", O_RDONLY), 5);
	GIVES(openat(99, "/", O_RDONLY), 6);
	FAILS(openat(99, "file", O_RDONLY), EBADF);
	FAILS(openat(4, "file", O_RDONLY), ENOTDIR);
	FAILS(openat(dir, "absent", O_RDONLY), ENOENT);
	CHECK(chdir("/") == 0);
	GIVES(openat(dir, "file", O_RDONLY), 7);
}

CASE(open_too_many)
{
	struct rlimit limit = { 16, 16 };
	int fd, last = -1;

	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		last = fd;
	GIVES(last, 15);
	FAILS(open("/dev/null", O_RDONLY), EMFILE);
	FAILS(dup(0), EMFILE);
	FAILS(fcntl(0, F_DUPFD, 3), EMFILE);
	GIVES(close(9), 0);
	GIVES(open("/dev/null", O_RDONLY), 9);
}

CASE(open_through_dangling_link)
{
	struct stat st;

	CHECK(symlink("target", "link") == 0);
	FAILS(open("link", O_RDONLY), ENOENT);
	GIVES(open("link", O_WRONLY | O_CREAT, 0644), 3);
	GIVES(stat("target", &st), 0);
	GIVES(S_ISREG(st.st_mode), 1);
}

CASE(access_modes)
{
	file_put("file", "");
	GIVES(access("file", F_OK), 0);
	GIVES(access("file", R_OK | W_OK), 0);
	FAILS(access("file", X_OK), EACCES);
	CHECK(chmod("file", 0755) == 0);
	GIVES(access("file", X_OK), 0);
	FAILS(access("absent", F_OK), ENOENT);
	FAILS(access("file/below", F_OK), ENOTDIR);
	FAILS(access("file", 8), EINVAL);
}

CASE(close_errors)
{
	FAILS(close(99), EBADF);
	FAILS(close(-1), EBADF);
	GIVES(open("/dev/null", O_RDONLY), 3);
	GIVES(close(3), 0);
	FAILS(close(3), EBADF);
}
