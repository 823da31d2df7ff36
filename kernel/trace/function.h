/* Entry and exit of kernel functions, recorded for those that the host asked for.
 *
 * Every function but the recorder's own begins with a no-operation of five bytes
 * (-pg -mfentry -mnop-mcount).  The host names functions to record and roots, by their
 * place in the code; at boot their first bytes become calls to function_hooks.S.
 * Recording begins when a thread enters a root, in a system call of its own or in an
 * interrupt that it is struck by, and ends when it leaves it.  Meanwhile the return
 * address of each recorded function is in the thread's own stack of frames, and
 * function_return in its place.  Frames of functions that never return stay there:
 * they go with the thread.
 *
 * Records are kept whatever the rules are: the host's list is the filter. */
#ifndef KERNEL_TRACE_FUNCTION_H
#define KERNEL_TRACE_FUNCTION_H

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/patch.h"
#include "kernel/lib/types.h"

/* A function that has not returned. */
struct function_frame {
	uint64_t back;     /* where it will return to */
	uint64_t function; /* its first instruction, and PATCH_BYTES */
};

enum function_want { FUNCTION_RECORD = 1, FUNCTION_ROOT = 2, FUNCTION_STACK = 4 };

/* Bytes of a thread's frames.  Each takes at least as much of the thread's stack, so
 * they fit; a guard page is behind them all the same. */
#define FUNCTION_FRAMES_SIZE (16 * 1024)

/* Takes a stack where the list asks for it: function as in the records, back its return
 * address, fp its caller's frame.  Any context.  Set by proc/ before function_init. */
extern void (*function_stack_hook)(uint64_t function, uint64_t back, uint64_t fp);

/* Threads need a stack of frames.  [I] */
extern bool function_wanted;

/* Patch what the list says: 32-bit words, eight times the distance of a function from the
 * beginning of the code, and enum function_want.  On the boot CPU, before all others and
 * before the first thread; panics when the list is not for this kernel. */
void function_init(const void *list, size_t bytes);
/* Make CPU c ready; its ring is. */
void function_cpu_init(struct cpu *c);
/* This CPU records no more functions, for good: nothing of what runs may return. */
void function_stop(void);

/* For walking the running thread's stack by frame pointers: begin with this; */
struct function_walk {
	const struct function_frame *next;
	const struct function_frame *base;
};
struct function_walk function_walk_begin(void);
/* or with this, to walk from the frame at fp on, one further out on the same stack; */
struct function_walk function_walk_from(uint64_t fp);
/* then every return address found is made what it was. */
uint64_t function_walk_address(struct function_walk *w, uint64_t address);

/* What function_walk_address knows, for who walks stacks in a raw memory. */
#define FUNCTION_HOOKS 3
extern const char *const function_return_hooks[FUNCTION_HOOKS];

/* Where the running thread has become another one, interrupts off. */
#define FUNCTION_SWITCH()                                                                          \
	asm volatile("1:" PATCH_NOP "\n\t.pushsection .function_switch, \"a\"\n\t"                 \
		     ".quad 1b\n\t.popsection"                                                     \
		     :                                                                             \
		     :                                                                             \
		     : "memory", "cc")

#endif
