/* Processes: made, replaced, killed, orphaned. */
#include "tests/stress/stress.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Every process of a tree adds one through its exit status. */
CASE(process_tree)
{
	int depth = 2 + (int)random_below(2), sum = 1, word;
	bool is_top = true;

	while (depth-- > 0) {
		int born = 0;

		for (int i = 0; i < 3; i++) {
			if (child() == 0) {
				born = 0;
				sum = 1;
				is_top = false;
				break;
			}
			born++;
		}
		if (!born)
			continue;
		while (born--) {
			CHECK(wait(&word) > 0 && WIFEXITED(word));
			sum += WEXITSTATUS(word);
		}
		break;
	}
	if (!is_top)
		_exit(sum);
	CHECK(sum == 1 + 3 * (1 + 3 * 1) || sum == 1 + 3 * (1 + 3 * (1 + 3 * 1)));
}

CASE(process_exec)
{
	enum { COUNT = 4 };
	pid_t pids[COUNT];
	char number[8];

	for (int i = 0; i < COUNT; i++) {
		char *words[] = { (char *)"stress", (char *)SELF_EXIT, number, NULL };

		snprintf(number, sizeof(number), "%d", i + 1);
		if (random_below(2)) {
			CHECK(posix_spawn(&pids[i], SELF_PATH, NULL, NULL, words, environ) == 0);
			continue;
		}
		pids[i] = random_below(2) ? child() : vfork();
		if (pids[i] == 0) {
			execve(SELF_PATH, words, environ);
			_exit(99);
		}
	}
	for (int i = COUNT - 1; i >= 0; i--)
		CHECK(child_status(pids[i]) == (i + 1) << 8);
}

/* What a victim does until it is killed. */
static _Noreturn void victim(unsigned what, int never)
{
	static volatile unsigned turns;
	pid_t pid;
	char byte;

	for (;;) {
		switch (what) {
		case 0:
			turns++;
			break;
		case 1:
			CHECK(read(never, &byte, 1) == 1);
			break;
		case 2:
			raise(SIGSTOP);
			break;
		case 3:
			pid = child();
			if (pid == 0)
				_exit(0);
			CHECK(child_status(pid) == 0);
			break;
		case 4:
			munmap(shared_map(16 * PAGE), 16 * PAGE);
			break;
		default:
			pause();
		}
	}
}

CASE(process_killed)
{
	enum { COUNT = 8 };
	pid_t pids[COUNT], group = 0;
	int ends[2];

	CHECK(pipe(ends) == 0);
	for (int i = 0; i < COUNT; i++) {
		unsigned what = random_below(6);

		pids[i] = child();
		if (pids[i] == 0) {
			setpgid(0, group);
			victim(what, ends[0]);
		}
		setpgid(pids[i], group);
		group = group ? group : pids[i];
	}
	if (random_below(2))
		sched_yield();
	else
		sleep_ms(random_below(5));
	if (random_below(2))
		CHECK(kill(-group, SIGKILL) == 0);
	for (int i = 0; i < COUNT; i++) {
		kill(pids[i], SIGKILL);
		CHECK(child_status(pids[i]) == SIGKILL);
	}
	CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
}

/* Grandchildren outlive their parents; the pipe ends when the last of them does. */
CASE(process_orphans)
{
	enum { COUNT = 4 };
	int ends[2], got = 0;
	pid_t pids[COUNT];
	char byte;

	CHECK(pipe(ends) == 0);
	for (int i = 0; i < COUNT; i++) {
		pids[i] = child();
		if (pids[i])
			continue;
		for (int k = 0; k < 2; k++) {
			if (child() == 0) {
				sleep_ms(random_below(3));
				_exit(write(ends[1], "x", 1) == 1 ? 0 : 1);
			}
		}
		_exit(0);
	}
	for (int i = 0; i < COUNT; i++)
		CHECK(child_status(pids[i]) == 0);
	CHECK(close(ends[1]) == 0);
	while (read(ends[0], &byte, 1) == 1)
		got++;
	CHECK(got == 2 * COUNT);
	CHECK(close(ends[0]) == 0);
}
