/* Extended attributes. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

CASE(xattr_set_get_remove)
{
	char value[64];

	file_put("file", "text");
	GIVES(setxattr("file", "user.a", "hello", 5, 0), 0);
	GIVES(getxattr("file", "user.a", NULL, 0), 5);
	GIVES(getxattr("file", "user.a", value, sizeof(value)), 5);
	CHECK(memcmp(value, "hello", 5) == 0);
	FAILS(getxattr("file", "user.a", value, 4), ERANGE);
	FAILS(getxattr("file", "user.b", value, sizeof(value)), ENODATA);
	GIVES(setxattr("file", "user.a", "other words", 11, XATTR_REPLACE), 0);
	FAILS(setxattr("file", "user.a", "x", 1, XATTR_CREATE), EEXIST);
	FAILS(setxattr("file", "user.b", "x", 1, XATTR_REPLACE), ENODATA);
	GIVES(getxattr("file", "user.a", value, sizeof(value)), 11);
	GIVES(setxattr("file", "user.empty", "", 0, XATTR_CREATE), 0);
	GIVES(getxattr("file", "user.empty", value, sizeof(value)), 0);
	GIVES(removexattr("file", "user.a"), 0);
	FAILS(removexattr("file", "user.a"), ENODATA);
}

CASE(xattr_list)
{
	char names[64];

	file_put("file", "text");
	GIVES(listxattr("file", names, sizeof(names)), 0);
	CHECK(setxattr("file", "user.one", "1", 1, 0) == 0);
	CHECK(setxattr("file", "user.two", "2", 1, 0) == 0);
	GIVES(listxattr("file", NULL, 0), 18);
	GIVES(listxattr("file", names, sizeof(names)), 18);
	CHECK(memmem(names, 18, "user.one", 9) && memmem(names, 18, "user.two", 9));
	FAILS(listxattr("file", names, 10), ERANGE);
}

CASE(xattr_descriptor)
{
	char value[8];
	int fd;

	CHECK((fd = open("file", O_CREAT | O_RDWR, 0600)) == 3);
	GIVES(fsetxattr(fd, "user.x", "abc", 3, 0), 0);
	GIVES(fgetxattr(fd, "user.x", value, sizeof(value)), 3);
	GIVES(flistxattr(fd, NULL, 0), 7);
	GIVES(fremovexattr(fd, "user.x"), 0);
	FAILS(fgetxattr(99, "user.x", value, sizeof(value)), EBADF);
	FAILS(fsetxattr(99, "user.x", value, 1, 0), EBADF);
	FAILS(flistxattr(99, value, 1), EBADF);
	FAILS(fremovexattr(99, "user.x"), EBADF);
}

CASE(xattr_kinds)
{
	char value[8];

	CHECK(mkdir("dir", 0700) == 0 && symlink("nowhere", "link") == 0);
	GIVES(setxattr("dir", "user.x", "abc", 3, 0), 0);
	GIVES(getxattr("dir", "user.x", value, sizeof(value)), 3);
	FAILS(lsetxattr("link", "user.x", "abc", 3, 0), EPERM);
	FAILS(lgetxattr("link", "user.x", value, sizeof(value)), ENODATA);
	FAILS(lremovexattr("link", "user.x"), EPERM);
	GIVES(llistxattr("link", value, sizeof(value)), 0);
	FAILS(setxattr("link", "user.x", "abc", 3, 0), ENOENT);
	FAILS(getxattr("dir/none", "user.x", value, sizeof(value)), ENOENT);
}

CASE(xattr_bad)
{
	static char big[70000];
	char name[300];

	file_put("file", "text");
	memset(name, 'n', sizeof(name) - 1);
	memcpy(name, "user.", 5);
	name[299] = 0;
	FAILS(setxattr("file", name, "x", 1, 0), ERANGE);
	name[255] = 0;
	GIVES(setxattr("file", name, "x", 1, 0), 0);
	FAILS(setxattr("file", "", "x", 1, 0), ERANGE);
	FAILS(setxattr("file", "user.x", big, sizeof(big), 0), E2BIG);
	FAILS(setxattr("file", "user.x", "x", 1, 8), EINVAL);
	FAILS(setxattr("file", "plain", "x", 1, 0), EOPNOTSUPP);
	FAILS(getxattr("file", "plain", big, 1), EOPNOTSUPP);
	FAILS(setxattr("file", (char *)8, "x", 1, 0), EFAULT);
	FAILS(setxattr("file", "user.x", (void *)8, 1, 0), EFAULT);
}

CASE(xattr_other_user)
{
	char value[8];
	pid_t pid;
	int fd;

	file_put("file", "text");
	CHECK(chmod("file", 0644) == 0);
	CHECK((fd = open("file", O_RDONLY)) == 3);
	CHECK(setxattr("file", "user.x", "abc", 3, 0) == 0);
	CHECK(setxattr("file", "trusted.x", "abc", 3, 0) == 0);
	GIVES(listxattr("file", NULL, 0), 17);
	pid = child();
	if (pid == 0) {
		CHECK(setuid(1000) == 0);
		GIVES(fgetxattr(fd, "user.x", value, sizeof(value)), 3);
		FAILS(fsetxattr(fd, "user.x", "abc", 3, 0), EACCES);
		FAILS(fgetxattr(fd, "trusted.x", value, sizeof(value)), ENODATA);
		FAILS(fsetxattr(fd, "trusted.x", "abc", 3, 0), EPERM);
		GIVES(flistxattr(fd, NULL, 0), 7);
		_exit(0);
	}
	EXITS(pid, 0);
}

CASE(xattr_proc)
{
	char value[8];

	FAILS(setxattr("/proc/self/status", "user.x", "a", 1, 0), EOPNOTSUPP);
	FAILS(getxattr("/proc/self/status", "user.x", value, 1), EOPNOTSUPP);
	GIVES(listxattr("/proc/self/status", value, sizeof(value)), 0);
}
