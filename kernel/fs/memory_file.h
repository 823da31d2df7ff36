/* memfd_create(2): a file that lives in memory only. */
#ifndef KERNEL_FS_MEMORY_FILE_H
#define KERNEL_FS_MEMORY_FILE_H

#include "kernel/fs/file.h"

/* text: what /proc/PID/fd shows; sealable: seals may be added. */
int memory_file_create(const char *text, bool sealable, const struct credentials *c,
		       struct file **out);

#endif
