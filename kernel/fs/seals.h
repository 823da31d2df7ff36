/* Seals of memory files (memfd_create): what can never be done to them again. */
#ifndef KERNEL_FS_SEALS_H
#define KERNEL_FS_SEALS_H

#include "kernel/fs/file.h"

/* F_ADD_SEALS and F_GET_SEALS of fcntl(2): as it answers; -EINVAL for files that know no
 * seals. */
int seals_add(struct file *f, unsigned seals);
int seals_get(const struct file *f);
/* May contents be written, and may the size become this one?  0 or -EPERM.
 * Holds: i->lock. */
int seals_check_write(const struct inode *i);
int seals_check_size(const struct inode *i, uint64_t size);
/* f is about to be mapped shared; takes from *out what seals forbid.  0 or -EPERM. */
int seals_check_map(const struct file *f, int prot, struct map_file *out);

#endif
