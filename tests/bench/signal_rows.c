/* Signals: installed, caught, and made by an access that is not allowed. */
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/bench/row.h"

#define CALLS  10000
#define FAULTS 2000

static volatile unsigned caught;

static void handler(int sig)
{
	(void)sig;
	caught++;
}

static void install(void *argument)
{
	must(sigaction(SIGUSR1, argument, NULL) == 0, "sigaction");
}

static void row_install(void)
{
	struct sigaction action = { .sa_handler = handler };

	row_loop(install, &action, CALLS, 1);
}

static void catch_one(void *argument)
{
	must(kill(*(pid_t *)argument, SIGUSR1) == 0, "kill");
}

static void row_catch(void)
{
	struct sigaction action = { .sa_handler = handler };
	pid_t me = getpid();

	must(sigaction(SIGUSR1, &action, NULL) == 0, "sigaction");
	row_loop(catch_one, &me, CALLS, 1);
}

static char *barred;

/* The access is made again each time the handler returns, until it is allowed. */
static void faulted(int sig)
{
	(void)sig;
	if (++caught == FAULTS)
		must(mprotect(barred, 4096, PROT_READ | PROT_WRITE) == 0, "mprotect");
}

static void row_protection(void)
{
	struct sigaction action = { .sa_handler = faulted };

	must(sigaction(SIGSEGV, &action, NULL) == 0, "sigaction");
	barred = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(barred != MAP_FAILED, "mmap");
	for (unsigned batch = 0; batch < 4; batch++) {
		uint64_t start;

		must(mprotect(barred, 4096, PROT_READ) == 0, "mprotect");
		caught = 0;
		start = ticks();
		*(volatile char *)barred = 1;
		row_batch(ticks() - start, FAULTS);
	}
	munmap(barred, 4096);
	signal(SIGSEGV, SIG_DFL);
}

const struct row signal_rows[] = {
	{ "signal install", row_install },
	{ "signal catch", row_catch },
	{ "protection fault", row_protection },
	{ NULL, NULL },
};
