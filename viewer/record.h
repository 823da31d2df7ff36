/* Recordings that the viewer makes for itself, by the program that it is part of. */
#ifndef VIEWER_RECORD_H
#define VIEWER_RECORD_H

#include <stddef.h>

#include "tracer/error.h"

#define RECORD_WORDS 64

/* Words of a command, as a shell splits them: blanks, '...' and "...". */
struct record_words {
	unsigned count;
	char *word[RECORD_WORDS + 1];
	char text[4096];
};

/* 0, or 2 with why if there are too many or a quote is not closed. */
int record_words_split(struct record_words *w, const char *text, struct error *why);

/* Run `ringscope run OPTIONS -o path -- COMMAND` with no input; what it prints goes to
 * standard error.  A first word of the command that names a program of user/ stands for
 * that.  0 if a recording was made, whatever the command's own status, or 2 with why. */
int record_run(const char *path, const char *options, const char *command, struct error *why);

/* Words of a list that ends with NULL. */
size_t record_count(char *const *words);

/* This very program. */
const char *record_program(void);

#endif
