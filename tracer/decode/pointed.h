/* What a pointer argument points to, printed from a syscall_data record. */
#ifndef TRACER_DECODE_POINTED_H
#define TRACER_DECODE_POINTED_H

#include "tracer/decode/call.h"

/* "/etc/passwd" in quotes, {st_mode=...}, [3, 4], ... */
void pointed_print(struct buffer *b, const struct call_data *d);

#endif
