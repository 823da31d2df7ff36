/* fork copies nothing; the first write does: copy_on_write.
 *
 * In the trace: eight demand-zero faults before the fork; after it, one fault with
 * cause "copy on write" for each of the four pages that the child writes, none for
 * the pages it only reads.  When the parent writes after the child is gone, the cause
 * is "copy on write, last owner": the frame stays, only the permission comes back. */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 8, WRITTEN = 4 };

static void fill(volatile char *memory, int pages, char byte)
{
	for (int i = 0; i < pages; i++)
		memory[i * PAGE] = byte;
}

static void show(const char *who, const volatile char *memory)
{
	printf("%s ", who);
	for (int i = 0; i < PAGES; i++)
		putchar(memory[i * PAGE]);
	putchar('\n');
	fflush(stdout);
}

int main(void)
{
	char *memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	pid_t child;

	if (memory == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	fill(memory, PAGES, 'p');
	show("before the fork:   ", memory);
	child = fork();
	if (child == 0) {
		fill(memory, WRITTEN, 'c');
		show("in the child:      ", memory);
		return 0;
	}
	waitpid(child, NULL, 0);
	show("in the parent:     ", memory);
	fill(memory, PAGES, 'P');
	show("the parent writes: ", memory);
	return 0;
}
