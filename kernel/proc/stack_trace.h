/* Stacks, recorded where the host asked for them: at the entry of kernel functions that
 * trace/function.h has hooked for it, and on CPUs at work at a rate ("sample=HZ").
 *
 * A record has the kernel's return addresses, found by frame pointers, and what the host
 * needs to unwind the program: its registers as they were when it came in, and the words
 * above its stack pointer, as many as "stack=" says and as are in memory. */
#ifndef KERNEL_PROC_STACK_TRACE_H
#define KERNEL_PROC_STACK_TRACE_H

/* Before functions are hooked and before the first program. */
void stack_trace_init(const char *command_line);

#endif
