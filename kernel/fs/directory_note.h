/* Notes on directories: a signal when something happens in them (fcntl F_NOTIFY).  They
 * are watches like inotify's, in the same lists. */
#ifndef KERNEL_FS_DIRECTORY_NOTE_H
#define KERNEL_FS_DIRECTORY_NOTE_H

#include "kernel/fs/file.h"

struct async_owner;
struct watch;

/* events: DN_*; without any the note that table has on f goes, else it gets them, too.
 * fd is what si_fd will say, owner who is told unless f has one.  -EINVAL, -ENOTDIR. */
int directory_note_set(struct file *f, const struct fd_table *table, int fd, uint32_t events,
		       const struct async_owner *owner);
/* Something happened: w is a note's, inotify_lock is held. */
void directory_note_tell(const struct watch *w);
void directory_note_drop(const struct file *f, const struct fd_table *table);

/* table closes a descriptor of f: its note on it goes. */
static inline void directory_note_close(const struct file *f, const struct fd_table *table)
{
	if (unlikely(f->inode->watches) && S_ISDIR(f->inode->mode))
		directory_note_drop(f, table);
}

#endif
