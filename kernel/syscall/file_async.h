/* The commands of fcntl about O_ASYNC. */
#ifndef KERNEL_SYSCALL_FILE_ASYNC_H
#define KERNEL_SYSCALL_FILE_ASYNC_H

#include "kernel/fs/file.h"

/* *known: command is one of them. */
int64_t file_async_control(struct file *f, int command, uint64_t arg, bool *known);

#endif
