/* `ringscope run --functions`: which kernel functions are recorded, and in what.
 *
 * A text is "ROOTS:FUNCTIONS", each a list of shell patterns with commas between; a
 * pattern of FUNCTIONS with a ! before it takes away again.  A pattern of ROOTS names
 * functions, or calls: "read" is the function sys_read.  Several texts add up. */
#ifndef TRACER_VM_FUNCTIONS_H
#define TRACER_VM_FUNCTIONS_H

#include "tracer/buffer.h"
#include "tracer/error.h"
#include "tracer/symbols/kernel.h"

/* What the kernel is told (function_init of kernel/trace/function.h): *list.  texts and
 * stacks, of --stacks: lists of such patterns as ROOTS, and names of events: NULL-terminated.
 * 0, or 125: a text is wrong, or fits no function. */
int functions_select(const struct kernel_functions *k, char *const *texts, char *const *stacks,
		     struct buffer *list, struct error *why);

#endif
