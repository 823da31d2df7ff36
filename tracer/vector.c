#include "tracer/vector.h"

#include <stdio.h>

#include "tracer/schema.h"

const char *vector_label(unsigned vector)
{
	static _Thread_local char text[24];
	const char *label = enum_label(KIND_VECTOR, vector);

	/* Devices get the vectors from DEVICE on, up to the next one with a name. */
	if (label && vector != VECTOR_DEVICE)
		return label;
	snprintf(text, sizeof(text), "%s %u",
		 vector >= VECTOR_DEVICE && vector < VECTOR_SPURIOUS ? "device" : "vector", vector);
	return text;
}
