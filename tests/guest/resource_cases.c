/* Taking much of everything and giving it back; main.c counts what is left. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/self.h"

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE };

static char *pages_map(long pages, int flags)
{
	char *memory = mmap(NULL, pages * PAGE, RW, flags | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

CASE(nothing)
{
	say("an empty case leaks nothing");
}

CASE(fork_200)
{
	enum { COUNT = 200 };
	pid_t pids[COUNT];

	for (int i = 0; i < COUNT; i++) {
		pids[i] = child();
		if (pids[i] == 0)
			_exit(i);
	}
	for (int i = 0; i < COUNT; i++)
		CHECK(child_status(pids[i]) == i << 8);
	say("%d children came and went", COUNT);
}

CASE(fork_tree)
{
	int depth = 0;
	pid_t left, right;

	for (;;) {
		left = right = 0;
		if (depth == 5)
			_exit(0);
		depth++;
		if ((left = child()) == 0)
			continue;
		if ((right = child()) == 0)
			continue;
		break;
	}
	CHECK(child_status(left) == 0 && child_status(right) == 0);
	if (depth == 1)
		say("a tree of processes, five levels deep");
}

/* Fork without end, until it is refused. */
static noreturn void bomb(volatile int *refused)
{
	for (;;) {
		pid_t pid = fork();

		if (pid < 0) {
			if (errno != EAGAIN && errno != ENOMEM)
				_exit(1);
			__atomic_store_n(refused, errno, __ATOMIC_RELAXED);
			for (;;)
				pause();
		}
	}
}

CASE(fork_bomb)
{
	volatile int *refused = (volatile int *)pages_map(1, MAP_SHARED);
	pid_t leader = child();
	int status;

	if (leader == 0) {
		setpgid(0, 0);
		if (sysconf(_SC_NPROCESSORS_ONLN) > 1) { /* of a user, soon: all of it takes long */
			struct rlimit limit = { 500, 500 };

			CHECK(setrlimit(RLIMIT_NPROC, &limit) == 0 && setuid(1000) == 0);
		}
		bomb(refused);
	}
	while (!__atomic_load_n(refused, __ATOMIC_RELAXED))
		sleep_ms(20);
	/* Once: no child that is being made gets away. */
	CHECK(kill(-leader, SIGKILL) == 0);
	GIVES(waitpid(leader, &status, 0), leader);
	while (kill(-leader, 0) == 0)
		sleep_ms(10);
	leader = child();
	if (leader == 0)
		_exit(0);
	CHECK(child_status(leader) == 0);
	say("a process that forks without end was refused, and is gone");
}

CASE(fork_killed_asleep)
{
	enum { COUNT = 50 };
	pid_t pids[COUNT];
	char byte;
	int ends[2];

	CHECK(pipe(ends) == 0);
	for (int i = 0; i < COUNT; i++) {
		pids[i] = child();
		if (pids[i] == 0)
			_exit(read(ends[0], &byte, 1) != 0);
	}
	for (int i = 0; i < COUNT; i++)
		CHECK(kill(pids[i], SIGKILL) == 0);
	for (int i = 0; i < COUNT; i++)
		CHECK(child_status(pids[i]) == SIGKILL);
	say("%d sleepers killed", COUNT);
}

CASE(orphans)
{
	enum { COUNT = 30 };
	int ends[2];
	char byte;

	CHECK(pipe(ends) == 0);
	for (int i = 0; i < COUNT; i++) {
		pid_t pid = child();

		if (pid == 0) {
			if (child() == 0)
				sleep_ms(20);
			_exit(0);
		}
		CHECK(child_status(pid) == 0);
	}
	CHECK(close(ends[1]) == 0);
	GIVES(read(ends[0], &byte, 1), 0); /* the last orphan has closed its copy */
}

CASE(pipes_1000)
{
	enum { COUNT = 1000 };
	static int ends[COUNT][2];
	struct rlimit limit = { 2 * COUNT + 10, 2 * COUNT + 10 };
	static char block[PAGE];
	long got = 0;

	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	for (int i = 0; i < COUNT; i++)
		CHECK(pipe(ends[i]) == 0 && write(ends[i][1], block, PAGE) == PAGE);
	for (int i = 0; i < COUNT; i += 2)
		got += read(ends[i][0], block, PAGE);
	GIVES(got, COUNT / 2 * PAGE);
	for (int i = 0; i < COUNT / 2; i++)
		CHECK(close(ends[i][0]) == 0 && close(ends[i][1]) == 0);
}

CASE(mmap_loop)
{
	for (int i = 0; i < 500; i++) {
		char *memory = pages_map(16, i % 2 ? MAP_PRIVATE : MAP_SHARED);

		memory[i % 16 * PAGE] = 1;
		CHECK(munmap(memory + 4 * PAGE, PAGE) == 0);
		CHECK(mprotect(memory + 8 * PAGE, PAGE, PROT_READ) == 0);
		CHECK(munmap(memory, 16 * PAGE) == 0);
	}
	say("500 mappings, each cut and freed");
}

CASE(mmap_left_to_exit)
{
	for (int i = 0; i < 200; i++) {
		char *memory = pages_map(8, i % 2 ? MAP_PRIVATE : MAP_SHARED);

		memset(memory, i, 4 * PAGE);
		CHECK(mprotect(memory + 2 * PAGE, PAGE, PROT_READ) == 0);
	}
	say("200 mappings left to the exit");
}

CASE(demand_zero_64_mib)
{
	enum { PAGES = 64 * 256 };
	char *memory = pages_map(PAGES, MAP_PRIVATE);
	long zeros = 0;

	for (long i = 0; i < PAGES; i++) {
		zeros += memory[i * PAGE + 7] == 0;
		memory[i * PAGE + 7] = 1;
	}
	GIVES(zeros, PAGES);
}

CASE(copy_on_write_tree)
{
	enum { PAGES = 256 };
	char *memory = pages_map(PAGES, MAP_PRIVATE);
	pid_t pids[3];
	int depth;

	memset(memory, 0xff, PAGES * PAGE);
	for (depth = 0; depth < 3; depth++) {
		int i;

		for (i = 0; i < 3; i++) {
			pids[i] = child();
			if (pids[i] == 0)
				break;
		}
		if (i == 3)
			break;
		for (int page = i; page < PAGES; page += 3)
			memory[page * PAGE] = depth;
		for (int page = i + 1; page < PAGES; page += 3)
			CHECK(memory[page * PAGE] == (char)0xff || memory[page * PAGE] < depth);
	}
	for (int i = 0; i < 3 && depth < 3; i++)
		CHECK(child_status(pids[i]) == 0);
	if (getpgrp() != getpid())
		_exit(0);
	GIVES(memory[0], -1);
	GIVES(memory[(PAGES - 1) * PAGE], -1);
}

static pid_t self_start(bool borrow)
{
	char *const argv[] = { (char *)"guest", (char *)SELF_EXIT, NULL };
	char *const env[] = { (char *)"A=B", NULL };
	pid_t pid = borrow ? vfork() : fork();

	if (pid == 0) {
		execve(SELF_PATH, argv, env);
		_exit(127);
	}
	return pid;
}

CASE(exec_loop)
{
	for (int i = 0; i < 40; i++)
		CHECK(child_status(self_start(i % 2)) == 0);
	say("40 programs run");
}

CASE(exec_failures)
{
	char *const argv[] = { (char *)"x", NULL };

	file_put("plain", "no program at all");
	CHECK(chmod("plain", 0755) == 0);
	for (int i = 0; i < 100; i++) {
		CHECK(execve("plain", argv, argv + 1) == -1 && errno == ENOEXEC);
		CHECK(execve("absent", argv, argv + 1) == -1 && errno == ENOENT);
		CHECK(syscall(SYS_execve, "plain", 8, argv + 1) == -1 && errno == EFAULT);
	}
	say("300 programs not run");
}

static volatile int caught;

static void on_signal(int number)
{
	(void)number;
	caught++;
}

CASE(signal_storm)
{
	enum { SENDERS = 4, TIMES = 500 };
	pid_t target = getpid();
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	pid_t pids[SENDERS];

	CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
	CHECK(sigaction(SIGRTMIN + 1, &action, NULL) == 0);
	for (int i = 0; i < SENDERS; i++) {
		pids[i] = child();
		if (pids[i] == 0) {
			for (int n = 0; n < TIMES; n++)
				CHECK(kill(target, n % 2 ? SIGUSR1 : SIGRTMIN + 1) == 0);
			_exit(0);
		}
	}
	for (int i = 0; i < SENDERS; i++)
		CHECK(child_status(pids[i]) == 0);
	CHECK(caught >= SENDERS * TIMES / 2); /* the real-time half is queued, none is lost */
	say("a storm of signals");
}

CASE(signals_left_pending)
{
	sigset_t all;

	sigfillset(&all);
	CHECK(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
	for (int i = 0; i < 100; i++)
		CHECK(kill(getpid(), SIGRTMIN + i % 20) == 0);
	say("100 signals nobody takes");
}

static void *body_nothing(void *argument)
{
	return argument;
}

CASE(thread_loop)
{
	pthread_t thread;

	for (int i = 0; i < 200; i++) {
		CHECK(pthread_create(&thread, NULL, body_nothing, NULL) == 0);
		CHECK(pthread_join(thread, NULL) == 0);
	}
	say("200 threads, one after the other");
}

static void *body_pause(void *argument)
{
	for (;;)
		pause();
	return argument;
}

CASE(threads_left_to_exit)
{
	pthread_t thread;

	for (int i = 0; i < 50; i++)
		CHECK(pthread_create(&thread, NULL, body_pause, NULL) == 0);
	say("50 threads left to the exit");
}

CASE(files_made_and_removed)
{
	char name[32], block[PAGE];
	int fd;

	memset(block, 'x', PAGE);
	CHECK(mkdir("dir", 0755) == 0);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "dir/file%d", i);
		CHECK((fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0644)) >= 0);
		for (int n = 0; n < i % 5; n++)
			CHECK(write(fd, block, PAGE) == PAGE);
		CHECK(ftruncate(fd, i % 3 * 1000) == 0 && close(fd) == 0);
	}
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "dir/file%d", i);
		if (i % 2)
			CHECK(rename(name, "dir/one") == 0 && unlink("dir/one") == 0);
		else
			CHECK(unlink(name) == 0);
	}
	GIVES(rmdir("dir"), 0);
}

CASE(files_removed_while_open)
{
	char block[PAGE], *memory;
	int fd;

	memset(block, 'x', PAGE);
	for (int i = 0; i < 50; i++) {
		CHECK((fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0644)) >= 0);
		CHECK(write(fd, block, PAGE) == PAGE && unlink("file") == 0);
		memory = mmap(NULL, PAGE, RW, i % 2 ? MAP_SHARED : MAP_PRIVATE, fd, 0);
		CHECK(memory != MAP_FAILED && memory[5] == 'x');
		memory[5] = 'y';
	}
	say("50 files without a name, open and mapped");
}

CASE(names_not_found)
{
	char name[32];

	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "absent%d", i);
		CHECK(open(name, O_RDONLY) == -1 && errno == ENOENT);
	}
	say("500 names looked for in vain");
}

CASE(fifos)
{
	for (int i = 0; i < 50; i++) {
		CHECK(mkfifo("fifo", 0600) == 0);
		CHECK(open("fifo", O_RDWR) >= 0 && write(3 + i, "x", 1) == 1);
		CHECK(unlink("fifo") == 0);
	}
	say("50 FIFOs, a byte left in each");
}
