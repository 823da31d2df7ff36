/* What function_hooks.S knows of structs: function.c holds it to them. */
#ifndef KERNEL_TRACE_FUNCTION_LAYOUT_H
#define KERNEL_TRACE_FUNCTION_LAYOUT_H

/* struct cpu, by GS. */
#define CPU_FUNCTIONS        40
#define CPU_FUNCTION_OWNER   48
#define CPU_TRACE_THREAD     56
#define CPU_ENTER_WORD       64
#define CPU_EXIT_WORD        72
#define CPU_ATTEMPTS         80
#define CPU_ENTER_ATTEMPTS   (CPU_ATTEMPTS + 8 * 90)
#define CPU_EXIT_ATTEMPTS    (CPU_ATTEMPTS + 8 * 91)
#define CPU_RING             2128
#define CPU_RING_HEAD        (CPU_RING + 0)
#define CPU_RING_MASK        (CPU_RING + 32)
#define CPU_RING_MEMORY      (CPU_RING + 48)
#define CPU_FUNCTIONS_PAUSED (CPU_RING + 16640)

/* struct trace_thread. */
#define THREAD_FUNCTIONS_TOP 8
#define THREAD_FUNCTIONS     16

/* struct trace_block. */
#define BLOCK_BYTES   32
#define BLOCK_RECORDS 36

/* A record of either event; the blocks of which the short way knows the size: what is
 * in one is the low 16 bits of a position. */
#define FUNCTION_RECORD_BYTES 16
#define FUNCTION_BLOCK_SHIFT  16

/* Instructions that a pair recorded in the short way adds between its two time stamps,
 * and outside of them: those of function_hooks.S, the call that was a no-operation not
 * among them; and those that it takes to begin and end with a root.
 * tests/trace/functions_test.sh counts them. */
#define FUNCTION_COST_INSIDE  29
#define FUNCTION_COST_OUTSIDE 28
#define FUNCTION_COST_ROOT    10

#endif
