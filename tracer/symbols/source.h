/* Lines of source files of this host, whose names are a debug file's word: as hostile as any. */
#ifndef TRACER_SYMBOLS_SOURCE_H
#define TRACER_SYMBOLS_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line without the blanks around it; false: there is none. */
bool source_line(const char *file, uint64_t line, char *text, size_t size);
/* Is it here, and was it changed after this time (s since 1970)? */
bool source_newer(const char *file, int64_t since);

#endif
