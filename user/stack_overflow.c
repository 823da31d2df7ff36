/* A stack that grows until it may not: stack_overflow.  Dies of SIGSEGV, status 139.
 *
 * In the trace: faults with cause "stack growth", each one page lower, then one with
 * cause "nothing mapped here" below the limit of 256 KiB.  The handler can run at all
 * only because it has a stack of its own; after it the same instruction faults again,
 * and now the default action ends the process. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void on_fault(int number)
{
	static const char text[] = "handler, on its own stack: no room left below\n";

	if (number != SIGSEGV || write(1, text, sizeof(text) - 1) < 0)
		_exit(1);
}

static volatile int limitless = 1;

/* The array makes each turn one page deep. */
static int deeper(int depth)
{
	volatile char page[4096];

	page[0] = depth;
	return (limitless ? deeper(depth + 1) : 0) + page[0];
}

int main(void)
{
	static char stack[16384];
	struct rlimit limit = { 256 * 1024, 256 * 1024 };
	stack_t other = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK | SA_RESETHAND };

	setrlimit(RLIMIT_STACK, &limit);
	sigaltstack(&other, NULL);
	sigaction(SIGSEGV, &action, NULL);
	printf("going deeper, a page at a time\n");
	fflush(stdout);
	return deeper(0);
}
