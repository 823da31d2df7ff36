/* What a recording needs to tell its crashes anywhere. */
#ifndef TRACER_CRASH_BLACKBOX_H
#define TRACER_CRASH_BLACKBOX_H

#include "tracer/error.h"

/* Tell each story of a finished recording once, and keep in it what was asked of files:
 * symbols, source lines, code.  kernel: its file.  0 or status 2, 3. */
int blackbox_fill(const char *trace, const char *kernel, struct error *why);

#endif
