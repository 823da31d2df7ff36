/* Vectors of pieces of memory that programs pass: struct iovec. */
#ifndef KERNEL_SYSCALL_USER_PARTS_H
#define KERNEL_SYSCALL_USER_PARTS_H

#include "kernel/fs/file.h"

#define PARTS_MAX   1024 /* UIO_MAXIOV */
#define PARTS_SMALL 8

/* In the struct itself when they are few. */
struct user_parts {
	struct iovec *parts;
	size_t count;
	struct iovec small[PARTS_SMALL];
};

/* Copy count of them in, as they are: 0, -EINVAL for too many, -EFAULT, -ENOMEM.
 * Always followed by user_parts_put. */
int user_parts_get(struct user_parts *p, uint64_t addr, uint64_t count);
void user_parts_put(struct user_parts *p);
/* As the caller's memory to move bytes to or from: -EINVAL if the lengths do not add up,
 * -EFAULT if one lies outside of the program's half. */
int user_parts_buffer(const struct user_parts *p, struct buffer *b);

#endif
