#include "kernel/fs/seals.h"

#include <linux/errno.h>
#include <linux/magic.h>
#include <linux/mman.h>

#define SEALS_ALL   (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)
#define SEALS_WRITE (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)

static bool sealable(const struct inode *i)
{
	return S_ISREG(i->mode) && i->super &&
	       (i->super->magic == TMPFS_MAGIC || i->super->magic == HUGETLBFS_MAGIC);
}

static uint32_t seals_of(const struct inode *i)
{
	return __atomic_load_n(&i->seals, __ATOMIC_ACQUIRE);
}

/* Holds: i->lock. */
static int seals_add_locked(struct inode *i, unsigned seals)
{
	if (i->seals & F_SEAL_SEAL)
		return -EPERM;
	if (seals & F_SEAL_WRITE && !(i->seals & F_SEAL_WRITE) && !pages_deny_writers(i->pages))
		return -EBUSY;
	__atomic_store_n(&i->seals, i->seals | seals, __ATOMIC_RELEASE);
	return 0;
}

int seals_add(struct file *f, unsigned seals)
{
	struct inode *i = f->inode;
	int error;

	if (!file_writable(f))
		return -EPERM;
	if (seals & ~(unsigned)SEALS_ALL || !sealable(i))
		return -EINVAL;
	mutex_lock(&i->lock);
	error = seals_add_locked(i, seals);
	mutex_unlock(&i->lock);
	return error;
}

int seals_get(const struct file *f)
{
	return sealable(f->inode) ? (int)seals_of(f->inode) : -EINVAL;
}

int seals_check_write(const struct inode *i)
{
	return seals_of(i) & SEALS_WRITE ? -EPERM : 0;
}

int seals_check_size(const struct inode *i, uint64_t size)
{
	uint32_t seals = seals_of(i);

	if ((seals & F_SEAL_GROW && size > i->size) || (seals & F_SEAL_SHRINK && size < i->size))
		return -EPERM;
	return 0;
}

int seals_check_map(const struct file *f, int prot, struct map_file *out)
{
	if (!(seals_of(f->inode) & SEALS_WRITE))
		return 0;
	if (prot & PROT_WRITE)
		return -EPERM;
	out->may_write = false;
	return 0;
}
