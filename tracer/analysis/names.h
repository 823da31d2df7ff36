/* Numbers by the names that people write.  -1: there is no such name. */
#ifndef TRACER_ANALYSIS_NAMES_H
#define TRACER_ANALYSIS_NAMES_H

/* "openat". */
int names_call(const char *name);
/* "demand_zero", in any case. */
int names_fault(const char *name);
/* "SIGCHLD". */
int names_signal(const char *name);
/* "ENOENT". */
int names_error(const char *name);

#endif
