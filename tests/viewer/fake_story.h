/* A trace made in memory: sh runs "cat | wc" on two CPUs, the same each time. */
#ifndef TESTS_VIEWER_FAKE_STORY_H
#define TESTS_VIEWER_FAKE_STORY_H

#include <stdint.h>

#include "tracer/reader.h"

/* Its threads. */
enum { INIT = 1, SH = 7, CAT = 8, WC = 9, KWORK = 2 };

/* What was recorded, and what runs on the CPUs while it is made. */
struct story {
	struct event *events;
	uint64_t count;
	int64_t time;
	uint32_t running[2];
};

/* Make all of it; events are the caller's to free. */
void story_build(struct story *f);

#endif
