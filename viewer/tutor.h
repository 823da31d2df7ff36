/* A person in a lesson: where they are, what they answered, what would have been right.
 *
 * No screen and no keys: teach.h puts a tutor into a session, lesson_linear.c into plain
 * lines.  Right answers are asked of the trace when a step is entered. */
#ifndef VIEWER_TUTOR_H
#define VIEWER_TUTOR_H

#include "viewer/asker.h"
#include "viewer/lesson.h"

#define TUTOR_INTRO    (-1)
#define TUTOR_OUTCOMES 24

enum tutor_state {
	TUTOR_NEW,     /* not entered yet */
	TUTOR_SAID,    /* it asks nothing */
	TUTOR_OPEN,    /* the question waits: what comes after its event is locked */
	TUTOR_RIGHT,   /* answered */
	TUTOR_WRONG,   /* answered */
	TUTOR_SKIPPED, /* revealed without an answer */
};

struct tutor_step {
	enum tutor_state state;
	uint64_t event, show;   /* where it stops; where the answer is seen, 0: nowhere else */
	char right[ASKER_TEXT]; /* answer */
	char given[ASKER_TEXT]; /* what the person said */
	char highlight[16];     /* a thread's number, or "" */
};

/* How several recordings of the same came out, in the order of the values. */
struct tutor_outcome {
	char text[48];
	unsigned count;
};

struct tutor {
	struct lesson lesson;
	struct asker asker;
	int at; /* TUTOR_INTRO, a step, or lesson.steps at the end */
	struct tutor_step step[LESSON_STEPS];
	unsigned outcomes;
	struct tutor_outcome outcome[TUTOR_OUTCOMES];
	bool hidden; /* a screen does not show it now */
};

/* Begin on a trace.  Takes over what lesson holds, and gives it back in tutor_close.
 * 0, or 2 with why if its names cannot be found on this trace. */
int tutor_open(struct tutor *t, struct lesson *lesson, struct reader *r, struct error *why);
void tutor_close(struct tutor *t);

/* Ask the trace how it came out and count that. */
int tutor_outcome(const struct lesson *l, struct reader *r, char *text, size_t size,
		  struct error *why);
void tutor_outcome_count(struct tutor *t, const char *text);

/* Go to a step: finds its event, names its values, asks for the right answer.  Fails, with
 * why, if this trace does not show what the step is about; at is then as before. */
int tutor_enter(struct tutor *t, int at, struct error *why);
/* The step at hand, NULL before the first and after the last. */
const struct lesson_step *tutor_lesson_step(const struct tutor *t);
struct tutor_step *tutor_step(struct tutor *t);
/* A question waits for an answer. */
bool tutor_asks(const struct tutor *t);
/* Answer it: a letter, or a value.  False if that is no answer to this question. */
bool tutor_answer(struct tutor *t, const char *text);
void tutor_skip(struct tutor *t);

/* Questions that are over, and how many of them were answered right. */
void tutor_score(const struct tutor *t, unsigned *right, unsigned *asked);
/* Questions of the whole lesson. */
unsigned tutor_questions(const struct tutor *t);
/* A text of the lesson with its values; e is the event at hand. */
void tutor_text(const struct tutor *t, const char *format, char *text, size_t size);

/* Walk through all of it on this trace, as somebody who answers right.  0, or 2 with why. */
int tutor_check(struct tutor *t, struct error *why);

#endif
