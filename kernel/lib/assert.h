/* Bugs end the machine with a clear line; user input never gets here. */
#ifndef KERNEL_LIB_ASSERT_H
#define KERNEL_LIB_ASSERT_H

#include "kernel/lib/types.h"

/* Print, record and stop the machine (exit status 125 on the host).  Takes no
 * lock and allocates nothing. */
noreturn void panic(const char *format, ...) printf_like(1, 2);
/* The same of what an exception or interrupt struck: f is told of, not the caller. */
struct frame;
noreturn void panic_at(const struct frame *f, const char *format, ...) printf_like(2, 3);

/* Always on. */
#define KASSERT(condition)                                                                         \
	do {                                                                                       \
		if (unlikely(!(condition)))                                                        \
			panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #condition);      \
	} while (0)

/* For invariants too dear for every build. */
#if KERNEL_DEBUG
#define KASSERT_DEBUG(condition) KASSERT(condition)
#else
#define KASSERT_DEBUG(condition) ((void)sizeof(condition))
#endif

#endif
