/* What rows of a profile stand for, by name. */
#include <string.h>

#include "tracer/analysis/profile.h"

static const char *const names[PROFILE_BY_LIMIT] = {
	[PROFILE_CALL] = "call",       [PROFILE_PROGRAM] = "program", [PROFILE_THREAD] = "thread",
	[PROFILE_FAULT] = "fault",     [PROFILE_IRQ] = "irq",         [PROFILE_PATH] = "path",
	[PROFILE_PROCESS] = "process", [PROFILE_FILE] = "file",       [PROFILE_LOCK] = "lock",
};

int profile_by_name(const char *name)
{
	for (int i = 0; i < PROFILE_BY_LIMIT; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

const char *profile_by_title(enum profile_by by)
{
	return names[by];
}
