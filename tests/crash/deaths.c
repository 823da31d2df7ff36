/* Ways to die of a signal, for tests of `ringscope crash`: deaths WAY.  Each dies in a
 * function of its own name, called die_WAY, on Linux as in the guest. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

DEATH die_trap(void)
{
	__asm__ volatile("int3");
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
	{ "kill", die_kill },
	{ "child", die_child },
	{ "thread", die_thread_start },
};

int main(int argc, char **argv)
{
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
