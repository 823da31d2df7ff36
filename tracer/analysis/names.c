#include "tracer/analysis/names.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

struct named {
	const char *name;
	int number;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct named calls[] = {
#define SYSCALL0(nr, name, ...) { #name, nr },
#define SYSCALL1                SYSCALL0
#define SYSCALL2                SYSCALL0
#define SYSCALL3                SYSCALL0
#define SYSCALL4                SYSCALL0
#define SYSCALL5                SYSCALL0
#define SYSCALL6                SYSCALL0
#include "schemas/syscalls.def"
};

static const struct named faults[] = {
#define VALUE(group, name, number, label) { #group "." #name, number },
#include "schemas/enums.def"
};

static const struct named signals[] = {
#define SIGNAL(number, name, action, text) { #name, number },
#include "schemas/signals.def"
};

static const struct named errors[] = {
#define ERROR(number, name, text) { #name, number },
#include "schemas/errors.def"
};

static int find(const struct named *list, size_t count, const char *prefix, const char *name)
{
	const size_t length = strlen(prefix);

	for (size_t i = 0; i < count; i++)
		if (strncmp(list[i].name, prefix, length) == 0 &&
		    strcasecmp(list[i].name + length, name) == 0)
			return list[i].number;
	return -1;
}

int names_call(const char *name)
{
	return find(calls, COUNT(calls), "", name);
}

int names_fault(const char *name)
{
	return find(faults, COUNT(faults), "FAULT.", name);
}

int names_signal(const char *name)
{
	return find(signals, COUNT(signals), "", name);
}

int names_error(const char *name)
{
	return find(errors, COUNT(errors), "", name);
}
