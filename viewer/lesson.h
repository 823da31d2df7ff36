/* A lesson: what a teacher wrote, read from a text file.  README.md describes the format.
 *
 * The texts are the file's bytes, continued lines joined: not safe for a terminal.  SQL
 * and templates stay text here; tutor.h evaluates them on a trace. */
#ifndef VIEWER_LESSON_H
#define VIEWER_LESSON_H

#include <stdbool.h>
#include <stddef.h>

#include "tracer/error.h"

#define LESSON_STEPS   32
#define LESSON_CHOICES 5
#define LESSON_LETS    16
#define LESSON_WORDS   32
#define LESSON_BYTES   65536u /* of a file */

/* A value of a line and where it stands; text NULL: the line is not there. */
struct lesson_text {
	const char *text;
	unsigned line;
};

/* let NAME SQL */
struct lesson_let {
	const char *name;
	struct lesson_text sql;
};

struct lesson_lets {
	unsigned count;
	struct lesson_let let[LESSON_LETS];
};

/* TABLE[.COLUMN] where CONDITION: the first event after the one at hand. */
struct lesson_place {
	const char *table, *column;
	struct lesson_text where;
};

struct lesson_step {
	unsigned line; /* of the word step */
	struct lesson_place stop, show;
	struct lesson_lets lets;
	struct lesson_text view, filter, highlight, say, ask, choice[LESSON_CHOICES], answer, tell,
		source, book;
	unsigned choices;
	bool histogram;
};

struct lesson {
	char name[64];  /* without folder and .lesson */
	char file[256]; /* as it was asked for; for messages */
	char *arena;    /* the texts point into it */
	struct lesson_text title, mistake, run, options, runs, outcome, book;
	struct lesson_lets lets;
	unsigned steps;
	struct lesson_step step[LESSON_STEPS];
};

/* Read length bytes of text; name is said in messages and kept.  0, or 2 with why, as
 * "name:line: what is wrong".  Free it afterwards in any case. */
int lesson_parse(struct lesson *l, const char *name, const char *text, size_t length,
		 struct error *why);
void lesson_free(struct lesson *l);

/* Lessons that are built in, by name in teaching order; NULL past the last. */
const char *lesson_name(unsigned at);
/* The one to take after it; NULL after the last, and after one that is not built in. */
const char *lesson_after(const char *name);
/* Read one by name, or else a file by path. */
int lesson_load(struct lesson *l, const char *name_or_path, struct error *why);

#endif
