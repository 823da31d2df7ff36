/* O_ASYNC: a signal when a file becomes ready. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/abi/told.h"

/* Within 5 s at least one more has come. */
static bool comes(int before)
{
	for (int k = 0; k < 500 && told_count == before; k++)
		sleep_ms(10);
	return told_count > before;
}

static void watch(int fd, int sig)
{
	told_by(sig, SA_RESTART);
	if (sig != SIGIO)
		CHECK(fcntl(fd, F_SETSIG, sig) == 0);
	CHECK(fcntl(fd, F_SETOWN, getpid()) == 0);
	CHECK(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC) == 0);
}

static void told(int reader, int writer)
{
	int before = told_count;
	char c;

	watch(reader, SIGRTMIN + 3);
	CHECK(write(writer, "x\n", 2) == 2);
	GIVES(comes(before), 1);
	GIVES(told_code, POLL_IN);
	CHECK(told_fd == reader);
	CHECK(read(reader, &c, 1) == 1);
	CHECK(fcntl(reader, F_SETFL, fcntl(reader, F_GETFL) & ~O_ASYNC) == 0);
	sleep_ms(20);
	before = told_count;
	CHECK(write(writer, "y\n", 2) == 2);
	sleep_ms(50);
	GIVES(told_count - before, 0);
}

CASE(async_pipe)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	told(ends[0], ends[1]);
}

CASE(async_socket)
{
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	told(ends[0], ends[1]);
}

CASE(async_terminal)
{
	char name[64];
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

	CHECK(grantpt(master) == 0 && unlockpt(master) == 0);
	CHECK(ptsname_r(master, name, sizeof(name)) == 0);
	CHECK((slave = open(name, O_RDWR | O_NOCTTY)) >= 0);
	told(slave, master);
}

CASE(async_plain)
{
	int ends[2], on = 1, before = told_count;

	CHECK(pipe(ends) == 0);
	watch(ends[0], SIGIO);
	CHECK(write(ends[1], "x", 1) == 1);
	GIVES(comes(before), 1);
	GIVES(ioctl(ends[1], FIOASYNC, &on), 0);
	GIVES(fcntl(ends[1], F_GETFL) & O_ASYNC, O_ASYNC);
}

CASE(async_owner)
{
	struct f_owner_ex ex = { F_OWNER_TID, 0 };
	int ends[2];

	CHECK(pipe(ends) == 0);
	GIVES(fcntl(ends[0], F_GETOWN), 0);
	CHECK(fcntl(ends[0], F_SETOWN, getpid()) == 0 && fcntl(ends[0], F_GETOWN) == getpid());
	GIVES(fcntl(ends[0], F_GETOWN_EX, &ex), 0);
	GIVES(ex.type, F_OWNER_PID);
	CHECK(ex.pid == getpid());
	ex = (struct f_owner_ex){ F_OWNER_PGRP, getpgrp() };
	GIVES(fcntl(ends[0], F_SETOWN_EX, &ex), 0);
	GIVES(fcntl(ends[0], F_GETOWN_EX, &ex), 0);
	GIVES(ex.type, F_OWNER_PGRP);
	FAILS(fcntl(ends[0], F_SETOWN, 999999), ESRCH);
	ex.type = 9;
	FAILS(fcntl(ends[0], F_SETOWN_EX, &ex), EINVAL);
	FAILS(fcntl(ends[0], F_SETOWN_EX, (void *)8), EFAULT);
	FAILS(fcntl(ends[0], F_SETSIG, 65), EINVAL);
	GIVES(fcntl(ends[0], F_SETSIG, 0), 0);
	GIVES(fcntl(ends[0], F_GETSIG), 0);
}
