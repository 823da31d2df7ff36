/* Devices by number: what opening a device node gives. */
#ifndef KERNEL_FS_DEVICE_H
#define KERNEL_FS_DEVICE_H

#include "kernel/fs/file.h"

/* dev_t as programs see it (new_encode_dev of Linux). */
static inline uint64_t device_number(uint32_t major, uint32_t minor)
{
	return (minor & 0xff) | (uint64_t)(major & 0xfff) << 8 | (uint64_t)(minor & ~0xffu) << 12;
}

static inline uint32_t device_major(uint64_t number)
{
	return (uint32_t)(number >> 8) & 0xfff;
}

static inline uint32_t device_minor(uint64_t number)
{
	return (uint32_t)((number & 0xff) | (number >> 12 & ~0xffull));
}

/* A character device.  Lives as long as the kernel. */
struct device {
	const char *name; /* in /dev; NULL: no node is made */
	uint64_t number;
	unsigned count; /* of numbers from that on; 0: that one only */
	uint32_t mode;
	const struct file_ops *ops;
	/* Called by open with f->ops and f->data set; NULL: fine. */
	int (*open)(struct file *f);
	void *data; /* becomes f->data */
	struct device *next;
};

/* At boot. */
void device_add(struct device *d);
/* Give f, whose inode is a device node, its ops; -ENXIO. */
int device_open(struct file *f);
/* All devices, for devfs; NULL starts. */
const struct device *device_next(const struct device *d);

#endif
