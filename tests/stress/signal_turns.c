/* Signals: queued, caught amid calls, stopping, from timers. */
#include "tests/stress/stress.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught += number > 0;
}

static void on_signal_info(int number, siginfo_t *info, void *context)
{
	caught += info->si_value.sival_int;
	CHECK(number == SIGRTMIN && info->si_code == SI_QUEUE && context);
}

/* Queued signals arrive each once and in order of their sending; plain ones merge. */
CASE(signal_queue)
{
	enum { COUNT = 50 };
	struct sigaction action = { .sa_sigaction = on_signal_info,
				    .sa_flags = SA_SIGINFO | SA_RESTART };
	pid_t parent = getpid(), pids[2];
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	CHECK(sigaction(SIGRTMIN, &action, NULL) == 0);
	CHECK(sigprocmask(SIG_BLOCK, &set, &old) == 0);
	caught = 0;
	for (int k = 0; k < 2; k++) {
		pids[k] = child();
		for (int i = 0; pids[k] == 0 && i < COUNT; i++) {
			union sigval value = { .sival_int = 1 + k };

			CHECK(sigqueue(parent, SIGRTMIN, value) == 0);
		}
		if (pids[k] == 0)
			_exit(0);
	}
	while (caught < COUNT * 3)
		CHECK(sigsuspend(&old) < 0 && errno == EINTR);
	CHECK(caught == COUNT * 3);
	for (int k = 0; k < 2; k++)
		CHECK(child_status(pids[k]) == 0);
	CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
	CHECK(signal(SIGRTMIN, SIG_DFL) != SIG_ERR);
}

/* Bytes go through a pipe whole although signals interrupt both ends. */
CASE(signal_amid_calls)
{
	enum { BYTES = 100000 };
	struct itimerval often = { { 0, 700 }, { 0, 700 } }, never = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = on_signal };
	static unsigned char block[5000];
	size_t at = 0;
	int ends[2];
	pid_t pid;

	CHECK(pipe(ends) == 0);
	action.sa_flags = random_below(2) ? SA_RESTART : 0;
	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	pid = child();
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	while (at < BYTES) {
		size_t size = sizeof(block) < BYTES - at ? sizeof(block) : BYTES - at;
		ssize_t n;

		for (size_t i = 0; pid == 0 && i < size; i++)
			block[i] = (unsigned char)((at + i) * 7 >> 2);
		n = pid == 0 ? write(ends[1], block, size) : read(ends[0], block, size);
		CHECK(n > 0 || errno == EINTR);
		for (ssize_t i = 0; pid && i < n; i++)
			CHECK(block[i] == (unsigned char)((at + (size_t)i) * 7 >> 2));
		at += n > 0 ? (size_t)n : 0;
	}
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	if (pid == 0)
		_exit(0);
	CHECK(child_status(pid) == 0);
	CHECK(signal(SIGALRM, SIG_DFL) != SIG_ERR);
	CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
}

CASE(signal_stops)
{
	pid_t pid = child();
	int word;

	if (pid == 0)
		for (;;)
			sched_yield();
	for (int i = 0; i < 5; i++) {
		CHECK(kill(pid, SIGSTOP) == 0);
		CHECK(waitpid(pid, &word, WUNTRACED) == pid && WIFSTOPPED(word));
		CHECK(kill(pid, SIGCONT) == 0);
		CHECK(waitpid(pid, &word, WCONTINUED) == pid && WIFCONTINUED(word));
	}
	CHECK(kill(pid, SIGTERM) == 0);
	CHECK(child_status(pid) == SIGTERM);
}

static volatile bool over;

static void *interrupted(void *none)
{
	while (!over)
		getppid();
	return none;
}

/* Threads signal each other on stacks of their own, in and out of calls. */
CASE(signal_threads)
{
	enum { THREADS = 4 };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	pthread_t threads[THREADS];

	CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
	over = false;
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, interrupted, NULL) == 0);
	for (int i = 0; i < 100; i++)
		CHECK(pthread_kill(threads[random_below(THREADS)], SIGUSR1) == 0);
	over = true;
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	CHECK(signal(SIGUSR1, SIG_DFL) != SIG_ERR);
}
