/* Socket addresses as strace writes them. */
#ifndef TRACER_DECODE_ADDRESS_H
#define TRACER_DECODE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/buffer.h"

/* False: too short to be one. */
bool address_print(struct buffer *b, const uint8_t *bytes, unsigned length);

#endif
