/* A recording that still goes on: new events are taken in as they come. */
#ifndef VIEWER_LIVE_H
#define VIEWER_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#define LIVE_AHEAD 4096

struct session;
struct event;

struct live {
	bool on;         /* somebody records into the file */
	bool follow;     /* the cursor goes along */
	int since_ms;    /* the last look at the file */
	int quiet_ms;    /* nothing new for so long */
	uint64_t newest; /* events known */
	bool gently;     /* events are shown one by one as long as that is possible */
	uint64_t behind; /* events that are still to be shown, up to LIVE_AHEAD */
};

/* Find out whether the session's trace is recorded into. */
void live_begin(struct session *s);
/* ms have passed: look for more now and then. */
void live_tick(struct session *s, int ms);
/* Go along with what comes, or stop doing so; says why if that cannot be. */
void live_follow(struct session *s);
/* Likewise, at a pace at which each event can be seen: for a guest that somebody types to. */
void live_beside(struct session *s);
/* It plays, has shown all that is known, and more may come. */
bool live_waits(const struct session *s);

/* Why there is no event at the cursor. */
const char *live_nothing(const struct session *s);

/* An event that nobody waits for: the timer of an idle CPU. */
bool live_noise(const struct event *e);
/* Count what is still to be shown; how fast that is to be, in thousandths of an event a
 * second. */
void live_measure(struct session *s);
uint64_t live_rate(const struct session *s);

#endif
