/* Ways to die of a signal, for tests of `ringscope crash`: deaths WAY, or deaths
 * raise SIGNAL.  Each dies in a
 * function of its own name, called die_WAY, on Linux as in the guest. */
#define _GNU_SOURCE
#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
/* The functions stay functions, and calls of them calls: a story names them. */
#define DEATH __attribute__((noinline, noclone)) static void

static volatile int zero;
static const char constant[] = "not to be written";
static volatile uintptr_t wild = 0x123456789000;

DEATH die_null_pointer(void)
{
	int *volatile nowhere = NULL;

	*(volatile int *)nowhere = 1;
}

DEATH die_null_call(void)
{
	void (*volatile nowhere)(void) = NULL;

	nowhere();
	zero++;
}

DEATH die_wild_pointer(void)
{
	zero = *(volatile int *)wild;
}

DEATH die_not_canonical(void)
{
	volatile uintptr_t odd = 0x8000000000000000;

	zero = *(volatile int *)odd;
}

DEATH die_write_constant(void)
{
	char *volatile text = (char *)constant;

	*(volatile char *)text = 'N';
}

DEATH die_execute_data(void)
{
	static unsigned char code[] = { 0xc3 };
	void (*volatile run)(void) = (void (*)(void))(uintptr_t)code;

	run();
	zero++;
}

__attribute__((noinline, noclone)) static int die_stack_overflow(int depth)
{
	volatile char page[PAGE];

	page[0] = (char)depth;
	return (zero ? 0 : die_stack_overflow(depth + 1)) + page[0];
}

DEATH die_after_munmap(void)
{
	char *volatile page =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	page[0] = 1;
	munmap(page, PAGE);
	zero = *(volatile char *)page;
}

DEATH die_after_protect(void)
{
	char *volatile page =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	page[0] = 1;
	mprotect(page, PAGE, PROT_NONE);
	zero = *(volatile char *)page;
}

DEATH die_truncated_file(void)
{
	char path[] = "/tmp/deaths-XXXXXX";
	const int fd = mkstemp(path);
	char *volatile page;

	unlink(path);
	if (ftruncate(fd, PAGE))
		_exit(2);
	page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	if (ftruncate(fd, 0))
		_exit(2);
	zero = *(volatile char *)page;
}

DEATH die_abort(void)
{
	abort();
}

DEATH die_divide(void)
{
	int one = 1, none = 0;

	/* By hand: a compiler may do what it likes with a division by zero. */
	__asm__ volatile("cltd; idivl %1" : "+a"(one) : "r"(none) : "rdx", "cc");
}

DEATH die_illegal(void)
{
	__asm__ volatile("ud2");
}

/* Of the kernel alone: the CPU refuses it in ring 3. */
DEATH die_privileged(void)
{
	__asm__ volatile("hlt");
}

DEATH die_port(void)
{
	__asm__ volatile("outb %b0, $0x80" : : "a"(0));
}

DEATH die_segment(void)
{
	__asm__ volatile("movw %w0, %%ds" : : "r"(0xfffb));
}

DEATH die_overflow(void)
{
	__asm__ volatile("int $4");
}

DEATH die_single_step(void)
{
	__asm__ volatile("pushfq\n\torl $0x100, (%%rsp)\n\tpopfq\n\tnop\n\tnop"
			 :
			 :
			 : "cc", "memory");
}

/* All x87 exceptions but division by zero are masked. */
DEATH die_fpu(void)
{
	static const uint16_t control = 0x37b;

	__asm__ volatile("fninit\n\tfldcw %0\n\tfldz\n\tfld1\n\tfdivp\n\tfwait" : : "m"(control));
}

DEATH die_stack_lost(void)
{
	__asm__ volatile("movl $0x1000, %%esp\n\tpushq %%rax" : : : "memory");
}

DEATH die_trap(void)
{
	__asm__ volatile("int3");
}

DEATH die_assertion(void)
{
	assert(zero);
}

__attribute__((noinline, noclone, optimize("stack-protector-all"))) static void
die_stack_smashing(void)
{
	volatile char room[16];
	volatile char *volatile at = room;

	for (int i = 0; i < 32; i++)
		at[i] = 'A';
}

DEATH die_double_free(void)
{
	char *volatile other = malloc(100);
	char *volatile memory = malloc(100);

	free(memory);
	free(memory);
	free(other);
}

DEATH die_in_a_handler(int signal)
{
	int *volatile nowhere = NULL;

	*(volatile int *)nowhere = signal;
}

DEATH die_handler_start(void)
{
	signal(SIGUSR1, die_in_a_handler);
	raise(SIGUSR1);
}

DEATH die_pipe(void)
{
	int ends[2];

	if (pipe(ends) || close(ends[0]) || write(ends[1], "", 1))
		_exit(2);
}

__attribute__((noinline, noclone)) static void die_by_timer(int which)
{
	const struct itimerval soon = { .it_value.tv_usec = 1000 };

	setitimer(which, &soon, NULL);
	for (;;)
		zero += 0;
}

DEATH die_alarm(void)
{
	die_by_timer(ITIMER_REAL);
	zero++;
}

DEATH die_virtual_timer(void)
{
	die_by_timer(ITIMER_VIRTUAL);
	zero++;
}

DEATH die_profile_timer(void)
{
	die_by_timer(ITIMER_PROF);
	zero++;
}

DEATH die_cpu_time(void)
{
	const struct rlimit second = { 1, 2 };

	setrlimit(RLIMIT_CPU, &second);
	for (;;)
		zero += 0;
}

__attribute__((noinline, noclone)) static void die_raise(int number)
{
	raise(number);
	zero++;
}

DEATH die_kill(void)
{
	const pid_t child = fork();

	if (!child) {
		kill(getppid(), SIGTERM);
		_exit(0);
	}
	for (;;)
		pause();
}

/* The hole is the parent's making, the access the child's. */
DEATH die_child(void)
{
	char *volatile page =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status = 0;

	munmap(page, PAGE);
	if (!fork())
		zero = *(volatile char *)page;
	wait(&status);
	signal(SIGQUIT, SIG_DFL);
	raise(SIGQUIT);
}

__attribute__((noinline, noclone)) static void *wait_thread(void *unused)
{
	for (;;)
		pause();
	return unused;
}

__attribute__((noinline, noclone)) static void *die_thread(void *pointer)
{
	usleep(20000); /* the others wait by then */
	*(volatile int *)pointer = 1;
	return NULL;
}

DEATH die_thread_start(void)
{
	pthread_t waiting, dying;

	pthread_create(&waiting, NULL, wait_thread, NULL);
	pthread_create(&dying, NULL, die_thread, NULL);
	pthread_join(dying, NULL);
}

DEATH die_stack_start(void)
{
	zero = die_stack_overflow(0);
}

static const struct {
	const char *name;
	void (*die)(void);
} ways[] = {
	{ "null_pointer", die_null_pointer },
	{ "null_call", die_null_call },
	{ "wild_pointer", die_wild_pointer },
	{ "not_canonical", die_not_canonical },
	{ "write_constant", die_write_constant },
	{ "execute_data", die_execute_data },
	{ "stack_overflow", die_stack_start },
	{ "after_munmap", die_after_munmap },
	{ "after_protect", die_after_protect },
	{ "truncated_file", die_truncated_file },
	{ "abort", die_abort },
	{ "divide", die_divide },
	{ "illegal", die_illegal },
	{ "trap", die_trap },
	{ "privileged", die_privileged },
	{ "port", die_port },
	{ "segment", die_segment },
	{ "overflow", die_overflow },
	{ "single_step", die_single_step },
	{ "fpu", die_fpu },
	{ "stack_lost", die_stack_lost },
	{ "assertion", die_assertion },
	{ "stack_smashing", die_stack_smashing },
	{ "double_free", die_double_free },
	{ "in_a_handler", die_handler_start },
	{ "pipe", die_pipe },
	{ "alarm", die_alarm },
	{ "virtual_timer", die_virtual_timer },
	{ "profile_timer", die_profile_timer },
	{ "cpu_time", die_cpu_time },
	{ "kill", die_kill },
	{ "child", die_child },
	{ "thread", die_thread_start },
};

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "raise") == 0)
		die_raise(atoi(argv[2]));
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (argc == 2 && strcmp(argv[1], ways[i].name) == 0) {
			ways[i].die();
			return 1;
		}
	}
	if (argc == 1)
		return 0;
	fprintf(stderr, "deaths: no such way\n");
	return 2;
}
