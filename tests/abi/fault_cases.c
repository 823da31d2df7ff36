/* What a program must not do, and the signal that answers it. */
#include "tests/abi/case.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/abi/fault.h"

enum { PAGE = 4096 };

#define KERNEL_ADDRESS ((void *)0xffffffff80000000ul)
#define NON_CANONICAL  ((void *)0x8000000000000000ul)

/* Prints signal and code; the address is checked, not printed. */
static void show(const char *what, struct fault fault, const void *address)
{
	say("%s: SIG%s code %d", what, signal_name(fault.signal), fault.code);
	CHECK(fault.addr == address);
}

CASE(fault_null)
{
	show("read", fault_read(NULL), NULL);
	show("write", fault_write(NULL), NULL);
	show("call", fault_call(NULL), NULL);
	show("read at 4095", fault_read((void *)4095), (void *)4095);
	CHECK(fault_read(NULL).code == SEGV_MAPERR);
}

CASE(fault_kernel_address)
{
	show("read", fault_read(KERNEL_ADDRESS), KERNEL_ADDRESS);
	show("write", fault_write(KERNEL_ADDRESS), KERNEL_ADDRESS);
	show("call", fault_call(KERNEL_ADDRESS), KERNEL_ADDRESS);
	CHECK(fault_read(KERNEL_ADDRESS).signal == SIGSEGV);
}

CASE(fault_non_canonical)
{
	show("read", fault_read(NON_CANONICAL), NULL);
	show("write", fault_write(NON_CANONICAL), NULL);
	show("call", fault_call(NON_CANONICAL), NULL);
	CHECK(fault_read(NON_CANONICAL).code == SI_KERNEL);
}

CASE(fault_write_constant)
{
	static const char constant[] = "constant";

	show("write", fault_write((void *)constant), constant);
	CHECK(fault_write((void *)constant).code == SEGV_ACCERR);
	show("write text", fault_write((void *)fault_read), (void *)fault_read);
}

CASE(fault_execute_data)
{
	static char code[] = "\xc3";
	char on_stack[] = "\xc3";

	show("data", fault_call(code), code);
	show("stack", fault_call(on_stack), on_stack);
	CHECK(fault_call(code).code == SEGV_ACCERR);
}

static void divide(void *zero)
{
	int result, divisor = *(int *)zero;

	__asm__ volatile("cltd; idivl %2" : "=a"(result) : "0"(1), "r"(divisor) : "edx");
}

CASE(fault_divide)
{
	int zero = 0;
	struct fault fault = fault_try(divide, &zero);

	say("divide: SIG%s code %d", signal_name(fault.signal), fault.code);
	CHECK(fault.signal == SIGFPE && fault.code == FPE_INTDIV && fault.addr);
}

/* On the x87: QEMU's TCG knows no unmasked exceptions of SSE. */
static void divide_floats(void *zero)
{
	unsigned short unmasked = 0x037b; /* control word, zero-divide not masked */

	__asm__ volatile("fninit; fldcw %0; fld1; fldl %1; fdivrp; fwait" ::"m"(unmasked),
			 "m"(*(double *)zero));
}

CASE(fault_divide_floats)
{
	double zero = 0;
	struct fault fault = fault_try(divide_floats, &zero);

	say("fdiv: SIG%s code %d", signal_name(fault.signal), fault.code);
	CHECK(fault.signal == SIGFPE && fault.code == FPE_FLTDIV);
}

static void undefined(void *unused)
{
	(void)unused;
	__asm__ volatile("ud2");
}

static void breakpoint(void *unused)
{
	(void)unused;
	__asm__ volatile("int3");
}

static void halt(void *unused)
{
	(void)unused;
	__asm__ volatile("hlt");
}

static void step(void *unused)
{
	(void)unused;
	__asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq; nop; nop" ::: "memory", "cc");
}

static void interrupt_64(void *unused)
{
	(void)unused;
	__asm__ volatile("int $64");
}

static void bad_stack(void *address)
{
	__asm__ volatile(
		"mov %%rsp, %%rbx; mov %0, %%rsp; push %%rax; mov %%rbx, %%rsp" ::"r"(address)
		: "rbx", "memory");
}

CASE(fault_instructions)
{
	static const struct {
		const char *name;
		void (*act)(void *);
		int signal, code;
	} all[] = {
		{ "ud2", undefined, SIGILL, ILL_ILLOPN },
		{ "int3", breakpoint, SIGTRAP, SI_KERNEL },
		{ "hlt", halt, SIGSEGV, SI_KERNEL },
		{ "int $64", interrupt_64, SIGSEGV, SI_KERNEL },
		{ "trap flag", step, SIGTRAP, TRAP_TRACE },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct fault fault = fault_try(all[i].act, NULL);

		say("%s: SIG%s code %d", all[i].name, signal_name(fault.signal), fault.code);
		CHECK(fault.signal == all[i].signal && fault.code == all[i].code);
	}
}

CASE(fault_stack_pointer)
{
	struct fault fault = fault_try(bad_stack, (void *)PAGE);

	say("push: SIG%s code %d", signal_name(fault.signal), fault.code);
	CHECK(fault.signal == SIGSEGV && fault.code == SEGV_MAPERR);
	CHECK(fault.addr == (void *)(PAGE - 8));
	fault = fault_try(bad_stack, NON_CANONICAL);
	CHECK(fault.signal == SIGBUS || fault.signal == SIGSEGV);
}

static char *repaired;

static void on_fault_repair(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	if (info->si_addr != repaired || mprotect(repaired, PAGE, PROT_READ | PROT_WRITE) < 0)
		_exit(1);
}

CASE(fault_repaired_by_handler)
{
	struct sigaction action = { .sa_sigaction = on_fault_repair, .sa_flags = SA_SIGINFO };

	repaired = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(repaired != MAP_FAILED && sigaction(SIGSEGV, &action, NULL) == 0);
	*(volatile char *)repaired = 'x';
	GIVES(*repaired, 'x');
}

static void on_fault_again(int number)
{
	(void)number;
	*(volatile char *)NULL = 1;
}

CASE(fault_in_handler)
{
	struct sigaction action = { .sa_handler = on_fault_again };
	pid_t pid = child();

	if (pid == 0) {
		CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
		*(volatile char *)NULL = 1;
		_exit(0);
	}
	DIES(pid, SIGSEGV);
}

CASE(fault_cannot_be_ignored)
{
	sigset_t all;
	pid_t pid = child();

	if (pid == 0) {
		CHECK(signal(SIGSEGV, SIG_IGN) != SIG_ERR);
		*(volatile char *)NULL = 1;
		_exit(0);
	}
	DIES(pid, SIGSEGV);
	pid = child();
	if (pid == 0) {
		sigfillset(&all);
		CHECK(sigprocmask(SIG_BLOCK, &all, NULL) == 0);
		*(volatile char *)NULL = 1;
		_exit(0);
	}
	DIES(pid, SIGSEGV);
}

CASE(fault_by_default)
{
	static void (*const acts[])(void *) = { undefined, breakpoint, halt, divide };
	static const int signals[] = { SIGILL, SIGTRAP, SIGSEGV, SIGFPE };
	int zero = 0;

	for (int i = 0; i < 4; i++) {
		pid_t pid = child();

		if (pid == 0) {
			acts[i](&zero);
			_exit(0);
		}
		DIES(pid, signals[i]);
	}
}
