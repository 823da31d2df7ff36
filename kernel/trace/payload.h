/* What the wire says of the machine: the payloads of HELLO (trace_hello_fill) and STATS. */
#ifndef KERNEL_TRACE_PAYLOAD_H
#define KERNEL_TRACE_PAYLOAD_H

#include "kernel/arch/x86_64/local.h"
#include "kernel/trace/trace.h"

/* The shape of the rings, for HELLO. */
void payload_init(unsigned blocks, size_t block_bytes);
/* The counts of a CPU that has a ring. */
void payload_stats(struct trace_stats *to, const struct cpu *c);

#endif
