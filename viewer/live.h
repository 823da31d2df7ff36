/* A recording that still goes on: new events are taken in as they come. */
#ifndef VIEWER_LIVE_H
#define VIEWER_LIVE_H

#include <stdbool.h>
#include <stdint.h>

struct session;

struct live {
	bool on;         /* somebody records into the file */
	bool follow;     /* the cursor goes along */
	int since_ms;    /* the last look at the file */
	int catch_ms;    /* the cursor is at most so far behind what is known */
	int quiet_ms;    /* nothing new for so long */
	uint64_t newest; /* events known */
};

/* Find out whether the session's trace is recorded into. */
void live_begin(struct session *s);
/* ms have passed: look for more now and then. */
void live_tick(struct session *s, int ms);
/* Go along with what comes, or stop doing so; says why if that cannot be. */
void live_follow(struct session *s);
/* It plays, has shown all that is known, and more may come. */
bool live_waits(const struct session *s);

#endif
