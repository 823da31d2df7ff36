/* signalfd: signals of the process that reads, taken like bytes from a file. */
#ifndef KERNEL_PROC_SIGNAL_FILE_H
#define KERNEL_PROC_SIGNAL_FILE_H

#include "kernel/fs/file.h"

/* set: bit n-1 is signal n; flags: O_NONBLOCK.  0 or -errno. */
int signal_file_create(uint64_t set, uint32_t flags, struct file **out);
/* Is f one?  Then it gives the signals of another set from now on. */
bool signal_file_is(const struct file *f);
void signal_file_set(struct file *f, uint64_t set);

#endif
