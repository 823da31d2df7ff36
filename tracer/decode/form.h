/* Which arguments a call has, and of what types, where one of them decides: futex by its
 * operation, prctl by its option, open by whether it makes a file. */
#ifndef TRACER_DECODE_FORM_H
#define TRACER_DECODE_FORM_H

#include "tracer/decode/call.h"

struct form {
	unsigned count;
	struct {
		uint8_t arg, type; /* index of the argument; enum call_type */
	} part[CALL_ARGS];
};

/* The arguments as they are printed, in their order. */
void form_of(const struct call *c, struct form *out);
/* The type of prctl's result. */
enum call_type form_property_result(const struct call *c);

#endif
