/* Borrowed memory: vfork_exec.
 *
 * In the trace: after vfork the parent blocks on "the vfork child"; the child runs in
 * the parent's own address space (no copy-on-write fault, and what it writes stays)
 * until its execve; only then is the parent woken.  This is the cheap way to start a
 * program; compare the faults with those of copy_on_write. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static char *const child_argv[] = { (char *)"vfork_exec", (char *)"child", NULL };
	volatile int borrowed = 0;
	pid_t child;
	int status;

	if (argc > 1 && strcmp(argv[1], "child") == 0) {
		printf("child: a program of its own now\n");
		return 3;
	}
	printf("parent: starts a child\n");
	fflush(stdout);
	child = vfork();
	if (child == 0) {
		borrowed = 1;
		execv("/proc/self/exe", child_argv);
		_exit(127);
	}
	waitpid(child, &status, 0);
	printf("parent: the child left with %d\n", WEXITSTATUS(status));
	printf("parent: the variable that the child wrote is %d\n", borrowed);
	return 0;
}
