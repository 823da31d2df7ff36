/* A file that a program has mapped, as gdb is told of it. */
#ifndef TRACER_DEBUG_MAPPED_FILE_H
#define TRACER_DEBUG_MAPPED_FILE_H

#include <stdint.h>

#include "tracer/buffer.h"

/* gdb's command to load the symbols of the ELF file at path, whose byte `offset` is at
 * address start.  Nothing for what is no such file, or has a name that gdb would misread. */
void mapped_file_command(struct buffer *b, const char *path, uint64_t start, uint64_t offset);

#endif
