/* Where our own files are: kernel.elf and init, beside the program. */
#ifndef TRACER_VM_FILES_H
#define TRACER_VM_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "tracer/error.h"

#define FILES_PATH 4096

struct files {
	char kernel[FILES_PATH];
	char init[FILES_PATH];
};

/* kernel: a file named by the user, or NULL for $RINGSCOPE_KERNEL, or kernel.elf
 * beside the program.  0 or 125. */
int files_find(struct files *f, const char *kernel, struct error *why);

/* The compiler that made a kernel, as its .comment section has it; false: it has none. */
bool files_compiler(const char *kernel, char *to, size_t size);

#endif
