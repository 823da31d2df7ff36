/* Leases: who holds one on a file is told by a signal before others open it
 * (fcntl F_SETLEASE), and they wait until it is given back, or for a while. */
#ifndef KERNEL_FS_LEASE_H
#define KERNEL_FS_LEASE_H

#include "kernel/fs/file.h"

struct async_owner;

/* type: F_RDLCK, F_WRLCK, F_UNLCK; fd is what si_fd will say, owner who is told unless f
 * has one.  -EINVAL, -EACCES, -EAGAIN (others have it open, or there is no lease). */
int lease_set(struct file *f, int fd, int type, const struct credentials *c,
	      const struct async_owner *owner);
/* What f's lease is, or has to become. */
int lease_get(struct file *f);
int lease_break_held(struct inode *i, uint32_t flags);
void lease_release_held(struct file *f);

/* i is being opened with flags (O_*): wait for the leases that this breaks.
 * -EWOULDBLOCK with O_NONBLOCK, -ERESTARTSYS.  No lock may be held. */
static inline int lease_break(struct inode *i, uint32_t flags)
{
	return unlikely(__atomic_load_n(&i->leases, __ATOMIC_ACQUIRE)) ? lease_break_held(i, flags)
								       : 0;
}

/* The last reference to f goes. */
static inline void lease_release(struct file *f)
{
	if (unlikely(__atomic_load_n(&f->inode->leases, __ATOMIC_ACQUIRE)))
		lease_release_held(f);
}

#endif
