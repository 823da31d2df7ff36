/* oracle_storm ROUNDS: interrupts while records are made.  Pairs of processes pass a byte
 * to and fro, each with a timer whose signals come as fast as they can: timer interrupts
 * everywhere, and one CPU's interrupts that wake another's thread. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAIRS = 4, TICK_US = 200 };

static volatile sig_atomic_t ticks;

static void on_tick(int sig)
{
	(void)sig;
	ticks++;
}

static void clock_begin(void)
{
	const struct itimerval often = { { 0, TICK_US }, { 0, TICK_US } };
	struct sigaction action = { .sa_handler = on_tick, .sa_flags = SA_RESTART };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

/* Take a byte from one pipe and put it into another, rounds times. */
static int play(int from, int to, long rounds, int begins)
{
	char byte = 0;

	clock_begin();
	for (long i = 0; i < rounds; i++) {
		if (begins && write(to, &byte, 1) != 1)
			return 1;
		if (read(from, &byte, 1) != 1)
			return 1;
		if (!begins && write(to, &byte, 1) != 1)
			return 1;
	}
	return ticks == 0; /* no storm */
}

int main(int argc, char **argv)
{
	const long rounds = argc > 1 ? atol(argv[1]) : 1000;
	int there[2], back[2], status, bad = 0;

	for (int i = 0; i < PAIRS; i++) {
		if (pipe(there) || pipe(back))
			return 2;
		if (fork() == 0)
			_exit(play(back[0], there[1], rounds, 1));
		if (fork() == 0)
			_exit(play(there[0], back[1], rounds, 0));
	}
	while (wait(&status) > 0 || errno == EINTR)
		bad += status != 0;
	printf("storm %d\n", bad);
	return bad != 0;
}
