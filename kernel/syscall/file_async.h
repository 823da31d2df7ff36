/* The commands of fcntl about O_ASYNC. */
#ifndef KERNEL_SYSCALL_FILE_ASYNC_H
#define KERNEL_SYSCALL_FILE_ASYNC_H

#include "kernel/fs/async.h"

/* The caller, as the one who gets a file's signals. */
struct async_owner async_owner_caller(void);
/* *known: command is one of them. */
int64_t file_async_control(struct file *f, int command, uint64_t arg, bool *known);

#endif
