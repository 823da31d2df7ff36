/* viewer_watch COLSxROWS RINGSCOPE TRACE...: how fast `ringscope view` is, seen from its terminal.
 *
 * Runs it on a pseudo-terminal, types, and times what it writes.  Output that comes
 * within FRAME_GAP is one frame.  Prints a line a figure: name, value, unit. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FRAME_GAP 4   /* ms */
#define QUIET     300 /* ms without output: it has come to rest */
#define PATIENCE  60000
#define SAMPLES   4096
#define PLAY_MS   10000

struct watch {
	int fd;
	pid_t pid;
	char tail[4096]; /* the latest output */
	size_t tailed;
	uint64_t bytes;
};

struct samples {
	double value[SAMPLES];
	unsigned count;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what)
{
	fprintf(stderr, "viewer_watch: %s\n", what);
	exit(1);
}

static int sample_order(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void sample(struct samples *s, double value)
{
	if (s->count < SAMPLES)
		s->value[s->count++] = value;
}

/* The value that this part of the samples is at or below. */
static double quantile(struct samples *s, double part)
{
	if (s->count == 0)
		die("nothing was measured");
	qsort(s->value, s->count, sizeof(*s->value), sample_order);
	return s->value[(unsigned)((double)(s->count - 1) * part + 0.5)];
}

static void say(const char *name, double value, const char *unit)
{
	printf("%-28s %10.1f %s\n", name, value, unit);
}

/* still: without motion. */
static void start(struct watch *w, int cols, int rows, bool still, char **argv)
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

/* Wait up to ms for output and take it; bytes, 0: none came. */
static size_t take(struct watch *w, int ms)
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
	w->bytes += (uint64_t)got;
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

static void type(struct watch *w, const char *keys)
{
	w->tailed = 0;
	w->tail[0] = '\0';
	if (write(w->fd, keys, strlen(keys)) != (ssize_t)strlen(keys))
		die("cannot type");
}

/* The time of the last output before it comes to rest; limit: give up then. */
static double rest(struct watch *w, double limit)
{
	const double begin = now_ms();
	double last = begin;

	while (now_ms() - begin < limit)
		if (take(w, QUIET) > 0)
			last = now_ms();
		else
			return last;
	return last;
}

/* ms from typing to the end of the frame that answers. */
static double answer(struct watch *w, const char *keys)
{
	const double begin = now_ms();
	double last;

	type(w, keys);
	if (take(w, PATIENCE) == 0)
		die("no answer to a key");
	last = now_ms();
	while (take(w, FRAME_GAP) > 0 && now_ms() - begin < 1000)
		last = now_ms();
	return last - begin;
}

static void stop(struct watch *w)
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

/* utime and stime in ms, from /proc/PID/stat. */
static double cpu_ms(const struct watch *w)
{
	char path[64], text[1024], *at;
	unsigned long user = 0, kernel = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)w->pid);
	f = fopen(path, "r");
	if (f == NULL || fgets(text, sizeof(text), f) == NULL)
		die("no /proc");
	fclose(f);
	at = strrchr(text, ')');
	if (at == NULL || sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
				 &user, &kernel) != 2)
		die("a stat file of another form");
	return (double)(user + kernel) * 1000 / (double)sysconf(_SC_CLK_TCK);
}

/* Private memory, MB. */
static double memory_mb(const struct watch *w)
{
	char path[64], line[256];
	double kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)w->pid);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		sscanf(line, "RssAnon: %lf", &kb);
	if (f != NULL)
		fclose(f);
	return kb / 1024;
}

static void cache_drop(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
		die("cannot drop the file from the cache");
	close(fd);
}

/* The bottom line is drawn last. */
static double first_frame(struct watch *w, int cols, int rows, bool still, char **argv)
{
	const double begin = now_ms();

	start(w, cols, rows, still, argv);
	while (strstr(w->tail, "Find") == NULL || strstr(w->tail, "uit") == NULL)
		if (take(w, PATIENCE) == 0)
			die("no first frame");
	return now_ms() - begin;
}

static void measure_first(int cols, int rows, char **argv)
{
	struct samples cold = { .count = 0 }, warm = { .count = 0 };
	struct watch w;

	for (int i = 0; i < 5; i++) {
		cache_drop(argv[1]);
		sample(&cold, first_frame(&w, cols, rows, true, argv));
		stop(&w);
		sample(&warm, first_frame(&w, cols, rows, true, argv));
		stop(&w);
	}
	say("first frame, cold", quantile(&cold, 0.5), "ms");
	say("first frame, warm", quantile(&warm, 0.5), "ms");
}

/* Steps, views, and what they draw. */
static void measure_keys(struct watch *w)
{
	static const char *const keys[] = { ".", ".", ",", ".", "v", "1", ".", ",",
					    "w", "x", "2", ".", "+", "-", "1", "." };
	struct samples all = { .count = 0 };

	for (int round = 0; round < 6; round++)
		for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			sample(&all, answer(w, keys[i]));
			rest(w, 200);
		}
	say("key to screen, median", quantile(&all, 0.5), "ms");
	say("key to screen, p99", quantile(&all, 0.99), "ms");
}

/* To events at random, and a step back from there. */
static void measure_seeks(struct watch *w, uint64_t count)
{
	struct samples far = { .count = 0 }, back = { .count = 0 };

	srandom(7);
	for (int i = 0; i < 50; i++) {
		char keys[64];
		double begin;

		snprintf(keys, sizeof(keys), ":ev %llu",
			 (unsigned long long)(1 + (uint64_t)random() % count));
		type(w, keys);
		rest(w, 2000);
		begin = now_ms();
		type(w, "\r");
		sample(&far, rest(w, 5000) - begin);
		sample(&back, answer(w, ","));
		rest(w, 500);
	}
	say("seek, median", quantile(&far, 0.5), "ms");
	say("seek, p99", quantile(&far, 0.99), "ms");
	say("step back, p99", quantile(&back, 0.99), "ms");
}

/* Until it has written the text; the time of that. */
static double until(struct watch *w, const char *text)
{
	const double begin = now_ms();

	while (strstr(w->tail, text) == NULL && now_ms() - begin < PATIENCE)
		take(w, 100);
	return now_ms();
}

/* A text that is nowhere, from the first event on; keys are answered meanwhile. */
static void measure_search(struct watch *w)
{
	struct samples keys = { .count = 0 };
	double begin;

	type(w, "g");
	rest(w, 5000);
	type(w, "/no-such-text");
	rest(w, 1000);
	begin = now_ms();
	type(w, "\r");
	say("search of all events", until(w, "with this text") - begin, "ms");
	rest(w, 1000);
	type(w, "g");
	rest(w, 1000);
	type(w, "/no-such-text\r");
	for (int i = 0; i < 24; i++)
		sample(&keys, answer(w, i % 2 ? "x" : "?"));
	say("key while searching, median", quantile(&keys, 0.5), "ms");
	say("key while searching, p99", quantile(&keys, 0.99), "ms");
	begin = now_ms();
	type(w, "n");
	usleep(20000);
	begin = now_ms();
	type(w, "\033");
	say("search given up", until(w, "topped") - begin, "ms");
}

/* Playing at so many events a second, for PLAY_MS. */
static void measure_play(struct watch *w, const char *name, const char *pace)
{
	char title[64];
	struct samples bytes = { .count = 0 };
	const double cpu = cpu_ms(w);
	double begin, last = 0;
	uint64_t frame = 0;

	type(w, "g");
	rest(w, 2000);
	type(w, pace);
	rest(w, 1000);
	type(w, " ");
	begin = now_ms();
	while (now_ms() - begin < PLAY_MS) {
		const size_t got = take(w, 100);
		const double at = now_ms();

		if (got == 0)
			continue;
		if (at - last > FRAME_GAP && frame > 0) {
			sample(&bytes, (double)frame);
			frame = 0;
		}
		frame += got;
		last = at;
	}
	snprintf(title, sizeof(title), "%s, frames a second", name);
	say(title, (double)bytes.count * 1000 / PLAY_MS, "");
	snprintf(title, sizeof(title), "%s, bytes a frame", name);
	say(title, quantile(&bytes, 0.5), "bytes (median)");
	snprintf(title, sizeof(title), "%s, share of a core", name);
	say(title, (cpu_ms(w) - cpu) * 100 / (now_ms() - begin), "%");
	type(w, " ");
	rest(w, 2000);
}

int main(int argc, char **argv)
{
	int cols, rows;
	uint64_t count;
	struct watch w;

	if (argc != 5 || sscanf(argv[1], "%dx%d", &cols, &rows) != 2 ||
	    sscanf(argv[4], "%llu", (unsigned long long *)&count) != 1 || count == 0)
		die("usage: viewer_watch COLSxROWS RINGSCOPE TRACE EVENTS");
	setvbuf(stdout, NULL, _IOLBF, 0);
	measure_first(cols, rows, argv + 2);
	first_frame(&w, cols, rows, true, argv + 2);
	rest(&w, 2000);
	measure_keys(&w);
	measure_seeks(&w, count);
	measure_play(&w, "counted", ":pace 3000\r");
	say("memory so far", memory_mb(&w), "MB");
	measure_search(&w);
	type(&w, "G3");
	rest(&w, PATIENCE);
	say("memory in the end", memory_mb(&w), "MB");
	stop(&w);
	first_frame(&w, cols, rows, false, argv + 2);
	rest(&w, 2000);
	measure_play(&w, "animated", ":pace 8\r");
	stop(&w);
	return 0;
}
