#include "viewer/debug.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

void debug_run(const char *trace, uint64_t event)
{
	char number[24];
	pid_t child;
	int c;

	snprintf(number, sizeof(number), "%" PRIu64, event);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		execl("/proc/self/exe", "ringscope", "replay", "--to", number, "--", trace,
		      (char *)NULL);
		_exit(127);
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	printf("\nEnter goes back to the picture. ");
	fflush(stdout);
	do
		c = getchar();
	while (c != '\n' && c != '\r' && c != EOF);
	clearerr(stdin);
}
