/* What an event means at the boundary: which way it crosses, if it does, and
 * which part of the kernel it concerns. */
#ifndef VIEWER_CROSSING_H
#define VIEWER_CROSSING_H

#include <stdbool.h>

#include "tracer/reader.h"

enum direction {
	CROSS_NONE, /* stays on its side of the line */
	CROSS_DOWN, /* ring 3 to ring 0 */
	CROSS_UP,   /* ring 0 to ring 3 */
};

/* Parts of the kernel, each a box below the line. */
enum part { PART_CALLS, PART_MEMORY, PART_SCHED, PART_PROCESS, PART_IRQ, PART_COUNT };

/* The event's fixed words are all there; others must not be interpreted. */
bool event_whole(const struct event *e);
enum direction event_direction(const struct event *e);
enum part event_part(const struct event *e);
/* The instruction or mechanism of the crossing: "SYSCALL", "IRET", ... or "". */
const char *event_mechanism(const struct event *e);
/* A call that failed, a fault that no region explains, a panic: worth finding. */
bool event_is_error(const struct event *e);

#endif
