/* Devices by number. */
#include "kernel/fs/device.h"

#include <linux/errno.h>

static struct device *devices; /* [boot] */

void device_add(struct device *d)
{
	struct device **at = &devices;

	while (*at)
		at = &(*at)->next;
	*at = d;
}

const struct device *device_next(const struct device *d)
{
	return d ? d->next : devices;
}

int device_open(struct file *f)
{
	if (!inode_is(f->inode, S_IFCHR))
		return -ENXIO;
	for (struct device *d = devices; d; d = d->next) {
		if (d->number != f->inode->device)
			continue;
		f->ops = d->ops;
		f->data = d->data;
		return d->open ? d->open(f) : 0;
	}
	return -ENXIO;
}
