/* Which events may hold a text at all: told by their kinds, before each is put into words,
 * which takes a microsecond or more. */
#ifndef VIEWER_FIND_TEXT_H
#define VIEWER_FIND_TEXT_H

#include <stdbool.h>

#include "tracer/reader.h"

struct find_text {
	char word[128];     /* the longest run of letters of the text, "": it has none that tells */
	bool may[EV_LIMIT]; /* an event of this kind may hold the word */
	bool bytes;         /* of syscall_data only the recorded bytes may */
	bool apart;         /* system calls hold it only in their names and arguments */
};

void find_text_make(struct find_text *t, struct reader *r, const char *text,
		    const volatile bool *cancel);
/* False: phrase_line of the event does not hold the text. */
bool find_text_may(const struct find_text *t, const struct event *e);

#endif
