/* One page, two address spaces: shared_memory.
 *
 * Parent and child add to a counter in memory that is mapped MAP_SHARED, and to an
 * ordinary variable.  In the trace: the page faults of both processes on the shared
 * page show the same frame; those on the variable's page show two (copy on write).
 * No system call carries the counts across: the memory itself does. */
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMES = 1000 };

static int private_count;

static void count(atomic_int *shared_count)
{
	for (int i = 0; i < TIMES; i++) {
		atomic_fetch_add(shared_count, 1);
		private_count++;
	}
}

int main(void)
{
	atomic_int *shared_count = mmap(NULL, sizeof(*shared_count), PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	if (shared_count == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	child = fork();
	count(shared_count);
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	printf("shared counter:  %d\n", atomic_load(shared_count));
	printf("private counter: %d\n", private_count);
	return 0;
}
