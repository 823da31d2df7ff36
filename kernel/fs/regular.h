/* Changing the size of regular files. */
#ifndef KERNEL_FS_REGULAR_H
#define KERNEL_FS_REGULAR_H

#include "kernel/fs/file.h"

/* As truncate(2); permissions were checked.  -EISDIR, -EINVAL, -EFBIG. */
int inode_truncate(struct inode *i, uint64_t size);
/* As fallocate(2) without mode bits or with FALLOC_FL_KEEP_SIZE. */
int inode_allocate(struct inode *i, uint64_t offset, uint64_t length, bool keep_size);
/* As fallocate(2) with FALLOC_FL_PUNCH_HOLE. */
int inode_punch(struct inode *i, uint64_t offset, uint64_t length);

#endif
