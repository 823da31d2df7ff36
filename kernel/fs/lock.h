/* File locks: POSIX records (fcntl) owned by a descriptor table, or by an open file
 * (F_OFD_*), and flock owned by an open file. */
#ifndef KERNEL_FS_LOCK_H
#define KERNEL_FS_LOCK_H

#include "kernel/fs/file.h"

/* fcntl F_GETLK, F_SETLK, F_SETLKW on f by owner (the descriptor table); pid is
 * shown to others.  *l is changed by F_GETLK. */
int record_lock(struct file *f, struct fd_table *owner, uint32_t pid, int command, struct flock *l);
/* The same for F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW: f itself owns the records. */
int open_record_lock(struct file *f, int command, struct flock *l);
/* close(2) of any descriptor of the file drops the owner's records. */
void record_lock_close(struct file *f, const struct fd_table *owner);
/* flock(2): LOCK_SH, LOCK_EX, LOCK_UN, with LOCK_NB. */
int file_lock(struct file *f, int operation);
/* The last reference to f goes. */
void file_lock_release(struct file *f);

#endif
