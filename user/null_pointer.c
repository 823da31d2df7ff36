/* The most famous bug: null_pointer.  Dies of SIGSEGV, exit status 139.
 *
 * In the trace: a page fault at address 0 with cause "nothing mapped here", the signal
 * that it becomes, and the end of the process.  Nobody else is touched. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	volatile int *volatile nowhere = NULL;

	printf("about to write to address 0\n");
	fflush(stdout);
	*nowhere = 1;
	printf("this line is never reached\n");
	return 0;
}
