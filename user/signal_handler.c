/* A function that nobody calls: signal_handler.
 *
 * In the trace: kill, then signal_send, and before that call returns signal_deliver;
 * ring 3 is entered not after the SYSCALL but at the handler.  The handler ends with
 * the call rt_sigreturn, which never returns: it resumes what was interrupted.  The
 * blocked signal waits: its delivery stands after the sigprocmask that unblocks it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void say(const char *text)
{
	if (write(1, text, strlen(text)) < 0)
		_exit(1);
}

static void on_signal(int number)
{
	say(number == SIGUSR1 ? "  handler: SIGUSR1\n" : "  handler: SIGUSR2\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t one;

	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);

	say("before kill(SIGUSR1)\n");
	kill(getpid(), SIGUSR1);
	say("after kill(SIGUSR1)\n");

	sigemptyset(&one);
	sigaddset(&one, SIGUSR2);
	sigprocmask(SIG_BLOCK, &one, NULL);
	kill(getpid(), SIGUSR2);
	say("SIGUSR2 is sent and blocked\n");
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	say("after the unblocking\n");
	return 0;
}
