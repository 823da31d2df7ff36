/* /proc/PID/fdinfo, and links that only have a text: ns. */
#include <linux/errno.h>

#include "kernel/fs/mount.h"
#include "kernel/fs/procfs_tree.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

#define NAMESPACE_FIRST 0xeffffff8u /* PROC_IPC_INIT_INO - 7 of Linux: proc_ns.h */

static int show_fdinfo(const struct proc_node *n, struct text *out)
{
	struct fd_table *t = proc_hooks.files(n->pid, n->tid);
	struct file *f = t ? fd_get(t, n->fd) : NULL;
	bool close_exec = f && fd_close_exec(t, n->fd, -1) > 0;

	fd_table_put(t);
	if (!f)
		return -ENOENT;
	text_add(out, "pos:\t%lu\nflags:\t0%o\nmnt_id:\t%u\nino:\t%lu\n",
		 f->ops->seek ? f->position : 0, f->flags | (close_exec ? O_CLOEXEC : 0),
		 f->path.mount ? f->path.mount->id : 0, f->inode->number);
	file_put(f);
	return 0;
}

const struct proc_entry proc_fdinfo_file = {
	.mode = S_IFREG | 0444,
	.show = show_fdinfo,
	.restricted = true,
};

static int target_namespace(const struct proc_node *n, char *to, size_t size)
{
	const char *name = n->entry->name, *end = strchr(name, '_'); /* pid_for_children */

	return print_text(to, size, "%.*s:[%u]", end ? (int)(end - name) : (int)strlen(name), name,
			  NAMESPACE_FIRST + n->entry->what);
}

#define NAMESPACE(name_, number_)                                                                  \
	{                                                                                          \
		.name = (name_), .mode = S_IFLNK | 0777, .target = target_namespace,               \
		.what = (number_)                                                                  \
	}

const struct proc_entry proc_namespace_links[PROC_NAMESPACES] = {
	NAMESPACE("cgroup", 3), NAMESPACE("ipc", 7),
	NAMESPACE("mnt", 8),    NAMESPACE("net", 0),
	NAMESPACE("pid", 4),    NAMESPACE("pid_for_children", 4),
	NAMESPACE("time", 2),   NAMESPACE("time_for_children", 2),
	NAMESPACE("user", 5),   NAMESPACE("uts", 6),
};
