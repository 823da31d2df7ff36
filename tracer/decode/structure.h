/* Structures behind arguments, as the kernel copied them (DATA_STRUCT_IN and _OUT),
 * printed by the argument's type in strace's way. */
#ifndef TRACER_DECODE_STRUCTURE_H
#define TRACER_DECODE_STRUCTURE_H

#include <stdbool.h>

#include "tracer/decode/call.h"

/* Print d, which is of argument index of c.  False: nothing is known of such a
 * structure, or it is too short; nothing was printed. */
bool structure_print(struct buffer *b, const struct call *c, unsigned index, enum call_type type,
		     const struct call_data *d);

#endif
