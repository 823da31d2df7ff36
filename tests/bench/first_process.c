/* first_process [--report N] [CMD ARGUMENT...]: run a command (busybox's true if none
 * is given), on Linux as the first process of a machine that then ends.
 *
 * --report: run it N times, and say on standard output how many ticks of the TSC had
 * passed when this program began ("begin<tab>TICKS", since the machine's reset) and
 * what each run took ("run<tab>TICKS").  The command's own output is dropped. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/row.h"

static void place(const char *type, const char *at)
{
	mkdir(at, 0755);
	mount(type, at, type, 0, NULL);
}

static int run(char **command, int quiet)
{
	const pid_t child = fork();
	int status = -1;

	if (child == 0) {
		if (quiet)
			dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execvp(command[0], command);
		_exit(127);
	}
	while (child > 0 && wait(&status) != child)
		;
	return status;
}

int main(int argc, char **argv)
{
	const uint64_t begin = ticks();
	char busybox[] = "/busybox", applet[] = "true";
	char *usual[] = { busybox, applet, NULL };
	const int report = argc > 2 && strcmp(argv[1], "--report") == 0;
	char **command = argc > 1 + 2 * report ? argv + 1 + 2 * report : usual;
	const int first = getpid() == 1;
	int status = 0;

	if (first) {
		place("devtmpfs", "/dev");
		place("proc", "/proc");
		place("tmpfs", "/tmp");
	}
	if (report)
		printf("begin\t%llu\n", (unsigned long long)begin);
	for (int i = report ? atoi(argv[2]) : 1; i > 0; i--) {
		const uint64_t start = ticks();

		status = run(command, report);
		if (report)
			printf("run\t%llu\n", (unsigned long long)(ticks() - start));
	}
	if (report && status)
		printf("failed\t%d\n", status);
	fflush(stdout);
	if (first)
		reboot(RB_AUTOBOOT);
	return status != 0;
}
