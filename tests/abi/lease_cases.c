/* Leases on files and notes on directories: fcntl F_SETLEASE and F_NOTIFY. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/abi/told.h"

/* Until the nth signal has come. */
static void told(int n)
{
	while (told_count < n)
		sleep_ms(2);
}

static int file_make(int flags)
{
	file_put("file", "text");
	return open("file", flags);
}

CASE(lease_kinds)
{
	int fd = file_make(O_RDONLY), other;

	GIVES(fcntl(fd, F_GETLEASE), F_UNLCK);
	FAILS(fcntl(fd, F_SETLEASE, F_UNLCK), EAGAIN);
	FAILS(fcntl(fd, F_SETLEASE, 77), EINVAL);
	GIVES(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	GIVES(fcntl(fd, F_GETLEASE), F_RDLCK);
	GIVES(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
	GIVES(fcntl(fd, F_GETLEASE), F_WRLCK);
	GIVES(fcntl(fd, F_SETLEASE, F_UNLCK), 0);
	GIVES(fcntl(fd, F_GETLEASE), F_UNLCK);
	other = open("file", O_RDONLY);
	FAILS(fcntl(fd, F_SETLEASE, F_WRLCK), EAGAIN);
	GIVES(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	GIVES(fcntl(other, F_SETLEASE, F_RDLCK), 0);
	CHECK(close(other) == 0);
	GIVES(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
	CHECK(close(fd) == 0);
	fd = open("file", O_RDWR);
	FAILS(fcntl(fd, F_SETLEASE, F_RDLCK), EAGAIN);
	GIVES(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
	GIVES(fcntl(fd, F_GETLEASE), F_WRLCK);
}

CASE(lease_of_what)
{
	int ends[2], path = (file_put("file", ""), open("file", O_PATH));

	CHECK(pipe(ends) == 0);
	FAILS(fcntl(ends[0], F_SETLEASE, F_RDLCK), EINVAL);
	FAILS(fcntl(open(".", O_RDONLY), F_SETLEASE, F_RDLCK), EINVAL);
	FAILS(fcntl(path, F_SETLEASE, F_RDLCK), EBADF);
	FAILS(fcntl(path, F_GETLEASE), EBADF);
	FAILS(fcntl(77, F_GETLEASE), EBADF);
}

CASE(lease_not_own_file)
{
	int fd = file_make(O_RDONLY);

	CHECK(chown(".", 1000, 1000) == 0 && setuid(1000) == 0);
	FAILS(fcntl(fd, F_SETLEASE, F_RDLCK), EACCES);
}

/* In a child: open, and end with 0 if that worked. */
static pid_t opener(int flags)
{
	pid_t pid = child();

	if (pid == 0)
		_exit(open("file", flags) < 0 ? errno == EWOULDBLOCK ? 11 : 1 : 0);
	return pid;
}

CASE(lease_broken_by_reader)
{
	int fd = file_make(O_RDONLY);
	pid_t pid;

	told_by(SIGIO, SA_RESTART);
	GIVES(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
	CHECK(fcntl(fd, F_GETOWN) == getpid());
	EXITS(opener(O_RDONLY | O_NONBLOCK), 11);
	told(1);
	GIVES(fcntl(fd, F_GETLEASE), F_RDLCK); /* what it has to become */
	pid = opener(O_RDONLY);
	sleep_ms(50);
	GIVES(told_count, 1); /* once is enough */
	GIVES(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	EXITS(pid, 0);
	GIVES(fcntl(fd, F_GETLEASE), F_RDLCK);
	EXITS(opener(O_RDONLY), 0);
	GIVES(told_count, 1);
}

CASE(lease_broken_by_writer)
{
	int fd = file_make(O_RDONLY);
	pid_t pid;

	told_by(SIGRTMIN + 2, SA_RESTART);
	GIVES(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	GIVES(fcntl(fd, F_SETSIG, SIGRTMIN + 2), 0);
	pid = opener(O_WRONLY);
	told(1);
	GIVES(told_code, POLL_MSG);
	CHECK(told_fd == fd);
	GIVES(fcntl(fd, F_GETLEASE), F_UNLCK);
	GIVES(fcntl(fd, F_SETLEASE, F_UNLCK), 0);
	EXITS(pid, 0);
	CHECK(fcntl(fd, F_GETSIG) == 0 && fcntl(fd, F_GETOWN) == 0);
}

CASE(lease_broken_by_truncate)
{
	int fd = file_make(O_RDONLY);
	struct stat s;
	pid_t pid;

	told_by(SIGIO, SA_RESTART);
	GIVES(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	pid = child();
	if (pid == 0)
		_exit(close(fd) != 0 || truncate("file", 1) != 0);
	told(1);
	CHECK(stat("file", &s) == 0);
	GIVES(s.st_size, 4);
	CHECK(close(fd) == 0); /* gives it back, too */
	EXITS(pid, 0);
	CHECK(stat("file", &s) == 0);
	GIVES(s.st_size, 1);
}

CASE(lease_waiter_interrupted)
{
	int fd = file_make(O_RDONLY);
	pid_t pid;

	told_by(SIGIO, SA_RESTART);
	GIVES(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	pid = child();
	if (pid == 0) {
		told_by(SIGUSR1, 0);
		_exit(open("file", O_WRONLY) < 0 && errno == EINTR ? 4 : 1);
	}
	told(1);
	sleep_ms(50);
	CHECK(kill(pid, SIGUSR1) == 0);
	EXITS(pid, 4);
}

CASE(directory_note_once)
{
	int fd = open(".", O_RDONLY);

	told_by(SIGIO, SA_RESTART);
	FAILS(fcntl(0, F_NOTIFY, DN_CREATE), ENOTDIR);
	GIVES(fcntl(fd, F_NOTIFY, DN_CREATE), 0);
	file_put("one", "");
	told(1);
	file_put("two", "");
	sleep_ms(20);
	GIVES(told_count, 1);
}

CASE(directory_note_kinds)
{
	int fd = open(".", O_RDONLY), sig = SIGRTMIN + 4;
	int file = file_make(O_RDWR);
	char c;

	told_by(sig, SA_RESTART);
	GIVES(fcntl(fd, F_SETSIG, sig), 0);
	GIVES(fcntl(fd, F_NOTIFY, DN_MODIFY | DN_MULTISHOT), 0);
	CHECK(read(file, &c, 1) == 1);
	GIVES(told_count, 0);
	CHECK(write(file, "x", 1) == 1);
	told(1);
	GIVES(told_code, POLL_MSG);
	CHECK(told_fd == fd);
	GIVES(fcntl(fd, F_NOTIFY, DN_ACCESS | DN_MULTISHOT), 0); /* and */
	CHECK(pread(file, &c, 1, 0) == 1);
	told(2);
	CHECK(write(file, "x", 1) == 1);
	told(3);
	GIVES(fcntl(fd, F_NOTIFY, 0), 0);
	CHECK(write(file, "x", 1) == 1);
	sleep_ms(20);
	GIVES(told_count, 3);
	GIVES(fcntl(fd, F_NOTIFY, DN_ATTRIB), 0);
	CHECK(chmod("file", 0600) == 0);
	told(4);
	GIVES(fcntl(fd, F_NOTIFY, DN_RENAME), 0);
	CHECK(rename("file", "other") == 0);
	told(5);
	GIVES(fcntl(fd, F_NOTIFY, DN_DELETE), 0);
	CHECK(unlink("other") == 0);
	told(6);
	GIVES(told_count, 6);
}

CASE(directory_note_closed)
{
	int fd = open(".", O_RDONLY), again = dup(fd);

	told_by(SIGIO, SA_RESTART);
	GIVES(fcntl(fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT), 0);
	file_put("one", "");
	told(1);
	CHECK(close(again) == 0); /* any descriptor of it */
	file_put("two", "");
	sleep_ms(20);
	GIVES(told_count, 1);
}
