/* Processes: fork and its relatives, identity, groups and sessions. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

CASE(fork_identity)
{
	pid_t parent = getpid(), grandparent = getppid();
	pid_t pid = child();

	if (pid == 0)
		_exit(getppid() == parent && getpid() != parent && getpgrp() == getpgid(parent) &&
				      getsid(0) == getsid(parent)
			      ? 0
			      : 1);
	CHECK(pid != parent && pid > 0);
	EXITS(pid, 0);
	CHECK(getpid() == parent && getppid() == grandparent);
}

CASE(fork_copies_memory)
{
	static int in_data = 1;
	int on_stack = 1, *on_heap = malloc(sizeof(int));
	pid_t pid;

	*on_heap = 1;
	pid = child();
	if (pid == 0) {
		in_data = on_stack = *on_heap = 2;
		_exit(in_data + on_stack + *on_heap);
	}
	EXITS(pid, 6);
	GIVES(in_data + on_stack + *on_heap, 3);
}

CASE(fork_many)
{
	enum { COUNT = 60 };
	pid_t pids[COUNT];
	long sum = 0;

	for (int i = 0; i < COUNT; i++) {
		pids[i] = child();
		if (pids[i] == 0)
			_exit(i);
	}
	for (int i = COUNT - 1; i >= 0; i--)
		sum += WEXITSTATUS(child_status(pids[i]));
	GIVES(sum, COUNT * (COUNT - 1) / 2);
}

CASE(fork_inherits)
{
	sigset_t mask, inherited;
	pid_t pid;

	umask(0123);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	CHECK(sigprocmask(SIG_SETMASK, &mask, NULL) == 0);
	CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
	kill(getpid(), SIGUSR2);
	alarm(100);
	pid = child();
	if (pid == 0) {
		CHECK(umask(0) == 0123);
		CHECK(sigprocmask(SIG_SETMASK, NULL, &inherited) == 0);
		CHECK(sigismember(&inherited, SIGUSR2) == 1);
		CHECK(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
		CHECK(alarm(0) == 0);
		sigemptyset(&mask);
		sigprocmask(SIG_SETMASK, &mask, NULL);
		_exit(0); /* a pending signal is not inherited, else it had killed us */
	}
	EXITS(pid, 0);
	CHECK(alarm(0) > 0);
}

CASE(vfork_borrows)
{
	volatile int value = 1;
	pid_t pid = vfork();

	if (pid == 0) {
		value = 2;
		_exit(4);
	}
	GIVES(value, 2);
	EXITS(pid, 4);
}

CASE(vfork_parent_waits)
{
	volatile int done = 0;
	pid_t pid = vfork();

	if (pid == 0) {
		sleep_ms(50);
		done = 1;
		_exit(0);
	}
	GIVES(done, 1);
	EXITS(pid, 0);
}

CASE(vfork_child_killed)
{
	pid_t pid = vfork();

	if (pid == 0) {
		kill(getpid(), SIGKILL);
		_exit(0);
	}
	DIES(pid, SIGKILL);
}

static int clone_body(void *argument)
{
	*(volatile int *)argument = 2;
	return 11;
}

static char clone_stack[65536] __attribute__((aligned(16)));

CASE(clone_shares_memory)
{
	volatile int value = 1;
	pid_t pid = clone(clone_body, clone_stack + sizeof(clone_stack), CLONE_VM | SIGCHLD,
			  (void *)&value);

	CHECK(pid > 0);
	EXITS(pid, 11);
	GIVES(value, 2);
}

static int open_body(void *argument)
{
	(void)argument;
	return open("/dev/null", O_RDONLY) == 3 && chdir("/") == 0 ? 0 : 1;
}

CASE(clone_shares_files)
{
	char text[8];
	pid_t pid = clone(open_body, clone_stack + sizeof(clone_stack),
			  CLONE_FILES | CLONE_FS | SIGCHLD, NULL);

	CHECK(pid > 0);
	EXITS(pid, 0);
	GIVES(fcntl(3, F_GETFD), 0);
	GIVES(syscall(SYS_getcwd, text, sizeof(text)), 2);
}

CASE(clone_stores_ids)
{
	volatile int *ids =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	CHECK(ids != MAP_FAILED);
	pid = syscall(SYS_clone,
		      CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0,
		      &ids[0], &ids[1], 0);
	if (pid == 0)
		_exit(ids[1] == syscall(SYS_gettid) ? 0 : 1);
	CHECK(pid > 0 && ids[0] == pid);
	EXITS(pid, 0);
}

CASE(clone_errors)
{
	FAILS(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0), EINVAL);
	FAILS(syscall(SYS_clone, CLONE_THREAD | CLONE_VM | SIGCHLD, 0, 0, 0, 0), EINVAL);
	FAILS(syscall(SYS_clone, CLONE_NEWNS | CLONE_FS | SIGCHLD, 0, 0, 0, 0), EINVAL);
}

CASE(exit_codes)
{
	static const int codes[] = { 0, 1, 127, 255, 256, 257, -1 };

	for (int i = 0; i < 7; i++) {
		pid_t pid = child();

		if (pid == 0)
			_exit(codes[i]);
		EXITS(pid, codes[i] & 255);
	}
}

CASE(exit_closes_descriptors)
{
	char byte;
	int ends[2];
	pid_t pid;

	CHECK(pipe(ends) == 0);
	pid = child();
	if (pid == 0)
		pause();
	CHECK(close(ends[1]) == 0);
	kill(pid, SIGKILL);
	GIVES(read(ends[0], &byte, 1), 0);
	DIES(pid, SIGKILL);
}

CASE(orphan_gets_new_parent)
{
	pid_t pid, parent;
	int ends[2], result = 0;

	CHECK(pipe(ends) == 0);
	pid = child();
	if (pid == 0) {
		parent = getpid();
		if (child() == 0) {
			while (getppid() == parent)
				sleep_ms(1);
			result = getppid() > 0 ? 77 : 1;
			_exit(write(ends[1], &result, sizeof(result)) < 0);
		}
		_exit(0);
	}
	EXITS(pid, 0);
	CHECK(close(ends[1]) == 0);
	GIVES(read(ends[0], &result, sizeof(result)), sizeof(result));
	GIVES(result, 77);
	FAILS(waitpid(-1, NULL, 0), ECHILD);
}

CASE(group_of_own)
{
	pid_t pid, me = getpid();

	CHECK(getpgrp() == me && getpgid(0) == me);
	pid = child();
	if (pid == 0) {
		CHECK(getpgrp() == me);
		GIVES(setpgid(0, 0), 0);
		_exit(getpgrp() == getpid() ? 0 : 1);
	}
	EXITS(pid, 0);
}

CASE(group_of_child)
{
	int ends[2];
	char byte;
	pid_t pid;

	CHECK(pipe(ends) == 0);
	pid = child();
	if (pid == 0)
		_exit(read(ends[0], &byte, 1) == 1 && getpgrp() == getpid() ? 0 : 1);
	GIVES(setpgid(pid, pid), 0);
	CHECK(getpgid(pid) == pid);
	GIVES(setpgid(pid, getpid()), 0);
	CHECK(getpgid(pid) == getpid());
	GIVES(setpgid(pid, 0), 0);
	CHECK(write(ends[1], "x", 1) == 1);
	EXITS(pid, 0);
	FAILS(setpgid(pid, pid), ESRCH);
	FAILS(setpgid(0, -1), EINVAL);
	FAILS(setpgid(getppid(), 0), ESRCH);
	FAILS(setpgid(0, 99999999), EPERM);
	FAILS(getpgid(99999999), ESRCH);
}

CASE(session_of_own)
{
	pid_t pid;

	FAILS(setsid(), EPERM);
	pid = child();
	if (pid == 0) {
		CHECK(setsid() == getpid());
		CHECK(getsid(0) == getpid() && getpgrp() == getpid());
		FAILS(setsid(), EPERM);
		FAILS(setpgid(0, 0), EPERM);
		_exit(0);
	}
	EXITS(pid, 0);
	FAILS(getsid(99999999), ESRCH);
}
