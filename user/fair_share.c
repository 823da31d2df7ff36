/* Who gets the CPU when all want it: fair_share [NICE], 10.
 *
 * Two children on one CPU spin until a clock says that 300 ms are over; one of them is
 * nicer than the other.  In the trace, with --cpus 1: both are preempted again and again,
 * nobody starves, and the time each of them had (thread.running) is as their weights: at
 * nice 10 about a ninth.  A third one sleeps and counts what it was late: it needs the
 * CPU seldom and gets it soon. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SPIN_MS = 300, NAPS = 10 };

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void spin(void)
{
	const long end = now_ms() + SPIN_MS;

	while (now_ms() < end)
		for (volatile int turns = 0; turns < 1000; turns++)
			;
}

static void nap(void)
{
	static const struct timespec moment = { .tv_nsec = 20 * 1000 * 1000 };

	for (int i = 0; i < NAPS; i++)
		nanosleep(&moment, NULL);
}

static pid_t start(void (*work)(void), int nice_by)
{
	const pid_t pid = fork();

	if (pid == 0) {
		if (setpriority(PRIO_PROCESS, 0, nice_by))
			_exit(1);
		work();
		_exit(0);
	}
	return pid;
}

int main(int argc, char **argv)
{
	const int nice_by = argc > 1 ? (int)strtol(argv[1], NULL, 0) : 10;
	int status, bad = 0;

	start(spin, 0);
	start(spin, nice_by);
	start(nap, 0);
	for (int i = 0; i < 3; i++)
		bad |= wait(&status) < 0 || status != 0;
	printf("three children left %s\n", bad ? "badly" : "well");
	return bad;
}
