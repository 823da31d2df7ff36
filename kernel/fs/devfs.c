/* /dev. */
#include "kernel/fs/devfs.h"

#include <linux/errno.h>

#include "kernel/debug/log.h"
#include "kernel/fs/device.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/tmpfs.h"
#include "kernel/lib/string.h"

static struct super *instance;

static int node_make(const char *name, const struct inode_birth *birth)
{
	struct inode *dir = instance->root, *made;
	int error;

	mutex_lock(&dir->lock);
	error = dir->ops->create(dir, name, strlen(name), birth, &made);
	mutex_unlock(&dir->lock);
	if (!error)
		inode_put(made);
	return error;
}

static int links_make(void)
{
	static const char *const links[][2] = {
		{ "fd", "/proc/self/fd" },
		{ "stdin", "/proc/self/fd/0" },
		{ "stdout", "/proc/self/fd/1" },
		{ "stderr", "/proc/self/fd/2" },
	};
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(links) && !error; i++) {
		struct inode_birth birth = { .mode = S_IFLNK | 0777, .target = links[i][1] };

		error = node_make(links[i][0], &birth);
	}
	return error;
}

/* The instance is made when it is first mounted: all devices are known by then. */
static int devfs_mount(const char *source, const char *options, struct super **out)
{
	struct inode_birth shm = { .mode = S_IFDIR | S_ISVTX | 0777 };
	const struct device *d = NULL;
	int error;

	if (!instance) {
		error = tmpfs_create("devtmpfs", "mode=755", &instance);
		if (!error)
			error = node_make("shm", &shm);
		if (!error)
			error = links_make();
		while (!error && (d = device_next(d))) {
			struct inode_birth birth = { .mode = S_IFCHR | d->mode,
						     .device = d->number };

			if (d->name)
				error = node_make(d->name, &birth);
		}
		if (error) {
			log_line(LOG_ERROR, "devtmpfs: error %d", -error);
			return error;
		}
	}
	ref_get(&instance->refs);
	*out = instance;
	return 0;
}

void devfs_init(void)
{
	static struct file_system type = { .name = "devtmpfs", .mount = devfs_mount };

	file_system_add(&type);
}
