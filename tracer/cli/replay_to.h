/* Running a recording again up to an event, for commands other than `replay`. */
#ifndef TRACER_CLI_REPLAY_TO_H
#define TRACER_CLI_REPLAY_TO_H

#include <stdbool.h>

/* event: its number, or "crash"; commands: for gdb, NULL-terminated; file: of commands, or
 * NULL.  Exit status as `ringscope replay`. */
int replay_to(const char *path, const char *event, char *const *commands, const char *file,
	      bool batch);

#endif
