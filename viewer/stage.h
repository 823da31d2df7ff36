/* Which threads have a box on the screen, and where each stands.
 *
 * A thread keeps its place while it is shown, so that boxes do not jump; who is
 * in the current event is always shown; the one that was quiet longest goes. */
#ifndef VIEWER_STAGE_H
#define VIEWER_STAGE_H

#include "viewer/model.h"

#define STAGE_PLACES 16

struct stage {
	unsigned places;
	uint32_t tids[STAGE_PLACES]; /* 0: nobody stands there */
};

/* Cast the stage of places boxes for the state m after event e (NULL: none).
 * fresh forgets who stood where and lines them up by number. */
void stage_cast(struct stage *stage, const struct model *m, const struct event *e, unsigned places,
		bool fresh);
/* Place of tid, -1 if it is not shown. */
int stage_place(const struct stage *stage, uint32_t tid);
/* The thread other than e's own that e is about, 0 if none. */
uint32_t event_other(const struct event *e);

#endif
