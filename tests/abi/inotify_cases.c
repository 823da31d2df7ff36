/* inotify: what is told, of what, in which order. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static const struct {
	uint32_t bit;
	const char *name;
} bits[] = {
	{ IN_ACCESS, "ACCESS" },
	{ IN_MODIFY, "MODIFY" },
	{ IN_ATTRIB, "ATTRIB" },
	{ IN_CLOSE_WRITE, "CLOSE_WRITE" },
	{ IN_CLOSE_NOWRITE, "CLOSE_NO" },
	{ IN_OPEN, "OPEN" },
	{ IN_MOVED_FROM, "FROM" },
	{ IN_MOVED_TO, "TO" },
	{ IN_CREATE, "CREATE" },
	{ IN_DELETE, "DELETE" },
	{ IN_DELETE_SELF, "DELETE_SELF" },
	{ IN_MOVE_SELF, "MOVE_SELF" },
	{ IN_Q_OVERFLOW, "OVERFLOW" },
	{ IN_IGNORED, "IGNORED" },
	{ IN_ISDIR, "ISDIR" },
	{ IN_UNMOUNT, "UNMOUNT" },
};

/* Print and take all events there are; first is the number of the first watch. */
static void events(int fd, int first)
{
	static uint32_t cookie;
	char buffer[8192] __attribute__((aligned(8)));
	ssize_t n = read(fd, buffer, sizeof(buffer));

	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *e = (void *)(buffer + at);
		char text[200] = "";
		size_t used = 0;

		for (size_t k = 0; k < sizeof(bits) / sizeof(bits[0]); k++) {
			if (e->mask & bits[k].bit)
				used += snprintf(text + used, sizeof(text) - used, " %s",
						 bits[k].name);
		}
		say("%d%s%s%s%s", e->wd < 0 ? e->wd : e->wd - first, text, e->len ? " " : "",
		    e->len ? e->name : "",
		    !e->cookie            ? ""
		    : e->cookie == cookie ? " same cookie"
					  : " new cookie");
		cookie = e->cookie;
		at += sizeof(*e) + e->len;
	}
	say("--");
}

static int watched(const char *path, uint32_t mask, int *number)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	CHECK(fd >= 0);
	*number = inotify_add_watch(fd, path, mask);
	CHECK(*number >= 1);
	return fd;
}

CASE(inotify_directory)
{
	int first, in = watched(".", IN_ALL_EVENTS, &first), fd;
	char c;

	file_put("a", "text");
	events(in, first);
	CHECK((fd = open("a", O_RDWR)) >= 0);
	GIVES(read(fd, &c, 1), 1);
	GIVES(write(fd, "x", 1), 1);
	GIVES(write(fd, "y", 1), 1); /* told once */
	events(in, first);
	GIVES(ftruncate(fd, 1), 0);
	GIVES(fchmod(fd, 0600), 0);
	close(fd);
	events(in, first);
	CHECK(mkdir("d", 0755) == 0 && symlink("a", "s") == 0 && link("a", "b") == 0);
	CHECK(mknod("f", S_IFIFO | 0600, 0) == 0);
	events(in, first);
	CHECK(rename("a", "c") == 0 && rename("c", "d/c") == 0 && rename("d/c", "g") == 0);
	events(in, first);
	CHECK(rename("g", "f") == 0);
	events(in, first);
	CHECK(unlink("f") == 0 && unlink("s") == 0 && rmdir("d") == 0);
	events(in, first);
	CHECK(open("new", O_CREAT | O_WRONLY | O_TRUNC, 0600) >= 0);
	events(in, first);
	CHECK(open("new", O_WRONLY | O_TRUNC) >= 0);
	events(in, first);
}

CASE(inotify_itself)
{
	int first, in, fd, on;

	file_put("a", "text");
	in = watched("a", IN_ALL_EVENTS, &first);
	CHECK(chmod("a", 0600) == 0 && rename("a", "b") == 0 && link("b", "c") == 0);
	events(in, first);
	CHECK(unlink("b") == 0);
	events(in, first);
	CHECK((fd = open("c", O_RDONLY)) >= 0);
	CHECK(unlink("c") == 0);
	events(in, first);
	close(fd);
	events(in, first);
	FAILS(inotify_rm_watch(in, first), EINVAL);
	CHECK(mkdir("d", 0755) == 0);
	CHECK((on = inotify_add_watch(in, "d", IN_ALL_EVENTS)) > first);
	file_put("d/x", "");
	events(in, first);
	CHECK(unlink("d/x") == 0 && rmdir("d") == 0);
	events(in, first);
}

/* Both the directory and the file are watched. */
CASE(inotify_both)
{
	int first, in, second;

	file_put("a", "text");
	in = watched(".", IN_ALL_EVENTS, &first);
	CHECK((second = inotify_add_watch(in, "a", IN_ALL_EVENTS)) > first);
	CHECK(chmod("a", 0600) == 0);
	events(in, first);
	CHECK(close(open("a", O_RDONLY)) == 0);
	events(in, first);
	GIVES(inotify_rm_watch(in, first), 0);
	events(in, first);
	CHECK(chmod("a", 0644) == 0);
	events(in, first);
}

CASE(inotify_masks)
{
	int first, in = watched(".", IN_CREATE, &first);

	file_put("a", "x");
	events(in, first);
	GIVES(inotify_add_watch(in, ".", IN_DELETE | IN_MASK_ADD), first);
	file_put("b", "x");
	CHECK(unlink("b") == 0);
	events(in, first);
	CHECK(inotify_add_watch(in, ".", IN_DELETE) == first);
	file_put("b", "x");
	CHECK(unlink("b") == 0);
	events(in, first);
	FAILS(inotify_add_watch(in, ".", IN_DELETE | 0x10000000), EEXIST); /* IN_MASK_CREATE */
	FAILS(inotify_add_watch(in, ".", IN_DELETE | IN_MASK_ADD | 0x10000000), EINVAL);
	CHECK(inotify_add_watch(in, ".", IN_CREATE | IN_ONESHOT) == first);
	file_put("b", "x");
	file_put("c", "x");
	events(in, first);
	FAILS(inotify_add_watch(in, "a", IN_ONLYDIR | IN_OPEN), ENOTDIR);
	FAILS(inotify_add_watch(in, "no", IN_OPEN), ENOENT);
	FAILS(inotify_add_watch(in, "a", 0), EINVAL);
	FAILS(inotify_add_watch(0, "a", IN_OPEN), EINVAL);
	FAILS(inotify_add_watch(99, "a", IN_OPEN), EBADF);
	FAILS(inotify_add_watch(in, (char *)8, IN_OPEN), EFAULT);
	FAILS(inotify_rm_watch(in, 77), EINVAL);
	FAILS(inotify_rm_watch(0, 1), EINVAL);
	FAILS(inotify_rm_watch(99, 1), EBADF);
	FAILS(inotify_init1(1), EINVAL);
	CHECK(symlink("a", "s") == 0);
	CHECK((first = inotify_add_watch(in, "s", IN_ATTRIB | IN_DONT_FOLLOW)) > 0);
	CHECK(chmod("a", 0600) == 0);
	events(in, first);
}

CASE(inotify_excludes_unlinked)
{
	int first, in, fd;

	file_put("a", "text");
	in = watched(".", IN_ALL_EVENTS | IN_EXCL_UNLINK, &first);
	CHECK((fd = open("a", O_RDWR)) >= 0);
	CHECK(unlink("a") == 0);
	events(in, first);
	CHECK(write(fd, "x", 1) == 1);
	close(fd);
	events(in, first);
}

CASE(inotify_reads)
{
	char buffer[300];
	int first, in = watched(".", IN_CREATE, &first), n;
	struct pollfd p = { .fd = in, .events = POLLIN };

	FAILS(read(in, buffer, sizeof(buffer)), EAGAIN);
	GIVES(poll(&p, 1, 0), 0);
	file_put("a", "");
	file_put("seventeen_letters", "");
	GIVES(poll(&p, 1, 0), 1);
	GIVES(ioctl(in, FIONREAD, &n), 0);
	GIVES(n, 80);
	FAILS(read(in, buffer, 16), EINVAL);
	GIVES(read(in, buffer, 70), 32);
	FAILS(read(in, (char *)8, 100), EFAULT);
	FAILS(write(in, buffer, 1), EBADF);
	GIVES(fcntl(in, F_GETFD), FD_CLOEXEC);
}

CASE(inotify_blocks)
{
	char buffer[300];
	int in = inotify_init();
	pid_t pid;

	CHECK(inotify_add_watch(in, ".", IN_CREATE) > 0);
	pid = child();
	if (pid == 0) {
		usleep(20000);
		file_put("a", "");
		_exit(0);
	}
	GIVES(read(in, buffer, sizeof(buffer)), 32);
	EXITS(pid, 0);
}

CASE(inotify_overflow)
{
	static char buffer[400000];
	int first, in = watched(".", IN_ATTRIB, &first);
	long n, last = 0, overflows = 0, count = 0;

	file_put("a", "");
	file_put("b", "");
	for (int k = 0; k < 9000; k++)
		CHECK(chmod("a", 0600) == 0 && chmod("b", 0600) == 0);
	while ((n = read(in, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < n;) {
			const struct inotify_event *e = (void *)(buffer + at);

			count++;
			overflows += e->mask == IN_Q_OVERFLOW && e->wd == -1;
			last = e->mask;
			at += sizeof(*e) + e->len;
		}
	}
	GIVES(overflows, 1);
	GIVES(last, IN_Q_OVERFLOW);
	CHECK(count > 16000 && count < 18000);
}
