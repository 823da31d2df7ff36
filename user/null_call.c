/* The cheapest way into the kernel and back: null_call [N], 1000 times getppid.
 *
 * In the trace: N pairs of syscall_enter and syscall_return by sysret, nothing else
 * between them.  No context switch, no fault: entering the kernel is neither. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 0) : 1000;
	pid_t parent = getppid();
	long same = 0;

	for (long i = 0; i < count; i++)
		same += getppid() == parent;
	printf("%ld calls, %ld times the same answer\n", count, same);
	return same == count ? 0 : 1;
}
