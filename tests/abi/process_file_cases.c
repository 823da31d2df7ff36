/* Files that stand for signals and processes: signalfd, pidfd; and clone's corners. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static sigset_t block(int a, int b)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, a);
	sigaddset(&set, b);
	CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	return set;
}

CASE(signalfd_reads_signals)
{
	sigset_t set = block(SIGUSR1, SIGRTMIN);
	struct signalfd_siginfo info[4];
	union sigval value = { .sival_int = 42 };
	int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);

	CHECK(fd >= 0);
	GIVES(fcntl(fd, F_GETFD), FD_CLOEXEC);
	FAILS(read(fd, info, sizeof(info)), EAGAIN);
	FAILS(read(fd, info, 127), EINVAL);
	GIVES(kill(getpid(), SIGUSR1), 0);
	GIVES(kill(getpid(), SIGUSR1), 0);
	GIVES(sigqueue(getpid(), SIGRTMIN, value), 0);
	GIVES(read(fd, info, sizeof(info)), 256);
	GIVES(info[0].ssi_signo, SIGUSR1);
	GIVES(info[0].ssi_code, SI_USER);
	CHECK(info[0].ssi_pid == (unsigned)getpid() && info[0].ssi_uid == getuid());
	GIVES(info[1].ssi_signo, SIGRTMIN);
	GIVES(info[1].ssi_code, SI_QUEUE);
	GIVES(info[1].ssi_int, 42);
	FAILS(read(fd, info, sizeof(info)), EAGAIN);
}

CASE(signalfd_waits)
{
	sigset_t set = block(SIGUSR1, SIGCHLD);
	struct signalfd_siginfo info;
	int fd = signalfd(-1, &set, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	pid_t pid;

	GIVES(poll(&p, 1, 0), 0);
	pid = child();
	if (pid == 0) {
		sleep_ms(20);
		_exit(9);
	}
	GIVES(poll(&p, 1, 5000), 1);
	GIVES(p.revents, POLLIN);
	GIVES(read(fd, &info, sizeof(info)), sizeof(info));
	GIVES(info.ssi_signo, SIGCHLD);
	GIVES(info.ssi_code, CLD_EXITED);
	GIVES(info.ssi_status, 9);
	CHECK(info.ssi_pid == (unsigned)pid);
	EXITS(pid, 9);
	pid = child();
	if (pid == 0) {
		sleep_ms(20);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	GIVES(read(fd, &info, sizeof(info)), sizeof(info)); /* asleep in read */
	GIVES(info.ssi_signo, SIGUSR1);
	EXITS(pid, 0);
}

CASE(signalfd_changes_and_polls)
{
	sigset_t set = block(SIGUSR1, SIGUSR2), other;
	struct epoll_event event = { .events = EPOLLIN };
	int fd = signalfd(-1, &set, SFD_NONBLOCK), e = epoll_create1(0);

	sigemptyset(&other);
	sigaddset(&other, SIGUSR2);
	GIVES(epoll_ctl(e, EPOLL_CTL_ADD, fd, &event), 0);
	GIVES(epoll_wait(e, &event, 1, 0), 0);
	GIVES(kill(getpid(), SIGUSR1), 0);
	GIVES(epoll_wait(e, &event, 1, 1000), 1);
	CHECK(signalfd(fd, &other, 0) == fd);
	GIVES(epoll_wait(e, &event, 1, 0), 0);
	GIVES(kill(getpid(), SIGUSR2), 0);
	GIVES(epoll_wait(e, &event, 1, 1000), 1);
}

CASE(signalfd_errors)
{
	sigset_t set;

	sigemptyset(&set);
	FAILS(signalfd(-1, &set, 1), EINVAL);
	FAILS(signalfd(99, &set, 0), EBADF);
	FAILS(signalfd(0, &set, 0), EINVAL);
	FAILS(syscall(SYS_signalfd4, -1, &set, 4, 0), EINVAL);
	FAILS(syscall(SYS_signalfd4, -1, (void *)8, 8, 0), EFAULT);
}

static int pidfd_open(pid_t pid, unsigned flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

static long pidfd_send(int fd, int sig, siginfo_t *info, unsigned flags)
{
	return syscall(SYS_pidfd_send_signal, fd, sig, info, flags);
}

CASE(pidfd_end_of_child)
{
	siginfo_t info;
	struct pollfd p = { .events = POLLIN };
	int fd, ends[2];
	pid_t pid;
	char c;

	CHECK(pipe(ends) == 0);
	pid = child();
	if (pid == 0) {
		CHECK(read(ends[0], &c, 1) == 1);
		sleep_ms(30); /* its parent is likely to wait then */
		_exit(11);
	}
	fd = pidfd_open(pid, 0);
	CHECK(fd >= 0);
	GIVES(fcntl(fd, F_GETFD), FD_CLOEXEC);
	p.fd = fd;
	GIVES(poll(&p, 1, 0), 0);
	CHECK(write(ends[1], "x", 1) == 1);
	GIVES(poll(&p, 1, 5000), 1);
	GIVES(p.revents, POLLIN);
	GIVES(pidfd_send(fd, 0, NULL, 0), 0); /* a zombie still */
	memset(&info, 0, sizeof(info));
	GIVES(waitid((idtype_t)3, (id_t)fd, &info, WEXITED), 0);
	GIVES(info.si_status, 11);
	CHECK(info.si_pid == pid);
	FAILS(pidfd_send(fd, 0, NULL, 0), ESRCH);
	FAILS(waitid((idtype_t)3, (id_t)fd, &info, WEXITED), ECHILD);
}

CASE(pidfd_signals)
{
	pid_t pid = child();
	siginfo_t info;
	int fd;

	if (pid == 0)
		for (;;)
			pause();
	fd = pidfd_open(pid, 0);
	memset(&info, 0, sizeof(info));
	FAILS(pidfd_send(fd, SIGTERM, &info, 0), EINVAL);
	info.si_signo = SIGTERM;
	info.si_code = SI_USER;
	FAILS(pidfd_send(fd, SIGTERM, &info, 0), EPERM);
	FAILS(pidfd_send(fd, 65, NULL, 0), EINVAL);
	FAILS(pidfd_send(fd, SIGTERM, NULL, 0x80), EINVAL);
	FAILS(pidfd_send(0, SIGTERM, NULL, 0), EBADF);
	GIVES(pidfd_send(fd, SIGTERM, NULL, 0), 0);
	DIES(pid, SIGTERM);
}

CASE(pidfd_errors)
{
	siginfo_t info;
	pid_t pid;
	int fd;

	FAILS(pidfd_open(0, 0), EINVAL);
	FAILS(pidfd_open(-1, 0), EINVAL);
	FAILS(pidfd_open(getpid(), 1), EINVAL);
	FAILS(pidfd_open(4000000, 0), ESRCH);
	FAILS(waitid((idtype_t)3, 99, &info, WEXITED), EBADF);
	pid = child();
	if (pid == 0)
		for (;;)
			pause();
	fd = pidfd_open(pid, O_NONBLOCK);
	CHECK(fd >= 0);
	FAILS(waitid((idtype_t)3, (id_t)fd, &info, WEXITED), EAGAIN);
	CHECK(kill(pid, SIGKILL) == 0);
	DIES(pid, SIGKILL);
}

CASE(pidfd_takes_files)
{
	int ends[2], fd, mine;
	char c = 0;
	pid_t pid;

	CHECK(pipe(ends) == 0);
	pid = child();
	if (pid == 0) {
		CHECK(dup2(ends[1], 77) == 77);
		CHECK(write(77, "r", 1) == 1);
		for (;;)
			pause();
	}
	CHECK(read(ends[0], &c, 1) == 1);
	fd = pidfd_open(pid, 0);
	mine = (int)syscall(SYS_pidfd_getfd, fd, 77, 0);
	CHECK(mine >= 0);
	GIVES(fcntl(mine, F_GETFD), FD_CLOEXEC);
	GIVES(write(mine, "x", 1), 1);
	GIVES(read(ends[0], &c, 1), 1);
	GIVES(c, 'x');
	FAILS(syscall(SYS_pidfd_getfd, fd, 78, 0), EBADF);
	FAILS(syscall(SYS_pidfd_getfd, fd, 77, 1), EINVAL);
	FAILS(syscall(SYS_pidfd_getfd, 0, 77, 0), EBADF);
	CHECK(kill(pid, SIGKILL) == 0);
	DIES(pid, SIGKILL);
}

static long clone3(struct clone_args *a)
{
	return syscall(SYS_clone3, a, sizeof(*a));
}

CASE(clone_gives_pidfd)
{
	int fd = -1;
	struct clone_args a = { .flags = CLONE_PIDFD,
				.exit_signal = SIGCHLD,
				.pidfd = (uint64_t)&fd };
	pid_t pid = (pid_t)clone3(&a);
	struct pollfd p = { .events = POLLIN };

	if (pid == 0)
		_exit(5);
	CHECK(pid > 0 && fd >= 0);
	p.fd = fd;
	GIVES(poll(&p, 1, 5000), 1);
	EXITS(pid, 5);
	a.pidfd = 8;
	FAILS(clone3(&a), EFAULT);
	a.flags = CLONE_PIDFD | CLONE_DETACHED;
	FAILS(clone3(&a), EINVAL);
	FAILS(syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, 0, &fd, 0, 0),
	      EINVAL);
}

CASE(clone_flag_errors)
{
	struct clone_args a = { .exit_signal = SIGCHLD };

	a.flags = CLONE_SIGHAND;
	FAILS(clone3(&a), EINVAL);
	a.flags = CLONE_THREAD | CLONE_VM;
	FAILS(clone3(&a), EINVAL);
	a.flags = CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND;
	FAILS(clone3(&a), EINVAL);
	a.flags = 1ull << 40;
	FAILS(clone3(&a), EINVAL);
	a.flags = 0;
	a.exit_signal = 65;
	FAILS(clone3(&a), EINVAL);
	a.exit_signal = SIGCHLD;
	a.set_tid_size = 1;
	FAILS(clone3(&a), EINVAL);
	a.set_tid_size = 0;
	a.stack = 4096;
	FAILS(clone3(&a), EINVAL);
	FAILS(syscall(SYS_clone3, &a, 8), EINVAL);
	FAILS(syscall(SYS_clone3, (void *)8, sizeof(a)), EFAULT);
	FAILS(syscall(SYS_clone3, &a, 5000), E2BIG);
}

CASE(clone_sibling)
{
	pid_t parent = getpid(), pid = child();
	int status;

	if (pid == 0) {
		struct clone_args a = { .flags = CLONE_PARENT };
		pid_t sibling = (pid_t)clone3(&a);

		if (sibling == 0)
			_exit(getppid() == parent ? 31 : 1);
		_exit(waitpid(sibling, NULL, 0) == -1 && errno == ECHILD ? 30 : 1);
	}
	EXITS(pid, 30);
	CHECK(wait(&status) > 0);
	GIVES(WEXITSTATUS(status), 31);
}

CASE(vfork_parent_is_killed)
{
	int ends[2];
	pid_t pid;
	char c;

	CHECK(pipe(ends) == 0);
	pid = child();
	if (pid == 0) {
		if (vfork() == 0) {
			close(ends[0]);
			write(ends[1], "v", 1);
			sleep_ms(2000);
			_exit(0);
		}
		_exit(1);
	}
	CHECK(read(ends[0], &c, 1) == 1);
	GIVES(kill(pid, SIGTERM), 0);
	DIES(pid, SIGTERM); /* the child is still there, and the parent did not wait */
}
