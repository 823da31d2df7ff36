/* Events in words.  The texts hold guest bytes: they go to a screen or a file
 * only through grid_print or text_print.  All functions write at most size bytes
 * with the final NUL; an event that is shorter than declared reads "damaged". */
#ifndef VIEWER_PHRASE_H
#define VIEWER_PHRASE_H

#include <stddef.h>

#include "tracer/reader.h"

/* "cat 8" as named at event id; "idle" for 0. */
void phrase_thread(struct reader *r, uint32_t tid, uint64_t id, char *text, size_t size);
/* The value of a field: "cat 8", "0x401000", "data in a pipe". */
void phrase_field(struct reader *r, const struct event *e, unsigned place, char *text, size_t size);
/* format with each {name} replaced: a field of the event by its name in events.def
 * ({name#}: its bare number), or
 *   {who} thread   {call} {does} system call and its sentence   {described} call with
 *   its arguments   {error} a failed call's error in words   {took} duration of the
 *   whole call or fault   {because} a switch's reason and what is waited for
 *   {fatal} why a program dies of it, by the rules of a crash's story
 *   {action} where a signal's handler is, or its default action   {irq} a vector in words   {tail}
 * text behind the fields   {data} bytes of an argument   {ended} how a process ended   {access} of
 * a page fault: "read of", "write to", "fetch from" */
void phrase_expand(struct reader *r, const struct event *e, const char *format, char *text,
		   size_t size);
/* What phrase_event expands for a kind; NULL: it says the kind's name. */
const char *phrase_format(unsigned kind);
/* What happened, without who: "write(1, "hello", 6)", "write = 6". */
void phrase_event(struct reader *r, const struct event *e, char *text, size_t size);
/* What is missing right before e, "" where nothing is known to be: "[3,152 lost] ", or a sentence
 * and a blank. */
void phrase_gap(struct reader *r, const struct event *e, bool sentence, char *text, size_t size);
/* phrase_event behind the thread's name and the kind: what a search looks at. */
void phrase_line(struct reader *r, const struct event *e, char *text, size_t size);
/* One or two words for the event strip: "write()", "=6", "switch 8>9". */
void phrase_brief(struct reader *r, const struct event *e, char *text, size_t size);
/* A wait status: "exit 3", "SIGSEGV". */
void phrase_status(int32_t status, char *text, size_t size);
/* How long the call or fault took that e begins or ends, "" if unknown. */
void phrase_duration(struct reader *r, const struct event *e, char *text, size_t size);

/* "1.9us", "12.0ms", "3.2s". */
void phrase_ns(int64_t ns, char *text, size_t size);
/* "4,211,337" */
void phrase_count(uint64_t count, char *text, size_t size);
/* "4211", "42k", "4.2M": at most 5 characters below 1e15. */
void phrase_short(uint64_t count, char *text, size_t size);

#endif
