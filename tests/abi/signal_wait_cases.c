/* Signals and blocking calls: interruption, restart, stopping, alarms. */
#include "tests/abi/case.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int count;

static void on_count(int number)
{
	(void)number;
	count++;
}

static void handler_set(int number, int flags)
{
	struct sigaction action = { .sa_handler = on_count, .sa_flags = flags };

	CHECK(sigaction(number, &action, NULL) == 0);
}

/* A signal that was sent to the process waits for it to come back from its call. */
static bool is_told(pid_t pid)
{
	char name[32], text[2048] = "";
	const char *waiting;

	snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
	CHECK(file_get(name, text, sizeof(text)) > 0);
	waiting = strstr(text, "ShdPnd:");
	CHECK(waiting);
	return strtoull(waiting + strlen("ShdPnd:"), NULL, 16) == 0;
}

/* A child that sends SIGUSR1 to us while we sleep, and then does a write that ends the
 * wait. */
static pid_t helper_start(int fd)
{
	pid_t parent = getpid(), pid = child();

	if (pid == 0) {
		until_asleep(parent);
		kill(parent, SIGUSR1);
		while (!is_told(parent))
			sleep_ms(1);
		_exit(write(fd, "x", 1) == 1 ? 0 : 1);
	}
	return pid;
}

CASE(signal_restarts_read)
{
	int ends[2];
	char byte;
	pid_t pid;

	CHECK(pipe(ends) == 0);
	handler_set(SIGUSR1, SA_RESTART);
	pid = helper_start(ends[1]);
	GIVES(read(ends[0], &byte, 1), 1);
	GIVES(count, 1);
	EXITS(pid, 0);
}

CASE(signal_interrupts_read)
{
	int ends[2];
	char byte;
	pid_t pid;

	CHECK(pipe(ends) == 0);
	handler_set(SIGUSR1, 0);
	pid = helper_start(ends[1]);
	FAILS(read(ends[0], &byte, 1), EINTR);
	GIVES(count, 1);
	GIVES(read(ends[0], &byte, 1), 1);
	EXITS(pid, 0);
}

CASE(signal_ignored_does_not_interrupt)
{
	int ends[2];
	char byte;
	pid_t pid;

	CHECK(pipe(ends) == 0 && signal(SIGUSR1, SIG_IGN) != SIG_ERR);
	pid = helper_start(ends[1]);
	GIVES(read(ends[0], &byte, 1), 1);
	EXITS(pid, 0);
}

CASE(signal_suspend)
{
	sigset_t blocked, none;

	handler_set(SIGUSR1, 0);
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	CHECK(sigprocmask(SIG_SETMASK, &blocked, NULL) == 0);
	CHECK(kill(getpid(), SIGUSR1) == 0);
	GIVES(count, 0);
	FAILS(sigsuspend(&none), EINTR);
	GIVES(count, 1);
	CHECK(sigprocmask(SIG_SETMASK, NULL, &none) == 0);
	GIVES(sigismember(&none, SIGUSR1), 1);
}

CASE(signal_pause)
{
	pid_t parent = getpid(), pid;

	handler_set(SIGUSR1, SA_RESTART);
	pid = child();
	if (pid == 0) {
		until_asleep(parent);
		_exit(kill(parent, SIGUSR1));
	}
	FAILS(pause(), EINTR);
	GIVES(count, 1);
	EXITS(pid, 0);
}

CASE(alarm_fires)
{
	long begin = now_ms();

	handler_set(SIGALRM, 0);
	GIVES(alarm(1), 0);
	FAILS(pause(), EINTR);
	CHECK(now_ms() - begin >= 990);
	GIVES(count, 1);
	GIVES(alarm(0), 0);
}

CASE(alarm_replaced)
{
	GIVES(alarm(100), 0);
	GIVES(alarm(50), 100);
	GIVES(alarm(0), 50);
	GIVES(alarm(0), 0);
}

CASE(alarm_kills)
{
	pid_t pid = child();

	if (pid == 0) {
		alarm(1);
		for (;;)
			;
	}
	DIES(pid, SIGALRM);
}

CASE(sleep_interrupted)
{
	struct timespec wanted = { 20, 0 }, left = { 0, 0 };

	handler_set(SIGALRM, SA_RESTART);
	alarm(1);
	FAILS(nanosleep(&wanted, &left), EINTR);
	CHECK(left.tv_sec >= 10 && left.tv_sec <= 19);
	GIVES(count, 1);
}

CASE(stop_and_continue)
{
	int ends[2], word;
	char byte;
	pid_t pid;

	CHECK(pipe(ends) == 0);
	pid = child();
	if (pid == 0) {
		kill(getpid(), SIGSTOP);
		_exit(write(ends[1], "x", 1) == 1 ? 2 : 1);
	}
	CHECK(waitpid(pid, &word, WUNTRACED) == pid);
	GIVES(WSTOPSIG(word), SIGSTOP);
	CHECK(kill(pid, SIGCONT) == 0);
	GIVES(read(ends[0], &byte, 1), 1);
	EXITS(pid, 2);
}

CASE(stopped_gets_signal_later)
{
	int word;
	pid_t pid = child();

	if (pid == 0)
		for (;;)
			pause();
	CHECK(kill(pid, SIGSTOP) == 0 && waitpid(pid, &word, WUNTRACED) == pid);
	CHECK(kill(pid, SIGTERM) == 0);
	sleep_ms(20);
	GIVES(waitpid(pid, &word, WNOHANG), 0);
	CHECK(kill(pid, SIGCONT) == 0);
	DIES(pid, SIGTERM);
}

CASE(stopped_is_killed)
{
	int word;
	pid_t pid = child();

	if (pid == 0)
		for (;;)
			;
	CHECK(kill(pid, SIGSTOP) == 0 && waitpid(pid, &word, WUNTRACED) == pid);
	GIVES(WIFSTOPPED(word), 1);
	CHECK(kill(pid, SIGKILL) == 0);
	DIES(pid, SIGKILL);
}

CASE(continue_is_handled)
{
	int word;
	pid_t pid;

	handler_set(SIGCONT, 0);
	pid = child();
	if (pid == 0) {
		kill(getpid(), SIGSTOP);
		_exit(count == 1 ? 3 : 1);
	}
	CHECK(waitpid(pid, &word, WUNTRACED) == pid && kill(pid, SIGCONT) == 0);
	EXITS(pid, 3);
}

CASE(stop_cancelled_by_continue)
{
	sigset_t one, none;
	int word;
	pid_t pid = child();

	if (pid == 0) {
		sigemptyset(&none);
		sigemptyset(&one);
		sigaddset(&one, SIGTSTP);
		CHECK(sigprocmask(SIG_SETMASK, &one, NULL) == 0);
		kill(getpid(), SIGTSTP);
		kill(getpid(), SIGCONT);
		CHECK(sigprocmask(SIG_SETMASK, &none, NULL) == 0);
		_exit(4);
	}
	CHECK(waitpid(pid, &word, WUNTRACED) == pid);
	GIVES(word, 4 << 8);
}

CASE(child_stop_notified)
{
	struct sigaction action = { .sa_handler = on_count, .sa_flags = SA_RESTART };
	int word;
	pid_t pid;

	for (int quiet = 0; quiet < 2; quiet++) {
		action.sa_flags = SA_RESTART | (quiet ? SA_NOCLDSTOP : 0);
		CHECK(sigaction(SIGCHLD, &action, NULL) == 0);
		count = 0;
		pid = child();
		if (pid == 0) {
			kill(getpid(), SIGSTOP);
			pause();
		}
		CHECK(waitpid(pid, &word, WUNTRACED) == pid);
		for (int k = 0; k < 20 || (k < 20000 && !quiet && !count); k++)
			sleep_ms(1); /* the stop may be seen just before the signal */
		GIVES(count, !quiet);
		CHECK(kill(pid, SIGKILL) == 0);
		DIES(pid, SIGKILL);
		GIVES(count, quiet ? 1 : 2);
	}
}
