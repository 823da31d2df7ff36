/* A process that never asks the kernel for anything: preempt_spinner.
 *
 * One child spins for ever without a system call; another counts to three with short
 * sleeps.  In the trace, with --cpus 1: the spinner is interrupted by the timer, and
 * the switches away from it say "preempted"; without them the counter would never
 * run.  The spinner cannot be asked to stop either: the signal reaches it on the way
 * out of an interrupt. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void spin(void)
{
	for (volatile unsigned long turns = 0;; turns++)
		;
}

static void count(void)
{
	static const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

	for (int i = 1; i <= 3; i++) {
		nanosleep(&pause, NULL);
		printf("counter: %d\n", i);
		fflush(stdout);
	}
}

int main(void)
{
	pid_t spinner, counter;
	int status;

	spinner = fork();
	if (spinner == 0)
		spin();
	counter = fork();
	if (counter == 0) {
		count();
		_exit(0);
	}
	waitpid(counter, NULL, 0);
	kill(spinner, SIGKILL);
	waitpid(spinner, &status, 0);
	printf("spinner: %s\n", WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "left");
	return 0;
}
