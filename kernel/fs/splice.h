/* Moving bytes between pipes and files without the program: splice(2), tee(2). */
#ifndef KERNEL_FS_SPLICE_H
#define KERNEL_FS_SPLICE_H

#include "kernel/fs/file.h"

/* f is a pipe or FIFO that is open. */
bool splice_is_pipe(const struct file *f);
/* At most n bytes, *position (NULL: the file's own) as in file_read and file_write: how
 * many, 0 at the end, -EAGAIN when it would wait and must not, or -errno.  Access was
 * checked. */
int64_t splice_to_pipe(struct file *pipe, struct file *in, uint64_t *position, size_t n, bool wait);
int64_t splice_from_pipe(struct file *pipe, struct file *out, uint64_t *position, size_t n,
			 bool wait);
/* Between two pipes, which differ; keep: `in` keeps the bytes (tee). */
int64_t splice_pipes(struct file *in, struct file *out, size_t n, bool wait, bool keep);

#endif
