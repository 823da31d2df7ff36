/* Times and lengths of time as people write them. */
#ifndef TRACER_DURATION_H
#define TRACER_DURATION_H

#include <stdint.h>

/* The time that text begins with, in ns: a number, as 1.5 or 0.102852563, of seconds unless
 * a unit (s, ms, us, ns) follows at once.  *rest: what comes behind it and the blanks after
 * it.  -1: there is none, or it is beyond 292 years; *rest is left alone. */
int64_t duration_read(const char *text, const char **rest);

#endif
