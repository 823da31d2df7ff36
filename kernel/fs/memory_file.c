/* memfd_create(2).  All such files are of one tmpfs that is mounted nowhere. */
#include "kernel/fs/memory_file.h"

#include <linux/errno.h>

#include "kernel/fs/tmpfs.h"

static struct super *instance; /* [a] set once */

static struct super *instance_get(void)
{
	struct super *s = __atomic_load_n(&instance, __ATOMIC_ACQUIRE), *none = NULL;

	if (s || tmpfs_create("tmpfs", "size=0", &s))
		return s;
	if (!__atomic_compare_exchange_n(&instance, &none, s, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE)) {
		super_put(s);
		s = none;
	}
	return s;
}

int memory_file_create(const char *text, bool sealable, const struct credentials *c,
		       struct file **out)
{
	struct super *s = instance_get();
	struct inode *i = s ? tmpfs_file(s, 0777, c->fsuid, c->fsgid) : NULL;

	if (!i)
		return -ENOMEM;
	if (sealable)
		i->seals = 0;
	*out = file_create(i, text, &regular_file_ops, O_RDWR | O_LARGEFILE, NULL);
	return *out ? 0 : -ENFILE;
}
