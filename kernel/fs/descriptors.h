/* Descriptor tables: shared by threads (CLONE_FILES), copied by fork. */
#ifndef KERNEL_FS_DESCRIPTORS_H
#define KERNEL_FS_DESCRIPTORS_H

#include "kernel/lib/types.h"

struct fd_table;
struct file;

#define FD_MAX (1u << 20) /* RLIMIT_NOFILE's ceiling, as Linux's nr_open */

struct fd_table *fd_table_create(void);
struct fd_table *fd_table_copy(struct fd_table *t);
void fd_table_get(struct fd_table *t);
void fd_table_put(struct fd_table *t);
void fd_table_close_exec(struct fd_table *t);
/* The file behind fd with a reference, or NULL. */
struct file *fd_get(struct fd_table *t, int fd);
/* The same without a reference, for the one thread that uses the table at all. */
struct file *fd_peek(const struct fd_table *t, int fd);
/* Put f (the reference moves in) at the lowest free number >= least and < limit:
 * it, or -EMFILE, -ENOMEM, -EINVAL for a bad least (f is then put). */
int fd_install(struct fd_table *t, struct file *f, int least, bool close_exec, uint64_t limit);
/* dup2/dup3: exactly at fd, closing what was there; -EBADF beyond limit (f is put). */
int fd_install_at(struct fd_table *t, struct file *f, int fd, bool close_exec, uint64_t limit);
int fd_close(struct fd_table *t, int fd);
/* FD_CLOEXEC get (value < 0) and set; -EBADF. */
int fd_close_exec(struct fd_table *t, int fd, int value);
/* The lowest open descriptor >= fd, or -1 (/proc/PID/fd). */
int fd_next(struct fd_table *t, int fd);
/* How many numbers the table has room for (FDSize of /proc/PID/status). */
unsigned fd_table_size(struct fd_table *t);

#endif
