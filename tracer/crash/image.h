/* The memory of a program that died, as it was: out of its core, if the recording has
 * one, and the piece of its stack that the event of its end has. */
#ifndef TRACER_CRASH_IMAGE_H
#define TRACER_CRASH_IMAGE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/symbols/frame.h"

#define IMAGE_THREADS  64u
#define IMAGE_SEGMENTS 4096u

struct image_thread {
	uint32_t tid;
	uint64_t registers[FRAME_REGISTERS];
};

struct image_segment {
	uint64_t start, size, offset; /* offset: in the core */
};

struct image {
	int fd; /* the core as a file; -1: there is none */
	struct image_segment *segment;
	unsigned segments;
	struct image_thread thread[IMAGE_THREADS]; /* the one that died first */
	unsigned threads;
	const uint64_t *stack; /* words of memory from stack_start on; the caller's */
	uint64_t stack_start, stack_words;
};

/* Open the core of a process that died of a signal, the n-th of that process (from 0);
 * what is damaged has nothing in it. */
void image_open(struct image *m, sqlite3 *db, uint32_t pid, uint32_t signal, unsigned n);
void image_close(struct image *m);
/* Bytes out of the core, all of them in one piece of memory; how many. */
size_t image_bytes(const struct image *m, uint64_t address, void *to, size_t n);
/* Eight bytes of the program's memory; false: not known. */
bool image_word(const struct image *m, uint64_t address, uint64_t *out);

#endif
