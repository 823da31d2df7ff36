/* What the last signal with a siginfo_t told: for cases in which a file sends it. */
#ifndef TESTS_ABI_TOLD_H
#define TESTS_ABI_TOLD_H

#include <signal.h>

extern volatile sig_atomic_t told_count; /* how many came */
/* si_code, si_fd and si_pid of the last one. */
extern volatile sig_atomic_t told_code, told_fd, told_sender;

/* Count sig from now on; flags: SA_RESTART if calls that it interrupts are to go on. */
void told_by(int sig, int flags);

#endif
