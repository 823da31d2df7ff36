/* Which events may hold a text at all: told by their kinds, before each is put into words,
 * which takes a microsecond or more. */
#ifndef VIEWER_FIND_TEXT_H
#define VIEWER_FIND_TEXT_H

#include <stdbool.h>

#include "tracer/reader.h"

struct find_text {
	char word[128];     /* the longest run of letters of the text, "": it has none that tells */
	char run[128];      /* it, and the digits and the like that it stands in */
	bool may[EV_LIMIT]; /* an event of this kind may hold it, whatever it carries */
	bool named[EV_LIMIT];   /* one may in the name of its system call */
	bool carries[EV_LIMIT]; /* its records carry text behind their fields */
	bool apart;             /* system calls hold it only in their names and arguments */
};

void find_text_make(struct find_text *t, struct reader *r, const char *text,
		    const volatile bool *cancel);
/* False: phrase_line of the event does not hold the text. */
bool find_text_may(const struct find_text *t, const struct event *e);
/* event_set of those that may; all: also in a call's name or in what they carry. */
uint64_t find_text_kinds(const struct find_text *t, bool all);

#endif
