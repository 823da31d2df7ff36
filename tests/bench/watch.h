/* A program seen from its terminal: on a pseudo-terminal, typed at, what it writes timed.
 * Output that comes within FRAME_GAP is one frame.  What goes wrong ends the process. */
#ifndef TESTS_BENCH_WATCH_H
#define TESTS_BENCH_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FRAME_GAP 4   /* ms */
#define QUIET     300 /* ms without output: it has come to rest */
#define PATIENCE  60000
#define SAMPLES   4096

struct watch {
	int fd;
	pid_t pid;
	char tail[4096]; /* the latest output */
	size_t tailed;
	uint64_t bytes;
	unsigned matched; /* bytes of a question that came last */
	/* Given all output; may be NULL. */
	void (*output)(void *cookie, const char *bytes, size_t size);
	void *cookie;
};

struct samples {
	double value[SAMPLES];
	unsigned count;
};

double now_ms(void);
void die(const char *what) __attribute__((noreturn));

void sample(struct samples *s, double value);
/* The value that this part of the samples is at or below. */
double quantile(struct samples *s, double part);
/* A line: name, value, unit. */
void say(const char *name, double value, const char *unit);

/* Run `argv[0] view argv[1]`; still: without motion. */
void watch_start(struct watch *w, int cols, int rows, bool still, char **argv);
void watch_stop(struct watch *w);
/* Wait up to ms for output and take it; bytes, 0: none came. */
size_t watch_take(struct watch *w, int ms);
void watch_type(struct watch *w, const char *keys);
/* The time of the last output before it comes to rest; limit, ms: give up then. */
double watch_rest(struct watch *w, double limit);
/* ms from typing to the end of the frame that answers. */
double watch_answer(struct watch *w, const char *keys);

#endif
