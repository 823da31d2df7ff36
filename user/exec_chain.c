/* One process, several programs: exec_chain [STEPS], 3 steps.
 *
 * In the trace: one thread, one pid, and an exec event for each step; with each the
 * whole address space goes (the next faults are demand-zero and file faults again),
 * while the descriptors stay: the pipe that the first step made is read by the last. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* exec_chain STEPS PID FD: a step after the first. */
static int step(long left, pid_t first, int letter)
{
	char text[64] = "";

	printf("step %ld: same process: %s\n", left, getpid() == first ? "yes" : "no");
	if (left > 0)
		return -1;
	if (read(letter, text, sizeof(text) - 1) < 0)
		return 1;
	printf("the letter says: %s\n", text);
	return 0;
}

int main(int argc, char **argv)
{
	static const char letter[] = "written before the first exec";
	char left[24], pid[24], fd[24];
	long steps = argc > 1 ? strtol(argv[1], NULL, 0) : 3;
	int ends[2], done;

	if (argc < 4) {
		if (pipe(ends) < 0 || write(ends[1], letter, strlen(letter)) < 0)
			return 1;
		snprintf(pid, sizeof(pid), "%d", (int)getpid());
		snprintf(fd, sizeof(fd), "%d", ends[0]);
	} else {
		done = step(steps, (pid_t)strtol(argv[2], NULL, 0), (int)strtol(argv[3], NULL, 0));
		if (done >= 0)
			return done;
		snprintf(pid, sizeof(pid), "%s", argv[2]);
		snprintf(fd, sizeof(fd), "%s", argv[3]);
	}
	fflush(stdout);
	snprintf(left, sizeof(left), "%ld", steps - 1);
	execl("/proc/self/exe", argv[0], left, pid, fd, (char *)NULL);
	perror("execl");
	return 1;
}
