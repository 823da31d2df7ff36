/* What tells a file from another one of its name: its GNU build id, or a digest of its bytes. */
#ifndef TRACER_SYMBOLS_IDENTITY_H
#define TRACER_SYMBOLS_IDENTITY_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDENTITY_TEXT 64 /* of what of them is compared */

/* The build id as hex into text; false: it has none. */
bool identity_build_id(Elf *elf, char *text, size_t size);
/* The same of a file whose first n bytes are here, as a program's memory has them: hostile.
 * False: it is not among them. */
bool identity_head_build_id(const void *head, size_t n, char *text, size_t size);
/* Of a file: its build id or else a digest of all of it.  False: neither is known. */
bool identity_path(const char *path, char *text, size_t size);
/* A digest of so many bytes. */
void identity_bytes(const void *bytes, size_t n, char *text, size_t size);
/* That of the first n bytes of a file, with zeros behind its end; n 0: of all of it.  False: it
 * cannot be read, or is too large to be read for this. */
bool identity_file(int fd, size_t n, char *text, size_t size);

#endif
