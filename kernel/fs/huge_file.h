/* Files of huge pages, of which none are set aside: they have a size, can be read (as
 * zeros) and mapped by who says MAP_NORESERVE, and whoever touches that gets SIGBUS; as
 * on Linux with an empty pool. */
#ifndef KERNEL_FS_HUGE_FILE_H
#define KERNEL_FS_HUGE_FILE_H

#include "kernel/fs/file.h"

/* Log2 of the size that MAP_HUGE_*, MFD_HUGE_* or SHM_HUGE_* names, above its shift in
 * flags; 0: there is no such. */
unsigned huge_shift(uint64_t flags);
/* A page object of that many bytes without pages; NULL without memory. */
struct pages *huge_pages_create(uint64_t size);
/* A file of huge pages of 1 << shift bytes, of `size` bytes; text is what /proc/PID/maps
 * shows.  0, -ENOMEM or -ENFILE. */
int huge_file_create(const char *text, unsigned shift, uint64_t size, bool sealable,
		     const struct credentials *c, struct file **out);
/* f was mapped writable up to end: its size is that at least. */
void huge_file_mapped(struct file *f, uint64_t end);

#endif
