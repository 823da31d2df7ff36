/* CRC-32C (Castagnoli) by the SSE4.2 instruction, which works on general
 * registers.  Start with 0; give the result so far to go on over several pieces. */
#ifndef KERNEL_TRACE_CRC_H
#define KERNEL_TRACE_CRC_H

#include "kernel/lib/types.h"

uint32_t crc32c(uint32_t crc, const void *bytes, size_t count);

#endif
