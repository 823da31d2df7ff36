/* Pipes and FIFOs. */
#ifndef KERNEL_FS_PIPE_H
#define KERNEL_FS_PIPE_H

#include "kernel/fs/file.h"

/* A pipe: files for reading (ends[0]) and writing (ends[1]), each with flags
 * (O_NONBLOCK). */
int pipe_create(struct file *ends[2], uint32_t flags);
/* Bind f, whose inode is a FIFO, waiting for the other end as open(2) does. */
int pipe_open(struct file *f);
/* F_GETPIPE_SZ, F_SETPIPE_SZ; -EBADF if f is no pipe. */
int64_t pipe_size(struct file *f);
int64_t pipe_set_size(struct file *f, uint64_t size, bool privileged);

#endif
