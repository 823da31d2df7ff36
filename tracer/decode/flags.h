/* Arguments of flags for which one set of names is not enough: a choice in some of the bits,
 * names that depend on the call, a name for none. */
#ifndef TRACER_DECODE_FLAGS_H
#define TRACER_DECODE_FLAGS_H

#include "tracer/decode/call.h"

void at_flags_print(struct buffer *b, const struct call *c, uint64_t value);
void open_flags_print(struct buffer *b, const struct call *c, uint64_t value);
void map_flags_print(struct buffer *b, const struct call *c, uint64_t value);
void futex_op_print(struct buffer *b, const struct call *c, uint64_t value);
void socket_type_print(struct buffer *b, const struct call *c, uint64_t value);
void clone_flags_print(struct buffer *b, const struct call *c, uint64_t value);
void access_mode_print(struct buffer *b, const struct call *c, uint64_t value);
void prot_print(struct buffer *b, const struct call *c, uint64_t value);
void ipc_flags_print(struct buffer *b, const struct call *c, uint64_t value);

#endif
