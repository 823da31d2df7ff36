/* Signals: sending, actions, masks, default actions. */
#include "tests/abi/case.h"

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int count, last, depth, deepest;
static volatile siginfo_t seen;
static int order[64];

static void on_count(int number)
{
	last = number;
	count++;
}

static void on_info(int number, siginfo_t *info, void *context)
{
	CHECK(context != NULL);
	last = number;
	count++;
	memcpy((void *)&seen, info, sizeof(*info));
}

static void on_order(int number)
{
	order[count++] = number;
}

static void on_nested(int number)
{
	count++;
	depth++;
	if (depth > deepest)
		deepest = depth;
	if (count < 3)
		kill(getpid(), number);
	depth--;
}

static void handler_set(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	CHECK(sigaction(number, &action, NULL) == 0);
}

static void mask_change(int how, int number)
{
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, number);
	CHECK(sigprocmask(how, &one, NULL) == 0);
}

CASE(signal_handled)
{
	handler_set(SIGUSR1, on_count, 0);
	GIVES(kill(getpid(), SIGUSR1), 0);
	GIVES(count, 1); /* delivered before kill returned */
	GIVES(last, SIGUSR1);
	GIVES(kill(getpid(), SIGUSR1), 0);
	GIVES(count, 2);
}

CASE(signal_information)
{
	struct sigaction action = { .sa_sigaction = on_info, .sa_flags = SA_SIGINFO };

	CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
	GIVES(kill(getpid(), SIGUSR1), 0);
	GIVES(seen.si_signo, SIGUSR1);
	GIVES(seen.si_code, SI_USER);
	CHECK(seen.si_pid == getpid() && seen.si_uid == getuid());
	GIVES(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1), 0);
	GIVES(seen.si_code, SI_TKILL);
	CHECK(seen.si_pid == getpid());
	GIVES(count, 2);
}

CASE(signal_actions_read_back)
{
	struct sigaction action = { .sa_handler = on_count, .sa_flags = SA_RESTART | SA_NODEFER };
	struct sigaction old;

	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGHUP);
	GIVES(sigaction(SIGUSR1, &action, &old), 0);
	GIVES(old.sa_handler == SIG_DFL, 1);
	GIVES(sigaction(SIGUSR1, NULL, &old), 0);
	GIVES(old.sa_handler == on_count, 1);
	GIVES(old.sa_flags & (SA_RESTART | SA_NODEFER | SA_SIGINFO), SA_RESTART | SA_NODEFER);
	GIVES(sigismember(&old.sa_mask, SIGHUP), 1);
	GIVES(sigismember(&old.sa_mask, SIGINT), 0);
}

CASE(signal_action_errors)
{
	long action[4] = { 0 };

	FAILS(syscall(SYS_rt_sigaction, SIGKILL, action, 0, 8), EINVAL);
	FAILS(syscall(SYS_rt_sigaction, SIGSTOP, action, 0, 8), EINVAL);
	FAILS(syscall(SYS_rt_sigaction, 0, action, 0, 8), EINVAL);
	FAILS(syscall(SYS_rt_sigaction, 65, action, 0, 8), EINVAL);
	FAILS(syscall(SYS_rt_sigaction, SIGUSR1, action, 0, 4), EINVAL);
	GIVES(syscall(SYS_rt_sigaction, SIGKILL, 0, action, 8), 0);
	FAILS(syscall(SYS_rt_sigprocmask, 9, action, 0, 8), EINVAL);
	FAILS(syscall(SYS_rt_sigprocmask, SIG_BLOCK, action, 0, 16), EINVAL);
}

CASE(signal_blocked)
{
	sigset_t old;

	handler_set(SIGUSR1, on_count, 0);
	mask_change(SIG_BLOCK, SIGUSR1);
	for (int i = 0; i < 3; i++)
		CHECK(kill(getpid(), SIGUSR1) == 0);
	GIVES(count, 0);
	CHECK(sigprocmask(SIG_BLOCK, NULL, &old) == 0);
	GIVES(sigismember(&old, SIGUSR1), 1);
	mask_change(SIG_UNBLOCK, SIGUSR1);
	GIVES(count, 1); /* sent thrice, kept once */
}

CASE(signal_kill_not_blocked)
{
	sigset_t all;

	sigfillset(&all);
	CHECK(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
	CHECK(sigprocmask(SIG_SETMASK, NULL, &all) == 0);
	GIVES(sigismember(&all, SIGKILL), 0);
	GIVES(sigismember(&all, SIGSTOP), 0);
	GIVES(sigismember(&all, SIGTERM), 1);
}

/* A stop signal that is taken first does not keep SIGKILL waiting. */
CASE(signal_kill_beats_stop)
{
	for (int i = 0; i < 20; i++) {
		pid_t pid = child();

		while (pid == 0)
			getppid();
		sleep_ms(i % 3);
		CHECK(syscall(SYS_tkill, pid, SIGSTOP) == 0);
		CHECK(kill(pid, SIGKILL) == 0);
		CHECK(child_status(pid) == SIGKILL);
	}
	say("all twenty were killed");
}

CASE(signal_realtime_queued)
{
	int number = SIGRTMIN + 1;

	handler_set(number, on_count, 0);
	mask_change(SIG_BLOCK, number);
	for (int i = 0; i < 5; i++)
		CHECK(kill(getpid(), number) == 0);
	mask_change(SIG_UNBLOCK, number);
	GIVES(count, 5);
}

CASE(signal_order)
{
	static const int sent[] = { SIGTERM, SIGUSR2, SIGHUP, SIGUSR1, SIGINT };
	struct sigaction action = { .sa_handler = on_order };
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	action.sa_mask = all;
	CHECK(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
	for (int i = 0; i < 5; i++)
		CHECK(sigaction(sent[i], &action, NULL) == 0 && kill(getpid(), sent[i]) == 0);
	CHECK(sigprocmask(SIG_SETMASK, &none, NULL) == 0);
	GIVES(count, 5);
	for (int i = 0; i < 5; i++) /* all frames are pushed at once: the last runs first */
		say("handler %d: SIG%s", i, signal_name(order[i]));
}

CASE(signal_deferred_in_handler)
{
	handler_set(SIGUSR1, on_nested, 0);
	CHECK(kill(getpid(), SIGUSR1) == 0);
	GIVES(count, 3);
	GIVES(deepest, 1);
}

CASE(signal_nodefer)
{
	handler_set(SIGUSR1, on_nested, SA_NODEFER);
	CHECK(kill(getpid(), SIGUSR1) == 0);
	GIVES(count, 3);
	GIVES(deepest, 3);
}

CASE(signal_resethand)
{
	pid_t pid = child();

	if (pid == 0) {
		handler_set(SIGUSR1, on_count, SA_RESETHAND);
		kill(getpid(), SIGUSR1);
		GIVES(count, 1);
		kill(getpid(), SIGUSR1);
		_exit(0);
	}
	DIES(pid, SIGUSR1);
}

/* What each signal does when nothing is said: the letter tells. */
CASE(signal_default_actions)
{
	char text[65] = "";
	int word;
	pid_t pid;

	for (int number = 1; number <= 64; number++) {
		if (number >= 32 && number < SIGRTMIN) {
			text[number - 1] = '.';
			continue;
		}
		pid = child();
		if (pid == 0) {
			kill(getpid(), number);
			_exit(0);
		}
		CHECK(waitpid(pid, &word, WUNTRACED) == pid);
		text[number - 1] = WIFEXITED(word) ? 'i' : WIFSTOPPED(word) ? 's' : 'd';
		if (WIFSTOPPED(word)) {
			CHECK(WSTOPSIG(word) == number && kill(pid, SIGKILL) == 0);
			child_status(pid);
		} else if (WIFSIGNALED(word)) {
			CHECK(WTERMSIG(word) == number);
		}
	}
	say("%s", text);
	CHECK(strncmp(text, "dddddddddddddddddidsddidddddidd", 16) == 0);
}

CASE(signal_ignored)
{
	CHECK(signal(SIGTERM, SIG_IGN) != SIG_ERR);
	GIVES(kill(getpid(), SIGTERM), 0);
	mask_change(SIG_BLOCK, SIGTERM);
	GIVES(kill(getpid(), SIGTERM), 0);
	CHECK(signal(SIGTERM, SIG_IGN) != SIG_ERR); /* drops what is pending */
	CHECK(signal(SIGTERM, SIG_DFL) != SIG_ERR);
	mask_change(SIG_UNBLOCK, SIGTERM);
	say("still here");
}

CASE(kill_errors)
{
	FAILS(kill(99999999, 0), ESRCH);
	FAILS(kill(99999999, SIGTERM), ESRCH);
	FAILS(kill(-99999999, SIGTERM), ESRCH);
	FAILS(kill(getpid(), 65), EINVAL);
	FAILS(kill(getpid(), -1), EINVAL);
	GIVES(kill(getpid(), 0), 0);
	FAILS(syscall(SYS_tgkill, getpid(), 99999999, 0), ESRCH);
	FAILS(syscall(SYS_tgkill, -1, getpid(), 0), EINVAL);
	FAILS(syscall(SYS_tgkill, getpid(), 0, 0), EINVAL);
	FAILS(syscall(SYS_tgkill, getpid(), getpid(), 99), EINVAL);
}

CASE(kill_permission)
{
	pid_t root = getpid(), pid = child();

	if (pid == 0) {
		CHECK(setuid(1000) == 0);
		FAILS(kill(root, SIGTERM), EPERM);
		FAILS(kill(root, 0), EPERM);
		GIVES(kill(getpid(), 0), 0);
		_exit(0);
	}
	EXITS(pid, 0);
}

CASE(kill_group)
{
	pid_t pids[3];

	for (int i = 0; i < 3; i++) {
		pids[i] = child();
		if (pids[i] == 0)
			for (;;)
				pause();
		CHECK(setpgid(pids[i], pids[0]) == 0);
	}
	GIVES(kill(-pids[0], SIGTERM), 0);
	for (int i = 0; i < 3; i++)
		DIES(pids[i], SIGTERM);
	FAILS(kill(-pids[0], SIGTERM), ESRCH);
	handler_set(SIGUSR1, on_count, 0);
	GIVES(kill(0, SIGUSR1), 0);
	GIVES(count, 1);
}

CASE(signal_child_ends)
{
	struct sigaction action = { .sa_sigaction = on_info, .sa_flags = SA_SIGINFO | SA_RESTART };
	pid_t pid;

	CHECK(sigaction(SIGCHLD, &action, NULL) == 0);
	pid = child();
	if (pid == 0)
		_exit(9);
	EXITS(pid, 9);
	GIVES(count, 1);
	GIVES(seen.si_code, CLD_EXITED);
	GIVES(seen.si_status, 9);
	CHECK(seen.si_pid == pid);
	pid = child();
	if (pid == 0)
		kill(getpid(), SIGTERM);
	DIES(pid, SIGTERM);
	GIVES(seen.si_code, CLD_KILLED);
	GIVES(seen.si_status, SIGTERM);
}
