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
		uint32_t minor = device_minor(f->inode->device), first = device_minor(d->number);

		if (device_major(d->number) != device_major(f->inode->device) || minor < first ||
		    minor - first >= MAX(d->count, 1u))
			continue;
		f->ops = d->ops;
		f->data = d->data;
		return d->open ? d->open(f) : 0;
	}
	return -ENXIO;
}
