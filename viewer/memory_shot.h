/* Making the memory view's picture: the work of its thread. */
#ifndef VIEWER_MEMORY_SHOT_H
#define VIEWER_MEMORY_SHOT_H

#include "viewer/memory.h"

/* Kept from one picture to the next, so that a step on is cheap. */
struct memory_work {
	char *path;
	struct reader *reader; /* its own; NULL until the first picture */
	struct pages *pages;
	struct state state;
	struct memory_fault fault; /* of the last picture */
	struct memory_query query;
	struct memory_shot *shot; /* the result, NULL with why */
	struct error why;
};

void memory_work_run(struct job *job, void *work);
void memory_work_free(struct memory_work *w);
void memory_shot_free(struct memory_shot *shot);

/* The parts: a space at the event that the pages and the state stand at; the latest fault
 * of the process, the pages being where it began; lists. */
bool space_shot(const struct memory_work *w, uint32_t pid, uint64_t now, struct memory_space *out);
void space_shot_free(struct memory_space *space);

#endif
