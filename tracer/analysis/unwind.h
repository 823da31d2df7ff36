/* Recorded stacks (`ringscope run --stacks`, `--sample`) as names: the program's part
 * unwound here, by the call-frame information of its files (libdw) or by frame pointers,
 * the kernel's as it was recorded.  Feed it every event of a recording in order. */
#ifndef TRACER_ANALYSIS_UNWIND_H
#define TRACER_ANALYSIS_UNWIND_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "tracer/error.h"
#include "tracer/reader.h"

#define UNWIND_FRAMES 128 /* of a program; more are left out */
#define UNWIND_ALL    (UNWIND_FRAMES + 64)

/* One stack, the outermost function first: of the program, then of the kernel. */
struct unwound {
	uint64_t id; /* of the stack's event */
	int64_t time;
	uint32_t tid, pid;
	unsigned why;                 /* group STACK */
	unsigned user, count;         /* names of the program, and in all */
	const char *name[UNWIND_ALL]; /* as long as the unwinder is */
	bool cut;                     /* the outermost functions are missing */
};

struct unwind;

/* Does the recording have stacks? */
bool unwind_wanted(sqlite3 *db);
/* NULL with why filled in. */
struct unwind *unwind_open(sqlite3 *db, struct error *why);
/* True: *out is a stack that is complete with this event. */
bool unwind_event(struct unwind *u, const struct event *e, struct unwound *out);
/* Lines of text on files without which functions have no names: NULL when there are no
 * more. */
const char *unwind_complaint(const struct unwind *u, unsigned index);
void unwind_close(struct unwind *u);

#endif
