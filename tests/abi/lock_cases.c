/* Records of open files; descriptors and places of a process's own. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct flock range(int type, off_t start, off_t length)
{
	return (struct flock){ .l_type = (short)type, .l_start = start, .l_len = length };
}

CASE(open_file_records)
{
	struct flock l = range(F_WRLCK, 0, 10);
	int a, b;

	file_put("file", "0123456789");
	a = open("file", O_RDWR);
	b = open("file", O_RDWR);
	CHECK(a >= 0 && b >= 0);
	GIVES(fcntl(a, F_OFD_SETLK, &l), 0);
	FAILS(fcntl(b, F_OFD_SETLK, &l), EAGAIN);
	FAILS(fcntl(b, F_SETLK, &l), EAGAIN);
	l = range(F_RDLCK, 5, 1);
	GIVES(fcntl(b, F_OFD_GETLK, &l), 0);
	say("%d %ld %ld %d\n", l.l_type == F_WRLCK, (long)l.l_start, (long)l.l_len, (int)l.l_pid);
	l.l_pid = 1;
	FAILS(fcntl(b, F_OFD_GETLK, &l), EINVAL);
	close(open("file", O_RDWR));
	l = range(F_WRLCK, 0, 10);
	FAILS(fcntl(b, F_OFD_SETLK, &l), EAGAIN);
	close(a);
	GIVES(fcntl(b, F_OFD_SETLK, &l), 0);
}

CASE(open_file_record_is_inherited)
{
	struct flock l = range(F_WRLCK, 0, 0);
	int fd = open("file", O_RDWR | O_CREAT, 0600), other = open("file", O_RDWR);
	pid_t pid;

	CHECK(fd >= 0 && other >= 0 && fcntl(fd, F_OFD_SETLK, &l) == 0);
	pid = child();
	if (pid == 0) {
		if (fcntl(fd, F_OFD_SETLK, &l) != 0)
			_exit(1);
		_exit(fcntl(other, F_OFD_SETLK, &l) == 0 || errno != EAGAIN);
	}
	EXITS(pid, 0);
	pid = child();
	if (pid == 0) {
		close(fd);
		_exit(fcntl(other, F_OFD_SETLKW, &l) != 0);
	}
	sleep_ms(50);
	close(fd);
	EXITS(pid, 0);
}

static int closes(void *unused)
{
	(void)unused;
	return syscall(SYS_close_range, 10, ~0u, CLOSE_RANGE_UNSHARE) != 0 ||
	       fcntl(10, F_GETFD) != -1;
}

static int moves(void *unused)
{
	(void)unused;
	return unshare(CLONE_FS | CLONE_FILES) != 0 || chdir("/") != 0 || close(10) != 0;
}

CASE(a_table_of_its_own)
{
	static char stack[2][16384] __attribute__((aligned(16)));

	CHECK(dup2(0, 10) == 10 && mkdir("here", 0700) == 0);
	EXITS(clone(closes, stack[0] + sizeof(stack[0]), CLONE_FILES | SIGCHLD, NULL), 0);
	GIVES(fcntl(10, F_GETFD), 0);
	EXITS(clone(moves, stack[1] + sizeof(stack[1]), CLONE_FILES | CLONE_FS | SIGCHLD, NULL), 0);
	GIVES(fcntl(10, F_GETFD), 0);
	GIVES(access("here", F_OK), 0);
	GIVES(syscall(SYS_close_range, 10, 10, CLOSE_RANGE_CLOEXEC), 0);
	GIVES(fcntl(10, F_GETFD), FD_CLOEXEC);
	FAILS(syscall(SYS_close_range, 11, 10, 0), EINVAL);
	FAILS(syscall(SYS_close_range, 10, 11, 0x100), EINVAL);
}

CASE(unshare_refuses)
{
	GIVES(unshare(0), 0);
	GIVES(unshare(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM), 0);
	FAILS(unshare(0x1), EINVAL);
	FAILS(setns(99, 0), EBADF);
	FAILS(setns(0, 0), EINVAL);
}

CASE(read_ahead)
{
	int ends[2], fd;

	file_put("file", "text");
	fd = open("file", O_RDONLY);
	CHECK(fd >= 0 && pipe(ends) == 0);
	GIVES(readahead(fd, 0, 4096), 0);
	FAILS(readahead(ends[0], 0, 4096), EINVAL);
	FAILS(readahead(99, 0, 4096), EBADF);
	FAILS(readahead(open("file", O_WRONLY), 0, 4096), EBADF);
	FAILS(syncfs(99), EBADF);
}
