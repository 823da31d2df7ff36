/* Places in the trace that a person gave a letter, and the way they came. */
#ifndef VIEWER_MARKS_H
#define VIEWER_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#define MARK_LETTERS 26
#define MARK_JUMPS   32

struct session;

struct marks {
	uint64_t letter[MARK_LETTERS]; /* event, 0: none */
	uint64_t jump[MARK_JUMPS];     /* events left by a jump, the oldest first */
	unsigned count, at;            /* of jumps; where among them, count: at none of them */
	int awaiting;                  /* 'm' or '\'': the next key is its letter */
	bool moving;                   /* along the jumps: not to be noted as one */
};

/* m or ' was pressed. */
void marks_await(struct session *s, int key);
/* A key after that; true if it was one. */
bool marks_key(struct session *s, int key);
/* The cursor leaves event from for a far one. */
void marks_jump(struct session *s, uint64_t from, uint64_t to);
/* To the jump before (-1) or after (1). */
void marks_walk(struct session *s, int way);

#endif
