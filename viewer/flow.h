/* How far a terminal is behind what was written for it.
 *
 * Over a slow line pictures would queue up between us and the screen, and a key would be
 * answered only behind all of them.  So behind a picture the terminal is asked for its status
 * (ECMA-48 DSR; it answers in the order of what it is sent), and the next one waits for the
 * answer: at most one is on its way, and a slow line gets fewer of them.  A terminal that never
 * answers is not asked again.
 *
 * Pure: times are milliseconds of any clock that starts above 0. */
#ifndef VIEWER_FLOW_H
#define VIEWER_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#define FLOW_QUESTION "\033[5n"
#define FLOW_ANSWER   "\033[0n"

struct flow {
	int64_t asked; /* when; 0: no question is open */
	bool answers;  /* it has answered once */
	bool deaf; /* a question was not answered in time; an answer that comes late ends that */
};

/* The next picture is not due yet. */
bool flow_waits(struct flow *f, int64_t now);
/* May a question follow the picture that was drawn now?  True: it is open from now on. */
bool flow_ask(struct flow *f, int64_t now);
void flow_answered(struct flow *f);

#endif
