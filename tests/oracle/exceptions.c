/* Guest program of the oracle's test: raises exceptions other than page faults, a
 * known number of each, and handles them.  Runs on Linux as well. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

#define TIMES 10

static volatile sig_atomic_t caught[3];

static void on_breakpoint(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	caught[0]++; /* the CPU already stands behind INT3 */
}

static void on_opcode(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2; /* over UD2 */
	caught[1]++;
}

static void on_divide(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2; /* over DIVL %ecx */
	caught[2]++;
}

static void catch (int sig, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = handler;
	action.sa_flags = SA_SIGINFO;
	sigaction(sig, &action, NULL);
}

int main(void)
{
	catch (SIGTRAP, on_breakpoint);
	catch (SIGILL, on_opcode);
	catch (SIGFPE, on_divide);
	for (int i = 0; i < TIMES; i++) {
		__asm__ volatile("int3");
		__asm__ volatile("ud2");
		__asm__ volatile("divl %%ecx" : : "a"(1), "c"(0), "d"(0) : "cc");
	}
	printf("%d breakpoints, %d bad opcodes, %d divisions by zero\n", caught[0], caught[1],
	       caught[2]);
	return caught[0] == TIMES && caught[1] == TIMES && caught[2] == TIMES ? 0 : 1;
}
