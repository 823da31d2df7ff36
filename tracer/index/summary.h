/* What the text of each chunk of READER_CHUNK events is made of: which three letters stand
 * next to each other in the arguments of its system calls and in the bytes that its records
 * carry.  A search leaves out the chunks that lack three of its own. */
#ifndef TRACER_INDEX_SUMMARY_H
#define TRACER_INDEX_SUMMARY_H

#include <sqlite3.h>

#include "tracer/reader.h"

/* Two rows fit in a page; 17,576 triples share 16,000 bits. */
#define SUMMARY_BYTES 2000u

struct summary_writer {
	sqlite3 *db;
	sqlite3_stmt *insert, *load;
	uint64_t chunk; /* the open one */
	uint8_t letters[SUMMARY_BYTES];
};

int summary_writer_init(struct summary_writer *w, sqlite3 *db, struct error *why);
void summary_writer_free(struct summary_writer *w);
/* Words that are said of event id, which is the next one or was before. */
int summary_text(struct summary_writer *w, uint64_t id, const char *text, struct error *why);
/* The next event: the bytes that it carries. */
int summary_event(struct summary_writer *w, const struct event *e, struct error *why);
/* Put the open chunk into the file as far as it is known. */
int summary_store(struct summary_writer *w, struct error *why);

struct summary_reader {
	sqlite3_stmt *load;
};

int summary_reader_init(struct summary_reader *r, sqlite3 *db, struct error *why);
void summary_reader_free(struct summary_reader *r);
/* May the chunk's text hold the word, of letters only, in either case?  True where that is
 * not known, and for words of less than three letters. */
bool summary_may(struct summary_reader *r, uint64_t chunk, const char *word);

#endif
