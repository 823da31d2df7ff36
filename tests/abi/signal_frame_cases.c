/* The signal frame: stacks, registers and vector state, and what a program may do to
 * them from a handler. */
#include "tests/abi/case.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { STACK = 32768 };

static char stack[STACK];
static volatile int count;
static volatile bool on_it;

static void handler_set(int number, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	CHECK(sigaction(number, &action, NULL) == 0);
}

static void on_stack_check(int number, siginfo_t *info, void *context)
{
	ucontext_t *saved = context;
	stack_t now, other = { .ss_flags = SS_DISABLE };
	char here;

	(void)number;
	(void)info;
	on_it = &here >= stack && &here < stack + STACK;
	CHECK((uintptr_t)__builtin_frame_address(0) % 16 == 0);
	CHECK(sigaltstack(NULL, &now) == 0);
	if (on_it) {
		CHECK(now.ss_flags == SS_ONSTACK);
		CHECK(sigaltstack(&other, NULL) == -1 && errno == EPERM);
		CHECK(saved->uc_stack.ss_sp == stack && saved->uc_stack.ss_size == STACK);
	}
	count++;
}

CASE(altstack_used)
{
	stack_t other = { .ss_sp = stack, .ss_size = STACK }, old;

	GIVES(sigaltstack(&other, &old), 0);
	GIVES(old.ss_flags, SS_DISABLE);
	handler_set(SIGUSR1, on_stack_check, SA_ONSTACK);
	handler_set(SIGUSR2, on_stack_check, 0);
	CHECK(kill(getpid(), SIGUSR1) == 0);
	GIVES(on_it, 1);
	CHECK(kill(getpid(), SIGUSR2) == 0);
	GIVES(on_it, 0);
	GIVES(count, 2);
	GIVES(sigaltstack(NULL, &old), 0);
	CHECK(old.ss_sp == stack && old.ss_size == STACK);
	GIVES(old.ss_flags, 0);
}

CASE(altstack_errors)
{
	stack_t other = { .ss_sp = stack, .ss_size = 100 };

	FAILS(syscall(SYS_sigaltstack, &other, NULL), ENOMEM);
	other.ss_size = STACK;
	other.ss_flags = 0x1234;
	FAILS(syscall(SYS_sigaltstack, &other, NULL), EINVAL);
	FAILS(syscall(SYS_sigaltstack, 8, NULL), EFAULT);
}

static void on_jump(int number, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)number;
	(void)info;
	registers[REG_RIP] += 2; /* ud2 has two bytes */
	registers[REG_RAX] = 0x123456789abcdef;
	registers[REG_R12] = -1;
	count++;
}

CASE(frame_changed_by_handler)
{
	long rax = 1, r12 = 2;

	handler_set(SIGILL, on_jump, 0);
	__asm__ volatile("mov $3, %%r12; ud2; mov %%r12, %1" : "+a"(rax), "=r"(r12)::"r12");
	GIVES(count, 1);
	GIVES(rax, 0x123456789abcdef);
	GIVES(r12, -1);
}

static void on_clobber(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	__asm__ volatile("xorl %%ebx, %%ebx; xorl %%r12d, %%r12d; xorl %%r13d, %%r13d;"
			 "xorl %%r14d, %%r14d; xorl %%r15d, %%r15d; pxor %%xmm0, %%xmm0;"
			 "pxor %%xmm7, %%xmm7; pxor %%xmm15, %%xmm15; fninit" ::
				 : "rbx", "r12", "r13", "r14", "r15", "xmm0", "xmm7", "xmm15");
	count++;
}

/* A fault in the middle of a function that has all registers in use, and something in
 * the red zone below its stack pointer. */
CASE(frame_preserves_registers)
{
	unsigned long in[3] = { 0x1111222233334444, 0x5555666677778888, 0x99990000aaaabbbb };
	unsigned long out[8] = { 0 };

	handler_set(SIGTRAP, on_clobber, 0);
	__asm__ volatile("movq 0(%0), %%xmm0; movq 8(%0), %%xmm7; movq 16(%0), %%xmm15;"
			 "mov 0(%0), %%r12; mov 8(%0), %%r13; mov 16(%0), %%r14; mov 0(%0), %%r15;"
			 "mov %%r12, -8(%%rsp); mov %%r13, -128(%%rsp); stc; int3; setc 56(%1);"
			 "mov -8(%%rsp), %%rax; mov %%rax, 40(%1); mov -128(%%rsp), %%rax;"
			 "mov %%rax, 48(%1); mov %%r12, 0(%1); mov %%r14, 8(%1);"
			 "movq %%xmm0, 16(%1); movq %%xmm7, 24(%1); movq %%xmm15, 32(%1)" ::"r"(in),
			 "r"(out)
			 : "rax", "r12", "r13", "r14", "r15", "xmm0", "xmm7", "xmm15", "memory",
			   "cc");
	GIVES(count, 1);
	GIVES(out[0] == in[0] && out[1] == in[2], 1);
	GIVES(out[2] == in[0] && out[3] == in[1] && out[4] == in[2], 1);
	GIVES(out[5] == in[0] && out[6] == in[1], 1);
	GIVES(out[7], 1);
}

static void on_alarm_set(int number, siginfo_t *info, void *context)
{
	on_clobber(number, info, context);
}

/* An asynchronous signal in a loop that lives in vector registers. */
CASE(frame_preserves_loop)
{
	unsigned long turns = 0, sum = 0;

	handler_set(SIGALRM, on_alarm_set, 0);
	alarm(1);
	__asm__ volatile("pxor %%xmm0, %%xmm0; mov $1, %%eax; movq %%rax, %%xmm7; xor %0, %0;"
			 "1: paddq %%xmm7, %%xmm0; inc %0; cmpl $0, %2; je 1b; movq %%xmm0, %1"
			 : "=&r"(turns), "=&r"(sum)
			 : "m"(count)
			 : "rax", "xmm0", "xmm7", "cc", "memory");
	GIVES(count, 1);
	GIVES(sum == turns && turns > 1000, 1);
}

static void on_direction(int number, siginfo_t *info, void *context)
{
	unsigned long flags;

	(void)number;
	(void)info;
	(void)context;
	__asm__ volatile("pushfq; pop %0" : "=r"(flags));
	CHECK(!(flags & 0x400)); /* the direction flag is clear in a handler */
	count++;
}

CASE(frame_direction_flag)
{
	unsigned long flags;

	handler_set(SIGTRAP, on_direction, 0);
	__asm__ volatile("std; int3; pushfq; pop %0; cld" : "=r"(flags)::"cc");
	GIVES(count, 1);
	GIVES(!!(flags & 0x400), 1);
}

/* Spins with a value of its own in xmm3 and the x87 stack; false if it changes. */
static bool vectors_keep(unsigned long value, long turns)
{
	unsigned long now = value;
	double top = (double)value, popped = 0;

	__asm__ volatile("movq %2, %%xmm3; fldl %4; 1: dec %3; jnz 1b; movq %%xmm3, %0; fstpl %1"
			 : "=&r"(now), "=m"(popped), "+r"(value), "+r"(turns)
			 : "m"(top)
			 : "xmm3", "st", "cc", "memory");
	return now == value && popped == top;
}

CASE(vectors_over_context_switches)
{
	enum { CHILDREN = 6 };
	pid_t pids[CHILDREN];

	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = child();
		if (pids[i] == 0) {
			for (int round = 0; round < 20; round++) {
				CHECK(vectors_keep(0x1000 * i + round, 1000000));
				CHECK(sched_yield() == 0);
			}
			_exit(0);
		}
	}
	for (int i = 0; i < CHILDREN; i++)
		EXITS(pids[i], 0);
}

CASE(vectors_over_calls_and_fork)
{
	unsigned long got = 0;
	long value = 0x1234567;
	pid_t pid;

	__asm__ volatile("movq %2, %%xmm5; mov %3, %%eax; syscall; movq %%xmm5, %0"
			 : "=r"(got), "=&a"(pid)
			 : "r"(value), "i"(SYS_fork)
			 : "rcx", "r11", "xmm5", "memory");
	if (pid == 0)
		_exit(got == 0x1234567 ? 0 : 1);
	GIVES(got, 0x1234567);
	EXITS(pid, 0);
}

static void *jump_target;

static void on_bad_return(int number, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)info;
	if (number == SIGUSR1)
		registers[REG_RIP] = (greg_t)jump_target;
	else
		registers[REG_RSP] = (greg_t)jump_target;
}

static pid_t return_to(int number, unsigned long target)
{
	pid_t pid = child();

	if (pid == 0) {
		jump_target = (void *)target;
		handler_set(number, on_bad_return, 0);
		kill(getpid(), number);
		_exit(0);
	}
	return pid;
}

/* A system call that is left by rt_sigreturn to an address that SYSRET must not see:
 * the process dies of it, not the kernel. */
CASE(return_to_non_canonical)
{
	DIES(return_to(SIGUSR1, 1ul << 47), SIGSEGV);
	DIES(return_to(SIGUSR1, 1ul << 63), SIGSEGV);
	DIES(return_to(SIGUSR1, 0x00007ffffffff000), SIGSEGV);
	DIES(return_to(SIGUSR1, 0xffffffff80000000), SIGSEGV);
	DIES(return_to(SIGUSR1, 0), SIGSEGV);
	DIES(return_to(SIGUSR2, 8), SIGSEGV);
}

/* SYSCALL as the last instruction below the non-canonical hole would return to 1 << 47:
 * Linux does not let anybody map that page. */
CASE(syscall_at_end_of_space)
{
	FAILS(syscall(SYS_mmap, (1ul << 47) - 4096, 4096, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
	      ENOMEM);
}

static void on_flags(int number, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)number;
	(void)info;
	registers[REG_EFL] |= 0x3000 | 0x4000 | 0x20000; /* IOPL 3, NT, VM */
	registers[REG_EFL] &= ~0x200l;                   /* interrupts off */
}

CASE(return_with_bad_flags)
{
	unsigned long flags;

	handler_set(SIGTRAP, on_flags, 0);
	__asm__ volatile("int3; pushfq; pop %0" : "=r"(flags)::"cc");
	GIVES(flags & (0x3000 | 0x20000), 0);
	GIVES(!!(flags & 0x200), 1);
}

CASE(return_without_frame)
{
	pid_t pid = child();

	if (pid == 0) {
		__asm__ volatile("mov $8, %%rsp; mov $15, %%eax; syscall" ::: "memory");
		_exit(0);
	}
	DIES(pid, SIGSEGV);
}

CASE(handler_without_stack)
{
	pid_t pid = child();

	if (pid == 0) {
		handler_set(SIGTRAP, on_clobber, 0);
		__asm__ volatile("mov $4096, %%rsp; int3" ::: "memory");
		_exit(0);
	}
	DIES(pid, SIGSEGV);
}
