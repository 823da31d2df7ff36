/* The host's tree as the root of all: what is mounted on top of it. */
#include <linux/errno.h>
#include <linux/mount.h>

#include "kernel/debug/log.h"
#include "kernel/fs/host.h"
#include "kernel/fs/mount.h"
#include "kernel/lib/assert.h"

/* Memory at a directory of the tree; where it has none (/var/tmp), nothing. */
static void memory_mount(const struct lookup *l, const char *name, const char *options)
{
	struct path at;
	struct super *s;
	int error = path_lookup(l, name, &at);

	if (error == -ENOENT)
		return;
	if (!error)
		error = file_system_mount("tmpfs", "tmpfs", options, &s);
	if (!error) {
		error = mount_add(&at, s, "tmpfs", MS_NOSUID | MS_NODEV);
		super_put(s);
		path_put(&at);
	}
	if (error)
		panic("cannot mount %s: error %d", name, -error);
}

void host_mount_root(void)
{
	struct credentials root = credentials_root;
	struct lookup l = { .credentials = &root, .follow = true };
	struct super *s;
	int error = file_system_mount("9p", HOST_ROOT_TAG, "", &s);

	if (error)
		panic("the host shows no file tree: error %d", -error);
	mount_replace_root(s, HOST_ROOT_TAG, MS_RDONLY | MS_NODEV);
	super_put(s);
	l.context = fs_context_create();
	if (!l.context)
		panic("no memory for the first mounts");
	memory_mount(&l, "/run", "mode=755");
	memory_mount(&l, "/tmp", "mode=1777");
	memory_mount(&l, "/var/tmp", "mode=1777");
	memory_mount(&l, "/sys", "mode=555");
	fs_context_put(l.context);
}
