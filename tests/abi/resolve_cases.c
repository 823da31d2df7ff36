/* openat2, files without a name, and what is near to them. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Open, and close again: 0 or -1. */
static long open_how(int dir, const char *name, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .mode = mode, .resolve = resolve };
	long fd = syscall(SYS_openat2, dir, name, &how, sizeof(how));

	if (fd >= 0)
		close((int)fd);
	return fd < 0 ? -1 : 0;
}

static int tree(void)
{
	CHECK(mkdir("base", 0755) == 0 && mkdir("base/in", 0755) == 0);
	file_put("base/file", "inside");
	file_put("outside", "outside");
	CHECK(symlink("file", "base/good") == 0 && symlink("../outside", "base/up") == 0);
	CHECK(symlink("/file", "base/absolute") == 0 &&
	      symlink("in/../../base/file", "base/far") == 0);
	return open("base", O_PATH | O_DIRECTORY);
}

CASE(openat2_beneath)
{
	int base = tree();

	GIVES(open_how(base, "file", O_RDONLY, 0, RESOLVE_BENEATH), 0);
	GIVES(open_how(base, "good", O_RDONLY, 0, RESOLVE_BENEATH), 0);
	GIVES(open_how(base, "in/../file", O_RDONLY, 0, RESOLVE_BENEATH), 0);
	FAILS(open_how(base, "../outside", O_RDONLY, 0, RESOLVE_BENEATH), EXDEV);
	FAILS(open_how(base, "..", O_PATH, 0, RESOLVE_BENEATH), EXDEV);
	FAILS(open_how(base, "up", O_RDONLY, 0, RESOLVE_BENEATH), EXDEV);
	FAILS(open_how(base, "far", O_RDONLY, 0, RESOLVE_BENEATH), EXDEV);
	FAILS(open_how(base, "absolute", O_RDONLY, 0, RESOLVE_BENEATH), EXDEV);
	FAILS(open_how(base, "/etc", O_PATH, 0, RESOLVE_BENEATH), EXDEV);
	FAILS(open_how(base, "absent", O_RDONLY, 0, RESOLVE_BENEATH), ENOENT);
	FAILS(open_how(AT_FDCWD, "/proc/self/root", O_PATH, 0, RESOLVE_BENEATH), EXDEV);
}

CASE(openat2_in_root)
{
	int base = tree();

	GIVES(open_how(base, "/file", O_RDONLY, 0, RESOLVE_IN_ROOT), 0);
	GIVES(open_how(base, "absolute", O_RDONLY, 0, RESOLVE_IN_ROOT), 0);
	GIVES(open_how(base, "../../file", O_RDONLY, 0, RESOLVE_IN_ROOT), 0);
	FAILS(open_how(base, "up", O_RDONLY, 0, RESOLVE_IN_ROOT), ENOENT);
	FAILS(open_how(base, "/base/file", O_RDONLY, 0, RESOLVE_IN_ROOT), ENOENT);
	GIVES(open_how(base, "/new", O_RDWR | O_CREAT | O_EXCL, 0600, RESOLVE_IN_ROOT), 0);
	GIVES(access("base/new", F_OK), 0);
}

CASE(openat2_links)
{
	int base = tree();

	FAILS(open_how(base, "good", O_RDONLY, 0, RESOLVE_NO_SYMLINKS), ELOOP);
	GIVES(open_how(base, "good", O_PATH | O_NOFOLLOW, 0, RESOLVE_NO_SYMLINKS), 0);
	GIVES(open_how(base, "good", O_RDONLY, 0, RESOLVE_NO_MAGICLINKS), 0);
	FAILS(open_how(AT_FDCWD, "/proc/self/exe", O_RDONLY, 0, RESOLVE_NO_MAGICLINKS), ELOOP);
	FAILS(open_how(AT_FDCWD, "/proc/self/cwd/base", O_PATH, 0, RESOLVE_NO_MAGICLINKS), ELOOP);
	FAILS(open_how(AT_FDCWD, "/proc/self", O_PATH, 0, RESOLVE_NO_SYMLINKS), ELOOP);
	FAILS(open_how(AT_FDCWD, "/proc/self", O_PATH, 0, RESOLVE_NO_XDEV), EXDEV);
	GIVES(open_how(base, "in/../good", O_RDONLY, 0, RESOLVE_NO_XDEV), 0);
}

CASE(openat2_refuses)
{
	struct open_how how[2] = { { .flags = O_PATH } };

	FAILS(open_how(AT_FDCWD, ".", O_PATH | O_RDWR, 0, 0), EINVAL);
	FAILS(open_how(AT_FDCWD, ".", 1ull << 40, 0, 0), EINVAL);
	FAILS(open_how(AT_FDCWD, ".", O_RDONLY, 0600, 0), EINVAL);
	FAILS(open_how(AT_FDCWD, "x", O_RDWR | O_CREAT, 010600, 0), EINVAL);
	FAILS(open_how(AT_FDCWD, ".", O_RDONLY, 0, 0x1000), EINVAL);
	FAILS(open_how(AT_FDCWD, ".", O_RDONLY, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT), EINVAL);
	FAILS(open_how(AT_FDCWD, "x", O_RDWR | O_CREAT, 0600, RESOLVE_CACHED), EAGAIN);
	FAILS(syscall(SYS_openat2, AT_FDCWD, ".", how, 16), EINVAL);
	FAILS(syscall(SYS_openat2, AT_FDCWD, ".", how, 8192), E2BIG);
	FAILS(syscall(SYS_openat2, AT_FDCWD, ".", NULL, sizeof(how[0])), EFAULT);
	CHECK(syscall(SYS_openat2, AT_FDCWD, ".", how, sizeof(how)) > 0);
	how[1].flags = 1;
	FAILS(syscall(SYS_openat2, AT_FDCWD, ".", how, sizeof(how)), E2BIG);
}

CASE(tmpfile_gets_a_name)
{
	char text[64], link[64];
	struct stat st;
	int fd = open(".", O_TMPFILE | O_RDWR, 0640);

	CHECK(fd >= 0);
	GIVES(write(fd, "content", 7), 7);
	CHECK(fstat(fd, &st) == 0);
	GIVES(st.st_nlink, 0);
	GIVES(st.st_mode & 07777, 0640);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	GIVES(linkat(AT_FDCWD, link, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), 0);
	FAILS(linkat(AT_FDCWD, link, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), EEXIST);
	GIVES(file_get("named", text, sizeof(text)), 7);
	CHECK(fstat(fd, &st) == 0);
	GIVES(st.st_nlink, 1);
	GIVES(unlink("named"), 0);
}

CASE(tmpfile_excluded)
{
	char link[64];
	int fd = open(".", O_TMPFILE | O_WRONLY | O_EXCL, 0600);

	CHECK(fd >= 0);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	FAILS(linkat(AT_FDCWD, link, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), ENOENT);
	FAILS(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL);
	file_put("file", "");
	FAILS(open("file", O_TMPFILE | O_RDWR, 0600), ENOTDIR);
	FAILS(open("absent", O_TMPFILE | O_RDWR, 0600), ENOENT);
}

CASE(handles_of_names)
{
	struct {
		unsigned bytes;
		int type;
		char rest[128];
	} handle = { 0 };
	int mount;

	FAILS(syscall(SYS_name_to_handle_at, AT_FDCWD, "absent", &handle, &mount, 0), ENOENT);
	FAILS(syscall(SYS_name_to_handle_at, AT_FDCWD, ".", &handle, &mount, 0x10000), EINVAL);
	FAILS(syscall(SYS_name_to_handle_at, AT_FDCWD, "/proc/self/stat", &handle, &mount, 0),
	      EOPNOTSUPP);
}
