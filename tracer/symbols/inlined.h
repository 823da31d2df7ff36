/* Code that a compiler put into another function: which line of that asked for it. */
#ifndef TRACER_SYMBOLS_INLINED_H
#define TRACER_SYMBOLS_INLINED_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False: the code at this address of the file is the function's own, or nothing is known. */
bool inlined_find(Dwarf *dwarf, uint64_t address, char *file, size_t size, int *line);

#endif
