/* Open directories. */
#ifndef KERNEL_FS_DIRECTORY_H
#define KERNEL_FS_DIRECTORY_H

#include "kernel/fs/file.h"

extern const struct file_ops directory_file_ops;

#endif
