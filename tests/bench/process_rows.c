/* Processes made, programs executed. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/row.h"

#define TIMES 50

static void finish(pid_t child)
{
	int status;

	must(child > 0 && waitpid(child, &status, 0) == child, "child");
	must(status == 0, "exit status of a child");
}

static void fork_exit(void *argument)
{
	const pid_t child = fork();

	(void)argument;
	if (child == 0)
		_exit(0);
	finish(child);
}

static void row_fork(void)
{
	row_loop(fork_exit, NULL, TIMES, 1);
}

static void fork_exec(void *argument)
{
	const pid_t child = fork();

	(void)argument;
	if (child == 0) {
		execl(bench_program, bench_program, "--exit", (char *)NULL);
		_exit(127);
	}
	finish(child);
}

static void row_exec(void)
{
	row_loop(fork_exec, NULL, TIMES, 1);
}

static void shell(void *argument)
{
	const pid_t child = fork();

	if (child == 0) {
		execl("/bin/sh", "sh", "-c", argument, (char *)NULL);
		_exit(127);
	}
	finish(child);
}

static void row_shell(void)
{
	char command[256];

	snprintf(command, sizeof(command), "%s --exit", bench_program);
	row_loop(shell, command, TIMES, 1);
}

const struct row process_rows[] = {
	{ "fork and exit", row_fork },
	{ "fork and execve", row_exec },
	{ "sh -c", row_shell },
	{ NULL, NULL },
};
