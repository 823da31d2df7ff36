/* Which system calls the kernel has, and what is missing of them: schemas/support.def,
 * held to the handlers in the symbol table of a kernel. */
#ifndef TRACER_SUPPORT_SUPPORT_H
#define TRACER_SUPPORT_SUPPORT_H

#include <stdbool.h>

#include "schemas/syscalls.h"
#include "tracer/buffer.h"
#include "tracer/error.h"

enum support { SUPPORT_FULL, SUPPORT_PARTIAL, SUPPORT_ABSENT };

/* By number: is there a function sys_<name> in the kernel? */
struct handlers {
	bool has[SYSCALL_LIMIT];
};

/* Read the symbols of a kernel file.  0, or 2 with why. */
int handlers_read(struct handlers *h, const char *kernel, struct error *why);

enum support support_of(const struct handlers *h, unsigned nr);
/* What is missing, in words; NULL: nothing is said. */
const char *support_missing(unsigned nr);
/* The names that a call refuses, and those to which an argument is limited, appended as
 * "A, B"; nothing is appended where there are none. */
void support_refused_print(struct buffer *b, unsigned nr);
void support_only_print(struct buffer *b, unsigned nr);

/* The number of a call by its name, -1: there is none. */
int support_number(const char *name);
/* Is this name refused wherever it stands in the call? */
bool support_refuses(unsigned nr, const char *name);
/* Is the argument limited to some names?  Then accepted says whether this is one. */
bool support_limits(unsigned nr, unsigned argument, const char *name, bool *accepted);
/* Is the argument one of flags or of one choice, and the name none that we know? */
bool support_unknown(unsigned nr, unsigned argument, const char *name);

/* A call that support.def names and the kernel does not have: its number, else -1. */
int support_contradiction(const struct handlers *h);

#endif
