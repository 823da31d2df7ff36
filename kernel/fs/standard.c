/* What every system starts with: the types of file systems, the devices, and
 * /dev, /proc, /tmp. */
#include <linux/errno.h>
#include <linux/mount.h>

#include "kernel/lib/assert.h"
#include "kernel/fs/console.h"
#include "kernel/fs/dentry.h"
#include "kernel/fs/devfs.h"
#include "kernel/fs/host.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/procfs.h"
#include "kernel/fs/pty.h"
#include "kernel/fs/tmpfs.h"
#include "kernel/fs/tty.h"
#include "kernel/mm/reclaim.h"

static int tmpfs_mount(const char *source, const char *options, struct super **out)
{
	return tmpfs_create("tmpfs", options, out);
}

static uint64_t names_reclaim(uint64_t wanted, unsigned pass)
{
	return dentry_shrink(pass ? UINT32_MAX : (unsigned)MIN(wanted, (uint64_t)UINT32_MAX));
}

void mount_init(void)
{
	static struct reclaimer names = { .reclaim = names_reclaim };
	static struct file_system tmpfs = { .name = "tmpfs", .mount = tmpfs_mount };
	struct super *root;

	file_system_add(&tmpfs);
	devfs_init();
	procfs_init_type();
	sysfs_init_type();
	host_init();
	memory_devices_init();
	kmsg_init();
	control_init();
	tty_init();
	pty_init();
	console_init();
	reclaim_add(&names);
	if (tmpfs_create("tmpfs", "mode=755", &root))
		panic("no memory for the root file system");
	mount_set_root(root);
	super_put(root);
}

/* Make the directory and mount a file system of the type on it. */
static void mount_at(const struct lookup *l, const char *type, const char *name, uint32_t mode)
{
	struct path at;
	struct super *s;
	int error = path_make(l, name, S_IFDIR | mode, 0);

	if (error && error != -EEXIST)
		panic("cannot make %s: error %d", name, -error);
	if (!type)
		return;
	error = path_lookup(l, name, &at);
	if (!error)
		error = file_system_mount(type, type, "", &s);
	if (!error) {
		error = mount_add(&at, s, type, MS_NOSUID | MS_NOEXEC);
		super_put(s);
		path_put(&at);
	}
	if (error)
		panic("cannot mount %s: error %d", name, -error);
}

void mount_standard(void)
{
	struct credentials root = credentials_root;
	struct fs_context *c = fs_context_create();
	struct lookup l = { .context = c, .credentials = &root, .follow = true };

	if (!c)
		panic("no memory for the first mounts");
	c->umask = 0;
	mount_at(&l, "devtmpfs", "/dev", 0755);
	mount_at(&l, "devpts", "/dev/pts", 0755);
	mount_at(&l, "proc", "/proc", 0555);
	mount_at(&l, "sysfs", "/sys", 0555);
	mount_at(&l, NULL, "/tmp", 01777);
	fs_context_put(c);
}
