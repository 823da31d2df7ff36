/* Where our own files are: kernel.elf and init, beside the program. */
#ifndef TRACER_VM_FILES_H
#define TRACER_VM_FILES_H

#include "tracer/error.h"

#define FILES_PATH 4096

struct files {
	char kernel[FILES_PATH];
	char init[FILES_PATH];
};

/* kernel: a file named by the user, or NULL for $RINGSCOPE_KERNEL, or kernel.elf
 * beside the program.  0 or 125. */
int files_find(struct files *f, const char *kernel, struct error *why);

#endif
