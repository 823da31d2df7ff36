/* POSIX message queues. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST = 64 };

static char name[32];

/* A queue of this case's own, unlinked at once unless it is to stay. */
static mqd_t queue_make(int flags, long most)
{
	struct mq_attr a = { .mq_maxmsg = most, .mq_msgsize = LONGEST };
	mqd_t q;

	snprintf(name, sizeof(name), "/abi-%d", (int)getpid());
	q = mq_open(name, O_CREAT | O_EXCL | O_RDWR | flags, 0600, &a);
	CHECK(q >= 0);
	return q;
}

CASE(posix_queue_order)
{
	char text[LONGEST];
	unsigned priority;
	mqd_t q = queue_make(0, 8);
	struct mq_attr a;

	GIVES(mq_send(q, "low", 3, 1), 0);
	GIVES(mq_send(q, "high", 4, 9), 0);
	GIVES(mq_send(q, "low again", 9, 1), 0);
	GIVES(mq_send(q, "", 0, 5), 0);
	GIVES(mq_getattr(q, &a), 0);
	say("%ld %ld %ld %ld\n", a.mq_flags, a.mq_maxmsg, a.mq_msgsize, a.mq_curmsgs);
	for (int k = 0; k < 4; k++) {
		long n = mq_receive(q, text, sizeof(text), &priority);

		CHECK(n >= 0);
		say("%u %.*s\n", priority, (int)n, text);
	}
	GIVES(mq_unlink(name), 0);
	FAILS(mq_unlink(name), ENOENT);
	GIVES(mq_send(q, "x", 1, 0), 0); /* it lives on while it is open */
	GIVES(mq_close(q), 0);
}

CASE(posix_queue_errors)
{
	struct mq_attr bad = { .mq_maxmsg = 0, .mq_msgsize = 1 };
	char text[LONGEST + 1];
	unsigned priority;
	mqd_t q = queue_make(O_NONBLOCK, 1), r;

	FAILS(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, NULL), EEXIST);
	FAILS(mq_open("/abi-nobody", O_RDWR), ENOENT);
	FAILS(mq_open("/abi-bad", O_CREAT | O_RDWR, 0600, &bad), EINVAL);
	FAILS(syscall(SYS_mq_open, "a/b", O_RDWR, 0, NULL), EACCES);
	FAILS(syscall(SYS_mq_open, "", O_RDWR, 0, NULL), ENOENT);
	FAILS(syscall(SYS_mq_open, (void *)8, O_RDWR, 0, NULL), EFAULT);
	FAILS(mq_receive(q, text, LONGEST, &priority), EAGAIN);
	FAILS(mq_receive(q, text, LONGEST - 1, &priority), EMSGSIZE);
	FAILS(mq_send(q, text, LONGEST + 1, 0), EMSGSIZE);
	FAILS(syscall(SYS_mq_timedsend, q, "x", 1, 32768, NULL), EINVAL);
	FAILS(syscall(SYS_mq_timedsend, q, (void *)8, 1, 0, NULL), EFAULT);
	GIVES(mq_send(q, "x", 1, 32767), 0);
	FAILS(mq_send(q, "y", 1, 0), EAGAIN);
	FAILS(mq_send(0, "y", 1, 0), EBADF);
	CHECK((r = mq_open(name, O_RDONLY)) >= 0);
	FAILS(mq_send(r, "y", 1, 0), EBADF);
	GIVES(fcntl(r, F_GETFD), FD_CLOEXEC);
	GIVES(mq_receive(r, text, LONGEST, &priority), 1);
	GIVES(priority, 32767);
	GIVES(mq_unlink(name), 0);
}

CASE(posix_queue_waits)
{
	char text[LONGEST];
	struct timespec now;
	mqd_t q = queue_make(0, 1);
	pid_t pid;

	CHECK(mq_unlink(name) == 0);
	pid = child();
	if (pid == 0) {
		sleep_ms(50);
		_exit(mq_send(q, "late", 4, 0) != 0 || mq_send(q, "full", 4, 0) != 0);
	}
	GIVES(mq_receive(q, text, sizeof(text), NULL), 4);
	GIVES(mq_receive(q, text, sizeof(text), NULL), 4);
	EXITS(pid, 0);
	CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
	FAILS(mq_timedreceive(q, text, sizeof(text), NULL, &now), ETIMEDOUT);
	now.tv_nsec = 1000000000;
	FAILS(mq_timedreceive(q, text, sizeof(text), NULL, &now), EINVAL);
	GIVES(mq_send(q, "x", 1, 0), 0);
	now.tv_nsec = 0;
	FAILS(mq_timedsend(q, "x", 1, 0, &now), ETIMEDOUT);
}

CASE(posix_queue_attributes)
{
	struct mq_attr a, new = { .mq_flags = O_NONBLOCK };
	char text[LONGEST];
	struct pollfd p;
	struct stat s;
	mqd_t q = queue_make(0, 1);

	CHECK(mq_unlink(name) == 0);
	p = (struct pollfd){ .fd = q, .events = POLLIN | POLLOUT };
	GIVES(poll(&p, 1, 0), 1);
	GIVES(p.revents, POLLOUT);
	GIVES(mq_setattr(q, &new, &a), 0);
	GIVES(a.mq_flags, 0);
	FAILS(mq_receive(q, text, sizeof(text), NULL), EAGAIN);
	GIVES(mq_send(q, "x", 1, 0), 0);
	GIVES(poll(&p, 1, 0), 1);
	GIVES(p.revents, POLLIN);
	new.mq_flags = O_NONBLOCK | 1;
	FAILS(syscall(SYS_mq_getsetattr, q, &new, NULL), EINVAL);
	FAILS(syscall(SYS_mq_getsetattr, 0, NULL, &a), EBADF);
	FAILS(syscall(SYS_mq_getsetattr, q, NULL, (void *)8), EFAULT);
	GIVES(fstat(q, &s), 0);
	GIVES(S_ISREG(s.st_mode), 1);
	GIVES(s.st_mode & 0777, 0600);
	GIVES(s.st_size, 80);
	memset(text, 0, sizeof(text));
	CHECK(pread(q, text, 6, 0) == 6);
	GIVES(strcmp(text, "QSIZE:"), 0);
}

static volatile sig_atomic_t told, value, code;

static void caught(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	told++;
	value = info->si_value.sival_int;
	code = info->si_code;
}

CASE(posix_queue_notify)
{
	struct sigaction action = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO };
	struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	char text[LONGEST];
	mqd_t q = queue_make(0, 4);

	CHECK(mq_unlink(name) == 0 && sigaction(SIGUSR1, &action, NULL) == 0);
	e.sigev_value.sival_int = 77;
	GIVES(mq_notify(q, &e), 0);
	FAILS(mq_notify(q, &e), EBUSY);
	GIVES(mq_send(q, "a", 1, 0), 0);
	GIVES(told, 1);
	GIVES(value, 77);
	GIVES(code, SI_MESGQ);
	GIVES(mq_send(q, "b", 1, 0), 0);
	GIVES(told, 1); /* once */
	GIVES(mq_notify(q, &e), 0);
	GIVES(mq_send(q, "c", 1, 0), 0);
	GIVES(told, 1); /* it was not empty */
	GIVES(mq_notify(q, NULL), 0);
	for (int k = 0; k < 3; k++)
		CHECK(mq_receive(q, text, sizeof(text), NULL) == 1);
	GIVES(mq_send(q, "d", 1, 0), 0);
	GIVES(told, 1);
	e.sigev_notify = 55;
	FAILS(syscall(SYS_mq_notify, q, &e), EINVAL);
	e = (struct sigevent){ .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 99 };
	FAILS(syscall(SYS_mq_notify, q, &e), EINVAL);
	FAILS(syscall(SYS_mq_notify, 0, NULL), EBADF);
}

/* SIGEV_THREAD is told by a netlink socket; nothing else will do. */
CASE(posix_queue_notify_thread)
{
	char cookie[32] = "";
	struct sigevent e = { .sigev_notify = SIGEV_THREAD };
	mqd_t q = queue_make(0, 1);
	int ends[2];

	CHECK(mq_unlink(name) == 0 && pipe(ends) == 0);
	e.sigev_value.sival_ptr = cookie;
	e.sigev_signo = 99;
	FAILS(syscall(SYS_mq_notify, q, &e), EBADF);
	e.sigev_signo = ends[0];
	FAILS(syscall(SYS_mq_notify, q, &e), ENOTSOCK);
	e.sigev_signo = socket(AF_UNIX, SOCK_STREAM, 0);
	FAILS(syscall(SYS_mq_notify, q, &e), EINVAL);
	e.sigev_value.sival_ptr = (void *)8;
	FAILS(syscall(SYS_mq_notify, q, &e), EFAULT);
}

CASE(posix_queue_settings)
{
	static const char *const names[] = { "msg_default", "msg_max", "msgsize_default",
					     "msgsize_max", "queues_max" };
	struct mq_attr a = { .mq_maxmsg = 11, .mq_msgsize = 8 };
	char path[64], text[32];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "/proc/sys/fs/mqueue/%s", names[i]);
		CHECK(file_get(path, text, sizeof(text)) > 1);
		say("%s %.*s", names[i], (int)strcspn(text, "\n"), text);
	}
	snprintf(name, sizeof(name), "/abi-%d", (int)getpid());
	CHECK(setuid(1000) == 0);
	FAILS(mq_open(name, O_CREAT | O_RDWR, 0600, &a), EINVAL);
	a.mq_maxmsg = 10;
	CHECK(mq_open(name, O_CREAT | O_RDWR, 0600, &a) >= 0);
	GIVES(mq_unlink(name), 0);
}
