/* Questions of a lesson to a trace, in SQL, with named values ($child).
 *
 * A question is an expression or a SELECT; its first value is the answer.  It runs on the
 * reader's own connection, which cannot write, for a bounded number of steps.  Values are
 * texts; they may hold guest bytes. */
#ifndef VIEWER_ASKER_H
#define VIEWER_ASKER_H

#include "tracer/reader.h"
#include "viewer/lesson.h"

#define ASKER_VALUES 48
#define ASKER_TEXT   256

struct asker {
	struct reader *reader;
	const char *lesson; /* its name, for messages */
	unsigned count;
	struct {
		char name[32];
		char text[ASKER_TEXT];
		bool known; /* false: NULL in SQL */
	} value[ASKER_VALUES];
};

/* Give a value its name; text NULL: NULL in SQL. */
void asker_set(struct asker *a, const char *name, const char *text);
void asker_set_number(struct asker *a, const char *name, int64_t number);
/* The text of a named value, NULL if there is none or it is NULL. */
const char *asker_get(const struct asker *a, const char *name);

/* The answer, "" and *known false for NULL or no row.  0, or 2 with why, which names the
 * line of the lesson. */
int asker_ask(const struct asker *a, const struct lesson_text *sql, char *answer, size_t size,
	      bool *known, struct error *why);
/* Ask and name each of them in turn. */
int asker_let(struct asker *a, const struct lesson_lets *lets, struct error *why);
/* First event after the given one that the place describes, 0 if there is none. */
int asker_place(const struct asker *a, const struct lesson_place *place, uint64_t after,
		uint64_t *id, struct error *why);
/* format with $name and, of event e, what phrase_expand replaces. */
void asker_expand(const struct asker *a, const struct event *e, const char *format, char *text,
		  size_t size);

#endif
