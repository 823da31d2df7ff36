/* How large a program may make a file: RLIMIT_FSIZE, and what Linux's offsets can say. */
#ifndef KERNEL_FS_SIZE_LIMIT_H
#define KERNEL_FS_SIZE_LIMIT_H

#include "kernel/lib/types.h"

#define FILE_SIZE_MAX INT64_MAX

/* Of the running program, supplied by proc/. */
struct size_limit {
	uint64_t (*bytes)(void); /* RLIM64_INFINITY: as it likes */
	void (*passed)(void);    /* it goes beyond: SIGXFSZ to the thread */
};
/* [a] NULL until a process has a limit: writes need not ask. */
extern const struct size_limit *size_limit;

/* How many of n bytes may be written at position; -EFBIG when not one may, after the
 * signal where it is for the limit. */
int64_t size_limit_room(uint64_t position, uint64_t n);
/* May a file grow to this size?  0 or -EFBIG, likewise. */
int size_limit_grow(uint64_t size);

#endif
