/* The symbols that were stripped from a file and are kept apart: below /usr/lib/debug by
 * its build id, or under the name in its .gnu_debuglink, beside it, in .debug beside it or
 * below /usr/lib/debug.  One that has another build id is none of its. */
#ifndef TRACER_SYMBOLS_DEBUG_FILE_H
#define TRACER_SYMBOLS_DEBUG_FILE_H

#include <libelf.h>
#include <limits.h>
#include <stdbool.h>

struct debug_file {
	int fd;               /* -1: there is none */
	Elf *elf;             /* NULL: the same */
	char other[PATH_MAX]; /* a file that is there and is of another build; "" none */
};

/* Of the file at path, which is open as elf. */
void debug_file_open(struct debug_file *d, const char *path, Elf *elf);
void debug_file_close(struct debug_file *d);

#endif
