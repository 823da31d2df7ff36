/* Dead, but not yet gone: zombie_wait.
 *
 * In the trace: the child's process_exit stands well before its reap event.  Between
 * the two it has no memory and runs no more, but its entry in the process table, with
 * the exit status, is there: /proc shows it in state Z.  Only wait4 ends that. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The letter after the name in /proc/PID/stat; '?' if there is no such process. */
static char state_of(pid_t pid)
{
	char path[64], text[256] = "", *name_end;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return '?';
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	name_end = strrchr(text, ')');
	return name_end && name_end[1] ? name_end[2] : '?';
}

static const char *known(pid_t pid)
{
	return kill(pid, 0) == 0 ? "known" : strerror(errno);
}

int main(void)
{
	static const struct timespec moment = { .tv_nsec = 1000 * 1000 };
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(7);
	while (state_of(child) != 'Z')
		nanosleep(&moment, NULL);
	printf("child has left: state %c, kill(child, 0): %s\n", state_of(child), known(child));
	waitpid(child, &status, 0);
	printf("wait: status %d\n", WEXITSTATUS(status));
	printf("after wait: state %c, kill(child, 0): %s\n", state_of(child), known(child));
	return 0;
}
