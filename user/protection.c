/* What a process cannot do: protection.
 *
 * Each attempt below is made by a child of its own, and ends it with a signal, or does
 * nothing to the parent: writing to an address where the parent keeps a number (the
 * child has a page of its own there), reading the kernel's memory, writing to the
 * program's own code, executing data, and an instruction that belongs to ring 0.  In
 * the trace: four page faults that are not resolved, with the error bits that tell why
 * (present, write, user, fetch), and one general protection fault; then signals. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int number = 1;

static void write_same_address(void)
{
	number = 2;
}

static void read_kernel(void)
{
	(void)*(volatile char *)0xffffffff80000000; /* kernels of x86-64 live up there */
}

static void write_code(void)
{
	*(volatile char *)(uintptr_t)write_same_address = 0;
}

static void execute_data(void)
{
	unsigned char *page =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	page[0] = 0xc3; /* ret */
	((void (*)(void))(uintptr_t)page)();
}

static void disable_interrupts(void)
{
	__asm__ volatile("cli");
}

static void attempt(const char *what, void (*run)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		run();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("%-24s %s\n", what,
	       WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "ended well");
	fflush(stdout);
}

int main(void)
{
	attempt("write at our address:", write_same_address);
	printf("our number is still:     %d\n", number);
	fflush(stdout);
	attempt("read the kernel:", read_kernel);
	attempt("write to code:", write_code);
	attempt("execute data:", execute_data);
	attempt("disable interrupts:", disable_interrupts);
	return 0;
}
