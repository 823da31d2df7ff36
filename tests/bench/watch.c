#include "tests/bench/watch.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

void die(const char *what)
{
	fprintf(stderr, "viewer_watch: %s\n", what);
	exit(1);
}

static int sample_order(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void sample(struct samples *s, double value)
{
	if (s->count < SAMPLES)
		s->value[s->count++] = value;
}

/* The value that this part of the samples is at or below. */
double quantile(struct samples *s, double part)
{
	if (s->count == 0)
		die("nothing was measured");
	qsort(s->value, s->count, sizeof(*s->value), sample_order);
	return s->value[(unsigned)((double)(s->count - 1) * part + 0.5)];
}

void say(const char *name, double value, const char *unit)
{
	printf("%-28s %10.1f %s\n", name, value, unit);
}

/* still: without motion. */
void watch_start(struct watch *w, int cols, int rows, bool still, char **argv)
{
	struct winsize size = { .ws_col = (unsigned short)cols, .ws_row = (unsigned short)rows };

	memset(w, 0, sizeof(*w));
	w->pid = forkpty(&w->fd, NULL, NULL, &size);
	if (w->pid < 0)
		die("no pseudo-terminal");
	if (w->pid == 0) {
		setenv("TERM", "xterm-256color", 1);
		setenv("LC_ALL", "C.UTF-8", 1);
		if (still)
			execl(argv[0], argv[0], "view", "--no-motion", argv[1], (char *)NULL);
		else
			execl(argv[0], argv[0], "view", argv[1], (char *)NULL);
		_exit(127);
	}
}

/* The viewer asks after each picture whether it is there: it is. */
static void watch_reply(struct watch *w, const char *bytes, size_t count)
{
	static const char question[] = "\033[5n", answer[] = "\033[0n";

	for (size_t i = 0; i < count; i++) {
		w->matched =
			bytes[i] == question[w->matched] ? w->matched + 1 : bytes[i] == question[0];
		if (w->matched < sizeof(question) - 1)
			continue;
		w->matched = 0;
		if (write(w->fd, answer, sizeof(answer) - 1) < 0)
			die("cannot answer");
	}
}

/* Wait up to ms for output and take it; bytes, 0: none came. */
size_t watch_take(struct watch *w, int ms)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	char buffer[65536];
	ssize_t got;
	size_t keep;

	if (poll(&p, 1, ms) <= 0)
		return 0;
	got = read(w->fd, buffer, sizeof(buffer));
	if (got <= 0)
		die("the viewer ended");
	watch_reply(w, buffer, (size_t)got);
	w->bytes += (uint64_t)got;
	if (w->output != NULL)
		w->output(w->cookie, buffer, (size_t)got);
	keep = (size_t)got < sizeof(w->tail) - 1 ? (size_t)got : sizeof(w->tail) - 1;
	if (w->tailed + keep > sizeof(w->tail) - 1) {
		size_t over = w->tailed + keep - (sizeof(w->tail) - 1);

		memmove(w->tail, w->tail + over, w->tailed - over);
		w->tailed -= over;
	}
	memcpy(w->tail + w->tailed, buffer + got - (ssize_t)keep, keep);
	w->tailed += keep;
	w->tail[w->tailed] = '\0';
	return (size_t)got;
}

void watch_type(struct watch *w, const char *keys)
{
	w->tailed = 0;
	w->tail[0] = '\0';
	if (write(w->fd, keys, strlen(keys)) != (ssize_t)strlen(keys))
		die("cannot type");
}

/* The time of the last output before it comes to rest; limit: give up then. */
double watch_rest(struct watch *w, double limit)
{
	const double begin = now_ms();
	double last = begin;

	while (now_ms() - begin < limit)
		if (watch_take(w, QUIET) > 0)
			last = now_ms();
		else
			return last;
	return last;
}

/* ms from typing to the end of the frame that answers. */
double watch_answer(struct watch *w, const char *keys)
{
	const double begin = now_ms();
	double last;

	watch_type(w, keys);
	if (watch_take(w, PATIENCE) == 0)
		die("no answer to a key");
	last = now_ms();
	while (watch_take(w, FRAME_GAP) > 0 && now_ms() - begin < 1000)
		last = now_ms();
	return last - begin;
}

void watch_stop(struct watch *w)
{
	int status;

	kill(w->pid, SIGTERM);
	while (waitpid(w->pid, &status, WNOHANG) == 0) {
		char rubbish[4096];

		if (read(w->fd, rubbish, sizeof(rubbish)) <= 0)
			usleep(1000);
	}
	close(w->fd);
}
