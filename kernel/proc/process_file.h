/* pidfd: a file that stands for a process, whatever becomes of its number. */
#ifndef KERNEL_PROC_PROCESS_FILE_H
#define KERNEL_PROC_PROCESS_FILE_H

#include "kernel/fs/file.h"
#include "kernel/proc/process.h"

/* flags: O_NONBLOCK.  0 or -errno. */
int process_file_create(struct process *p, uint32_t flags, struct file **out);
/* The process of f, which keeps it; NULL: f is none. */
struct process *process_file_process(const struct file *f);

#endif
