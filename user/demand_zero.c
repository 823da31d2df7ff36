/* Memory that does not exist until it is touched: demand_zero [PAGES], 64 pages.
 *
 * In the trace: one mmap that returns at once, then one page fault a page with cause
 * "demand zero", each with another frame.  The second pass over the same pages makes
 * no fault at all. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

/* How many of the pages begin with the wanted byte; each gets next instead. */
static long pass(volatile char *memory, long pages, char wanted, char next)
{
	long right = 0;

	for (long i = 0; i < pages; i++) {
		right += memory[i * PAGE] == wanted;
		memory[i * PAGE] = next;
	}
	return right;
}

int main(int argc, char **argv)
{
	long pages = argc > 1 ? strtol(argv[1], NULL, 0) : 64;
	char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	printf("first pass: %ld of %ld pages were zero\n", pass(memory, pages, 0, 1), pages);
	printf("second pass: %ld of %ld pages kept their byte\n", pass(memory, pages, 1, 2), pages);
	munmap(memory, pages * PAGE);
	return 0;
}
