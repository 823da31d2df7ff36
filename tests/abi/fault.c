/* See fault.h.  The handlers leave by siglongjmp, on a stack of their own, so that a
 * bad stack pointer can be tried too. */
#include "tests/abi/fault.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>

#include "tests/abi/case.h"

static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
enum { SIGNALS = sizeof(signals) / sizeof(*signals) };

static sigjmp_buf escape;
static volatile struct fault seen;

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)context;
	seen.signal = number;
	seen.code = info->si_code;
	seen.addr = info->si_addr;
	siglongjmp(escape, 1);
}

struct fault fault_try(void (*act)(void *), void *argument)
{
	static char stack[32768];
	stack_t other = { .ss_sp = stack, .ss_size = sizeof(stack) }, old_stack;
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	struct sigaction old[SIGNALS];

	memset((void *)&seen, 0, sizeof(seen));
	CHECK(sigaltstack(&other, &old_stack) == 0);
	for (int i = 0; i < SIGNALS; i++)
		CHECK(sigaction(signals[i], &action, &old[i]) == 0);
	if (sigsetjmp(escape, 1) == 0)
		act(argument);
	for (int i = 0; i < SIGNALS; i++)
		CHECK(sigaction(signals[i], &old[i], NULL) == 0);
	CHECK(sigaltstack(&old_stack, NULL) == 0);
	return (struct fault){ seen.signal, seen.code, seen.addr };
}

static void act_read(void *address)
{
	(void)*(volatile char *)address;
}

static void act_write(void *address)
{
	*(volatile char *)address = 1;
}

static void act_call(void *address)
{
	((void (*)(void))address)();
}

struct fault fault_read(const void *address)
{
	return fault_try(act_read, (void *)address);
}

struct fault fault_write(void *address)
{
	return fault_try(act_write, address);
}

struct fault fault_call(void *address)
{
	return fault_try(act_call, address);
}
