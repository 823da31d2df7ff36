/* kcmp, and what else is asked about other processes. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long kcmp(pid_t a, pid_t b, int type, long x, long y)
{
	return syscall(SYS_kcmp, a, b, type, x, y);
}

CASE(kcmp_files)
{
	int a = open("/dev/null", O_RDONLY), b = dup(a), c = open("/dev/null", O_RDONLY);
	pid_t me = getpid();
	long less;

	GIVES(kcmp(me, me, KCMP_FILE, a, a), 0);
	GIVES(kcmp(me, me, KCMP_FILE, a, b), 0);
	less = kcmp(me, me, KCMP_FILE, a, c);
	CHECK(less == 1 || less == 2);
	CHECK(kcmp(me, me, KCMP_FILE, c, a) == 3 - less);
	FAILS(kcmp(me, me, KCMP_FILE, a, 900), EBADF);
	FAILS(kcmp(me, me, 99, 0, 0), EINVAL);
	FAILS(kcmp(me, 4000000, KCMP_VM, 0, 0), ESRCH);
}

CASE(kcmp_epoll)
{
	int ends[2], epoll = epoll_create1(0), other;
	struct epoll_event e = { .events = EPOLLIN };
	struct kcmp_epoll_slot slot;
	pid_t me = getpid();

	CHECK(pipe(ends) == 0);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &e) == 0);
	slot = (struct kcmp_epoll_slot){ .efd = (uint32_t)epoll, .tfd = (uint32_t)ends[0] };
	GIVES(kcmp(me, me, KCMP_EPOLL_TFD, ends[0], (long)&slot), 0);
	GIVES(kcmp(me, me, KCMP_EPOLL_TFD, ends[1], (long)&slot) > 0, 1);
	FAILS(kcmp(me, me, KCMP_EPOLL_TFD, 99, (long)&slot), EBADF);
	FAILS(kcmp(me, me, KCMP_EPOLL_TFD, ends[0], 8), EFAULT);
	slot.toff = 1;
	FAILS(kcmp(me, me, KCMP_EPOLL_TFD, ends[0], (long)&slot), ENOENT);
	other = dup(ends[0]); /* a second file watched under the first one's number */
	CHECK(dup2(ends[1], ends[0]) == ends[0]);
	e.events = EPOLLOUT;
	CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &e) == 0);
	GIVES((kcmp(me, me, KCMP_EPOLL_TFD, other, (long)&slot) == 0) +
		      (kcmp(me, me, KCMP_EPOLL_TFD, ends[1], (long)&slot) == 0),
	      1);
	slot.toff = 0;
	slot.efd = (uint32_t)ends[1];
	FAILS(kcmp(me, me, KCMP_EPOLL_TFD, ends[0], (long)&slot), EINVAL);
	slot.efd = 99;
	FAILS(kcmp(me, me, KCMP_EPOLL_TFD, ends[0], (long)&slot), EBADF);
}

static int waits(void *unused)
{
	(void)unused;
	pause();
	return 0;
}

static char stack[65536] __attribute__((aligned(16)));

CASE(kcmp_shared)
{
	pid_t me = getpid(), plain = child(), sharer;

	if (plain == 0) {
		pause();
		_exit(0);
	}
	sharer = clone(waits, stack + sizeof(stack), CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD,
		       NULL);
	CHECK(sharer > 0);
	GIVES(kcmp(me, me, KCMP_VM, 0, 0), 0);
	GIVES(kcmp(me, plain, KCMP_VM, 0, 0) != 0, 1);
	GIVES(kcmp(me, plain, KCMP_FILES, 0, 0) != 0, 1);
	GIVES(kcmp(me, plain, KCMP_FS, 0, 0) != 0, 1);
	GIVES(kcmp(me, plain, KCMP_SIGHAND, 0, 0) != 0, 1);
	GIVES(kcmp(me, plain, KCMP_FILE, 1, 1), 0);
	GIVES(kcmp(me, sharer, KCMP_VM, 0, 0), 0);
	GIVES(kcmp(me, sharer, KCMP_FILES, 0, 0), 0);
	GIVES(kcmp(me, sharer, KCMP_FS, 0, 0), 0);
	GIVES(kcmp(me, sharer, KCMP_SIGHAND, 0, 0) != 0, 1);
	GIVES(kcmp(me, plain, KCMP_SYSVSEM, 0, 0), 0);
	CHECK(kill(plain, SIGKILL) == 0 && kill(sharer, SIGKILL) == 0);
	DIES(plain, SIGKILL);
	DIES(sharer, SIGKILL);
}

CASE(process_madvise_calls)
{
	char *p = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec parts[2] = { { p, 4096 }, { p + 8192, 4096 } };
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	CHECK(p != MAP_FAILED && fd >= 0);
	p[0] = 7;
	GIVES(syscall(SYS_process_madvise, fd, parts, 2, MADV_COLD, 0), 8192);
	GIVES(syscall(SYS_process_madvise, fd, parts, 1, MADV_WILLNEED, 0), 4096);
	GIVES(p[0], 7);
	FAILS(syscall(SYS_process_madvise, fd, parts, 2, MADV_COLD, 1), EINVAL);
	FAILS(syscall(SYS_process_madvise, 900, parts, 2, MADV_COLD, 0), EBADF);
	FAILS(syscall(SYS_process_madvise, fd, parts, 2, 12345, 0), EINVAL);
	FAILS(syscall(SYS_process_madvise, fd, (void *)8, 2, MADV_COLD, 0), EFAULT);
}
