/* Waiting for children, and what their status words say. */
#include "tests/abi/case.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

CASE(wait_any)
{
	int word;
	pid_t pid = child();

	if (pid == 0)
		_exit(3);
	CHECK(wait(&word) == pid);
	GIVES(word, 3 << 8);
	FAILS(wait(&word), ECHILD);
}

CASE(wait_specific)
{
	int word;
	pid_t first = child(), second;

	if (first == 0)
		_exit(1);
	second = child();
	if (second == 0)
		_exit(2);
	CHECK(waitpid(second, &word, 0) == second);
	GIVES(word, 2 << 8);
	CHECK(waitpid(first, &word, 0) == first);
	GIVES(word, 1 << 8);
	FAILS(waitpid(first, &word, 0), ECHILD);
	FAILS(waitpid(getppid(), &word, 0), ECHILD);
	FAILS(waitpid(99999999, &word, 0), ECHILD);
}

CASE(wait_does_not_hang)
{
	int word, ends[2];
	char byte;
	pid_t pid;

	CHECK(pipe(ends) == 0);
	pid = child();
	if (pid == 0)
		_exit(read(ends[0], &byte, 1) == 1 ? 5 : 1);
	GIVES(waitpid(pid, &word, WNOHANG), 0);
	GIVES(waitpid(-1, &word, WNOHANG), 0);
	CHECK(write(ends[1], "x", 1) == 1);
	CHECK(waitpid(pid, &word, 0) == pid);
	GIVES(word, 5 << 8);
	FAILS(waitpid(-1, &word, WNOHANG), ECHILD);
}

CASE(wait_group)
{
	int word;
	pid_t pid = child(), other;

	if (pid == 0)
		pause();
	CHECK(setpgid(pid, pid) == 0);
	other = child();
	if (other == 0)
		_exit(1);
	CHECK(waitpid(0, &word, 0) == other);
	FAILS(waitpid(0, &word, WNOHANG), ECHILD);
	GIVES(waitpid(-pid, &word, WNOHANG), 0);
	CHECK(kill(-pid, SIGTERM) == 0);
	CHECK(waitpid(-pid, &word, 0) == pid);
	GIVES(word, SIGTERM);
}

CASE(wait_bad_options)
{
	FAILS(waitpid(-1, NULL, 0x1000), EINVAL);
	FAILS(waitpid(-1, NULL, 0), ECHILD);
}

CASE(wait_without_status)
{
	struct rusage usage;
	pid_t pid = child();

	if (pid == 0)
		_exit(1);
	CHECK(waitpid(pid, NULL, 0) == pid);
	pid = child();
	if (pid == 0)
		_exit(1);
	CHECK(wait4(pid, NULL, 0, &usage) == pid);
	CHECK(usage.ru_utime.tv_sec < 10 && usage.ru_stime.tv_usec < 1000000);
}

CASE(wait_killed)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGKILL, SIGTERM, SIGUSR1, SIGABRT };

	for (int i = 0; i < 6; i++) {
		pid_t pid = child();

		if (pid == 0)
			for (;;)
				pause();
		CHECK(kill(pid, signals[i]) == 0);
		DIES(pid, signals[i]);
	}
}

CASE(wait_stopped_and_continued)
{
	int word;
	pid_t pid = child();

	if (pid == 0)
		for (;;)
			pause();
	CHECK(kill(pid, SIGSTOP) == 0);
	CHECK(waitpid(pid, &word, WUNTRACED) == pid);
	GIVES(word, SIGSTOP << 8 | 0x7f);
	GIVES(WIFSTOPPED(word), 1);
	GIVES(waitpid(pid, &word, WUNTRACED | WNOHANG), 0);
	CHECK(kill(pid, SIGCONT) == 0);
	CHECK(waitpid(pid, &word, WCONTINUED) == pid);
	GIVES(word, 0xffff);
	GIVES(waitpid(pid, &word, WUNTRACED | WCONTINUED | WNOHANG), 0);
	CHECK(kill(pid, SIGTSTP) == 0);
	CHECK(waitpid(pid, &word, WUNTRACED) == pid);
	GIVES(WSTOPSIG(word), SIGTSTP);
	CHECK(kill(pid, SIGKILL) == 0);
	DIES(pid, SIGKILL);
}

CASE(wait_zombie_stays)
{
	siginfo_t info;
	pid_t pid = child();
	int word;

	if (pid == 0)
		_exit(6);
	GIVES(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	GIVES(info.si_status, 6);
	GIVES(kill(pid, 0), 0);
	GIVES(kill(pid, SIGKILL), 0);
	CHECK(waitpid(pid, &word, 0) == pid);
	GIVES(word, 6 << 8);
	FAILS(kill(pid, 0), ESRCH);
}

CASE(wait_children_ignored)
{
	pid_t pid;

	CHECK(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	pid = child();
	if (pid == 0)
		_exit(1);
	FAILS(waitpid(pid, NULL, 0), ECHILD);
	FAILS(kill(pid, 0), ESRCH);
}

static void on_signal(int number)
{
	(void)number;
}

CASE(wait_interrupted)
{
	struct sigaction action = { .sa_handler = on_signal };
	pid_t pid = child();

	if (pid == 0)
		for (;;)
			pause();
	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	alarm(1);
	FAILS(waitpid(pid, NULL, 0), EINTR);
	kill(pid, SIGKILL);
	DIES(pid, SIGKILL);
}

CASE(wait_restarted)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	pid_t parent = getpid(), pid;

	CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
	pid = child();
	if (pid == 0) {
		until_asleep(parent);
		kill(parent, SIGUSR1);
		sleep_ms(30);
		_exit(8);
	}
	CHECK(waitpid(pid, NULL, 0) == pid);
	say("waited for the child in spite of a signal");
}
