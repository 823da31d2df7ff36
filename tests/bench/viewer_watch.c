/* viewer_watch COLSxROWS RINGSCOPE TRACE...: how fast `ringscope view` is, seen from its terminal.
 *
 * Prints a line a figure: name, value, unit. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/watch.h"

#define PLAY_MS 10000

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

	watch_start(w, cols, rows, still, argv);
	while (strstr(w->tail, "Find") == NULL || strstr(w->tail, "uit") == NULL)
		if (watch_take(w, PATIENCE) == 0)
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
		watch_stop(&w);
		sample(&warm, first_frame(&w, cols, rows, true, argv));
		watch_stop(&w);
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
			sample(&all, watch_answer(w, keys[i]));
			watch_rest(w, 200);
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
		watch_type(w, keys);
		watch_rest(w, 2000);
		begin = now_ms();
		watch_type(w, "\r");
		sample(&far, watch_rest(w, 5000) - begin);
		sample(&back, watch_answer(w, ","));
		watch_rest(w, 500);
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
		watch_take(w, 100);
	return now_ms();
}

/* ms for a text that is nowhere, from the first event on. */
static double search(struct watch *w, const char *text)
{
	double begin;

	watch_type(w, "g");
	watch_rest(w, 5000);
	watch_type(w, text);
	watch_rest(w, 1000);
	begin = now_ms();
	watch_type(w, "\r");
	begin = until(w, "with this text") - begin;
	watch_rest(w, 1000);
	return begin;
}

/* Of the second text each chunk of events may have some, by its letters; keys are answered
 * meanwhile. */
static void measure_search(struct watch *w)
{
	struct samples keys = { .count = 0 };
	double begin;

	say("search of all events", search(w, "/no-such-text"), "ms");
	say("search, every chunk read", search(w, "/hello9q"), "ms");
	watch_type(w, "g");
	watch_rest(w, 1000);
	watch_type(w, "/hello9q\r");
	for (int i = 0; i < 24; i++)
		sample(&keys, watch_answer(w, i % 2 ? "x" : "?"));
	say("key while searching, median", quantile(&keys, 0.5), "ms");
	say("key while searching, p99", quantile(&keys, 0.99), "ms");
	begin = now_ms();
	watch_type(w, "n");
	usleep(20000);
	begin = now_ms();
	watch_type(w, "\033");
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

	watch_type(w, "g");
	watch_rest(w, 2000);
	watch_type(w, pace);
	watch_rest(w, 1000);
	watch_type(w, " ");
	begin = now_ms();
	while (now_ms() - begin < PLAY_MS) {
		const size_t got = watch_take(w, 100);
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
	watch_type(w, " ");
	watch_rest(w, 2000);
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
	watch_rest(&w, 2000);
	measure_keys(&w);
	measure_seeks(&w, count);
	measure_play(&w, "counted", ":pace 3000\r");
	say("memory so far", memory_mb(&w), "MB");
	measure_search(&w);
	watch_type(&w, "G3");
	watch_rest(&w, PATIENCE);
	say("memory in the end", memory_mb(&w), "MB");
	watch_stop(&w);
	first_frame(&w, cols, rows, false, argv + 2);
	watch_rest(&w, 2000);
	measure_play(&w, "animated", ":pace 8\r");
	watch_stop(&w);
	return 0;
}
