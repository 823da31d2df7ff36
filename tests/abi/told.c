#include "tests/abi/told.h"

#include "tests/abi/case.h"

volatile sig_atomic_t told_count;
volatile sig_atomic_t told_code, told_fd, told_sender;

static void caught(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	told_count++;
	told_code = info->si_code;
	told_fd = info->si_fd;
	told_sender = info->si_pid;
}

void told_by(int sig, int flags)
{
	struct sigaction a = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO | flags };

	CHECK(sigaction(sig, &a, NULL) == 0);
}
