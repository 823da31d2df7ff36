#include "tracer/array.h"

#include <stdlib.h>
#include <string.h>

bool array_grow(void *array, uint32_t *room, uint32_t count, size_t element)
{
	const uint32_t more = *room ? *room * 2 : 16;
	void *old, *grown;

	if (count < *room)
		return true;
	if (more < *room)
		return false;
	memcpy(&old, array, sizeof(old));
	grown = reallocarray(old, more, element);
	if (!grown)
		return false;
	memcpy(array, &grown, sizeof(grown));
	*room = more;
	return true;
}
