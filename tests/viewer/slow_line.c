/* slow_line RATE KEYS COMMAND...: COMMAND on a terminal of 80x24 behind a line that takes RATE
 * bytes a second, however much is written to it.  KEYS are typed when its first picture is
 * there, q some seconds later.  Prints what waited in the line at most, and what came in all.
 * RATE!: the terminal does not answer what it is asked. */
#include <poll.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS   10
#define FIRST_MS  300 /* without output: the first picture is there */
#define PLAY_MS   4000
#define LIMIT_MS  60000
#define LINE_ROOM (1u << 24)

static char line[LINE_ROOM];
static size_t written, shown, most;
static unsigned matched; /* bytes of the question that the terminal has seen last */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void type(int fd, const char *keys)
{
	if (write(fd, keys, strlen(keys)) < 0)
		die("slow_line: cannot type");
}

/* The terminal shows what came through, and answers when it comes to a question. */
static void show(int fd, size_t until, bool answers)
{
	static const char question[] = "\033[5n";

	for (; shown < until; shown++) {
		if (line[shown] == question[matched])
			matched++;
		else
			matched = line[shown] == question[0];
		if (matched < sizeof(question) - 1)
			continue;
		matched = 0;
		if (answers)
			type(fd, "\033[0n");
	}
}

/* False: the command has ended. */
static bool take(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t got;

	if (poll(&p, 1, TICK_MS) <= 0)
		return true;
	got = read(fd, line + written, LINE_ROOM - written);
	if (got <= 0)
		return false;
	written += (size_t)got;
	return true;
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	long begin, last, played = 0;
	double through = 0;
	char *end;
	int fd, status;
	pid_t pid;

	if (argc < 4)
		return 2;
	pid = forkpty(&fd, NULL, NULL, &size);
	if (pid < 0)
		die("slow_line: no pseudo-terminal");
	if (pid == 0) {
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	begin = last = now_ms();
	while (take(fd) && now_ms() - begin < LIMIT_MS) {
		const long now = now_ms();

		through += (double)(now - last) * (double)strtol(argv[1], &end, 10) / 1000;
		last = now;
		through = through < (double)written ? through : (double)written;
		show(fd, (size_t)through, *end != '!');
		most = played && written - shown > most ? written - shown : most;
		if (!played && shown == written && now - begin > FIRST_MS) {
			type(fd, argv[2]);
			played = now;
		}
		if (played && now - played > PLAY_MS) {
			type(fd, "q");
			played = now;
		}
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		die("slow_line: the command failed");
	printf("%zu %zu\n", most, written);
	return 0;
}
