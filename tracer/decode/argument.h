/* One argument or result by its type (schemas/types.def). */
#ifndef TRACER_DECODE_ARGUMENT_H
#define TRACER_DECODE_ARGUMENT_H

#include "tracer/decode/call.h"

void argument_print(struct buffer *b, const struct call *c, unsigned index, enum call_type type);
void result_print(struct buffer *b, int64_t result, enum call_type type);

#endif
