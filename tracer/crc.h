/* CRC-32C (Castagnoli), as frames carry it: reflected polynomial 0x82f63b78,
 * start and final exclusive-or all ones (RFC 3720, B.4).  To go on over several
 * pieces give the result so far; start with 0. */
#ifndef TRACER_CRC_H
#define TRACER_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(uint32_t crc, const void *bytes, size_t count);

#endif
