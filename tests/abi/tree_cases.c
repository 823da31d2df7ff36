/* Names: making, linking, renaming and removing them. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

CASE(mkdir_and_rmdir)
{
	GIVES(mkdir("dir", 0755), 0);
	FAILS(mkdir("dir", 0755), EEXIST);
	FAILS(mkdir("absent/dir", 0755), ENOENT);
	GIVES(mkdir("dir/below/", 0755), 0);
	FAILS(rmdir("dir"), ENOTEMPTY);
	GIVES(rmdir("dir/below"), 0);
	FAILS(rmdir("dir/."), EINVAL);
	GIVES(rmdir("dir/"), 0);
	FAILS(rmdir("dir"), ENOENT);
	file_put("file", "");
	FAILS(mkdir("file", 0755), EEXIST);
	FAILS(mkdir("file/dir", 0755), ENOTDIR);
	FAILS(rmdir("file"), ENOTDIR);
	FAILS(mkdir("/", 0755), EEXIST);
}

CASE(rmdir_parent)
{
	CHECK(mkdir("dir", 0755) == 0 && mkdir("dir/below", 0755) == 0);
	FAILS(rmdir("dir/below/.."), ENOTEMPTY);
}

CASE(unlink_names)
{
	file_put("file", "");
	CHECK(mkdir("dir", 0755) == 0);
	FAILS(unlink("dir"), EISDIR);
	FAILS(unlink("absent"), ENOENT);
	FAILS(unlink("file/"), ENOTDIR);
	GIVES(unlink("file"), 0);
	FAILS(unlink("file"), ENOENT);
	CHECK(symlink("nowhere", "link") == 0);
	GIVES(unlink("link"), 0);
}

CASE(unlink_open_file)
{
	char text[8] = "";
	struct stat st;
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	GIVES(write(fd, "alive", 5), 5);
	GIVES(unlink("file"), 0);
	FAILS(open("file", O_RDONLY), ENOENT);
	GIVES(fstat(fd, &st), 0);
	GIVES(st.st_nlink, 0);
	GIVES(pread(fd, text, 8, 0), 5);
	CHECK(strcmp(text, "alive") == 0);
	file_put("file", "another");
	GIVES(pread(fd, text, 8, 0), 5);
}

CASE(link_names)
{
	struct stat one, two;

	file_put("one", "text");
	CHECK(mkdir("dir", 0755) == 0);
	GIVES(link("one", "dir/two"), 0);
	CHECK(stat("one", &one) == 0 && stat("dir/two", &two) == 0);
	GIVES(one.st_nlink, 2);
	CHECK(one.st_ino == two.st_ino);
	FAILS(link("one", "dir/two"), EEXIST);
	FAILS(link("dir", "other"), EPERM);
	FAILS(link("absent", "other"), ENOENT);
	GIVES(unlink("one"), 0);
	CHECK(stat("dir/two", &two) == 0);
	GIVES(two.st_nlink, 1);
	GIVES(two.st_size, 4);
}

CASE(link_to_symlink)
{
	struct stat st;

	CHECK(symlink("nowhere", "link") == 0);
	GIVES(link("link", "copy"), 0);
	CHECK(lstat("copy", &st) == 0);
	GIVES(S_ISLNK(st.st_mode), 1);
	GIVES(st.st_nlink, 2);
}

CASE(rename_file)
{
	char text[8];
	struct stat st;
	int fd;

	file_put("a", "from a");
	file_put("b", "from b");
	CHECK((fd = open("b", O_RDONLY)) >= 0);
	GIVES(rename("a", "b"), 0);
	FAILS(stat("a", &st), ENOENT);
	file_get("b", text, sizeof(text));
	CHECK(strcmp(text, "from a") == 0);
	CHECK(fstat(fd, &st) == 0);
	GIVES(st.st_nlink, 0);
	FAILS(rename("a", "c"), ENOENT);
	FAILS(rename("b", "absent/c"), ENOENT);
	GIVES(rename("b", "b"), 0);
	GIVES(access("b", F_OK), 0);
}

CASE(rename_same_inode)
{
	file_put("one", "");
	CHECK(link("one", "two") == 0);
	GIVES(rename("one", "two"), 0);
	GIVES(access("one", F_OK), 0);
	GIVES(access("two", F_OK), 0);
}

CASE(rename_directory)
{
	struct stat st;

	CHECK(mkdir("a", 0755) == 0 && mkdir("a/below", 0755) == 0);
	CHECK(mkdir("empty", 0755) == 0 && mkdir("full", 0755) == 0);
	file_put("full/file", "");
	file_put("file", "");
	FAILS(rename("a", "a/below/c"), EINVAL);
	FAILS(rename("a", "full"), ENOTEMPTY);
	FAILS(rename("a", "file"), ENOTDIR);
	FAILS(rename("file", "a"), EISDIR);
	GIVES(rename("a", "empty"), 0);
	GIVES(stat("empty/below", &st), 0);
	FAILS(stat("a", &st), ENOENT);
	GIVES(rename("empty/below", "moved"), 0);
	CHECK(chdir("moved") == 0);
	GIVES(access("../full", F_OK), 0);
}

CASE(symlink_read)
{
	char text[16];

	GIVES(symlink("some/target", "link"), 0);
	FAILS(symlink("other", "link"), EEXIST);
	FAILS(symlink("", "empty"), ENOENT);
	memset(text, '#', sizeof(text));
	GIVES(readlink("link", text, sizeof(text)), 11);
	GIVES(memcmp(text, "some/target#####", 16), 0);
	memset(text, '#', sizeof(text));
	GIVES(readlink("link", text, 4), 4);
	GIVES(memcmp(text, "some####", 8), 0);
	FAILS(syscall(SYS_readlink, "link", text, 0), EINVAL);
	file_put("file", "");
	FAILS(readlink("file", text, 16), EINVAL);
	FAILS(readlink("absent", text, 16), ENOENT);
}

CASE(symlink_loop)
{
	char name[16], target[16];
	struct stat st;

	CHECK(symlink("b", "a") == 0 && symlink("a", "b") == 0);
	FAILS(open("a", O_RDONLY), ELOOP);
	FAILS(stat("a/below", &st), ELOOP);
	GIVES(lstat("a", &st), 0);
	file_put("l0", "");
	for (int i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(target, sizeof(target), "l%d", i - 1);
		CHECK(symlink(target, name) == 0);
	}
	GIVES(stat("l40", &st), 0);
	FAILS(stat("l41", &st), ELOOP);
}

CASE(symlink_inside_path)
{
	char here[PATH_MAX], link_target[PATH_MAX + 8], text[8];

	CHECK(mkdir("dir", 0755) == 0);
	file_put("dir/file", "found");
	CHECK(symlink("dir", "link") == 0);
	CHECK(symlink("../dir/../link/file", "dir/crooked") == 0);
	GIVES(file_get("link/file", text, sizeof(text)), 5);
	GIVES(file_get("link/crooked", text, sizeof(text)), 5);
	GIVES(file_get("link/../dir/file", text, sizeof(text)), 5);
	CHECK(getcwd(here, sizeof(here)));
	snprintf(link_target, sizeof(link_target), "%s/dir", here);
	CHECK(symlink(link_target, "absolute") == 0);
	GIVES(file_get("absolute/file", text, sizeof(text)), 5);
	FAILS(rmdir("link"), ENOTDIR);
}

CASE(chdir_and_getcwd)
{
	char before[PATH_MAX], after[PATH_MAX];

	CHECK(mkdir("dir", 0755) == 0 && mkdir("dir/below", 0755) == 0);
	file_put("file", "");
	CHECK(getcwd(before, sizeof(before)));
	GIVES(chdir("dir/below"), 0);
	CHECK(getcwd(after, sizeof(after)));
	CHECK(strncmp(before, after, strlen(before)) == 0);
	say("below: %s", after + strlen(before));
	GIVES(chdir("../.."), 0);
	CHECK(getcwd(after, sizeof(after)));
	CHECK(strcmp(before, after) == 0);
	FAILS(chdir("absent"), ENOENT);
	FAILS(chdir("file"), ENOTDIR);
	GIVES(chdir("/"), 0);
	GIVES(syscall(SYS_getcwd, after, sizeof(after)), 2);
	CHECK(strcmp(after, "/") == 0);
	GIVES(chdir(".."), 0);
	GIVES(syscall(SYS_getcwd, after, 2), 2);
	FAILS(syscall(SYS_getcwd, after, 1), ERANGE);
}

CASE(getcwd_removed)
{
	char text[PATH_MAX];

	CHECK(mkdir("dir", 0755) == 0 && chdir("dir") == 0);
	GIVES(rmdir("../dir"), 0);
	FAILS(syscall(SYS_getcwd, text, sizeof(text)), ENOENT);
	FAILS(open("new", O_RDWR | O_CREAT, 0644), ENOENT);
	GIVES(chdir(".."), 0);
}

CASE(working_directory_inherited)
{
	pid_t pid;

	CHECK(mkdir("dir", 0755) == 0);
	file_put("dir/file", "");
	CHECK(chdir("dir") == 0);
	pid = child();
	if (pid == 0)
		_exit(access("file", F_OK) == 0 && chdir("/") == 0 ? 5 : 1);
	EXITS(pid, 5);
	GIVES(access("file", F_OK), 0);
}

static int rename_flags(const char *from, const char *to, unsigned flags)
{
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

CASE(rename_whiteout)
{
	enum { NOREPLACE = 1, EXCHANGE = 2, WHITEOUT = 4 };
	struct stat s;

	file_put("a", "text");
	GIVES(rename_flags("a", "b", WHITEOUT), 0);
	GIVES(lstat("b", &s), 0);
	GIVES(S_ISREG(s.st_mode), 1);
	GIVES(lstat("a", &s), 0);
	GIVES(S_ISCHR(s.st_mode), 1);
	GIVES(s.st_rdev, 0);
	GIVES(s.st_nlink, 1);
	file_put("c", "more");
	GIVES(rename_flags("b", "c", WHITEOUT), 0);
	FAILS(rename_flags("c", "a", WHITEOUT | NOREPLACE), EEXIST);
	FAILS(rename_flags("c", "a", WHITEOUT | EXCHANGE), EINVAL);
	GIVES(rename_flags("a", "d", 0), 0);
	GIVES(unlink("b"), 0);
	GIVES(unlink("d"), 0);
	FAILS(lstat("a", &s), ENOENT);
}
