/* Changing what an inode says of itself: mode, owner, times. */
#ifndef KERNEL_FS_ATTRIBUTES_H
#define KERNEL_FS_ATTRIBUTES_H

#include <asm/stat.h>

#include "kernel/fs/file.h"

#define OWNER_KEEP UINT32_MAX
#define TIME_KEEP  UINT64_MAX /* nanoseconds since the epoch otherwise */

/* Each checks rights of c on what p names and that its mount is writable. */
int attributes_mode(const struct path *p, const struct credentials *c, uint32_t mode);
int attributes_owner(const struct path *p, const struct credentials *c, uint32_t uid, uint32_t gid);
/* now: both times are the current one, which who may write may ask for. */
int attributes_times(const struct path *p, const struct credentials *c, uint64_t atime,
		     uint64_t mtime, bool now);

/* As access(2): rights, and for writing whether the mount permits it. */
int attributes_access(const struct path *p, const struct credentials *c, unsigned may);
/* As stat(2) wants it.  p may be without a place. */
void attributes_stat(const struct path *p, struct stat *out);

#endif
