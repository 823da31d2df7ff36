/* The initramfs: a cpio archive of the "newc" format (SVR4, no checksums). */
#ifndef KERNEL_FS_CPIO_H
#define KERNEL_FS_CPIO_H

#include "kernel/fs/path.h"

/* One member of an archive; name and data point into it. */
struct cpio_member {
	uint32_t inode, mode, uid, gid, links, mtime, device_major, device_minor;
	const char *name; /* NUL-terminated, no leading "/" or "./" */
	const uint8_t *data;
	uint32_t size;
};

/* Archives may follow each other with zeros between: is there (still) one? */
bool cpio_more(const uint8_t *archive, size_t size, size_t *offset);
/* The member at *offset, which moves behind it: 1, 0 at the end of the archive (its
 * trailer), -EINVAL if it is broken. */
int cpio_next(const uint8_t *archive, size_t size, size_t *offset, struct cpio_member *out);

/* Unpack the archives below root; -errno with a log line if it is broken or there is
 * no memory. */
int cpio_unpack(const void *archive, size_t size, const struct path *root);

#endif
