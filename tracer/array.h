/* Arrays that grow. */
#ifndef TRACER_ARRAY_H
#define TRACER_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for one more element behind count.  array is the address of a pointer to the first
 * element, which realloc may move; room, in elements, doubles.  False: no memory, and all is
 * as before. */
bool array_grow(void *array, uint32_t *room, uint32_t count, size_t element);

#endif
