/* What /proc shows of a process and of each of its threads: tables only; the text
 * is made by proc/. */
#include <linux/errno.h>

#include "kernel/fs/mount.h"
#include "kernel/fs/procfs_tree.h"

static int show_text(const struct proc_node *n, struct text *out)
{
	return proc_hooks.text(n->pid, n->tid, (enum proc_text)n->entry->what, out);
}

static int store_comm(const struct proc_node *n, const char *text)
{
	return proc_hooks.set_comm(n->pid, n->tid, text);
}

static int store_oom_adjust(const struct proc_node *n, const char *text)
{
	return proc_hooks.set_oom_adjust(n->pid, text);
}

/* There is one group of all processes, and nobody logs in. */
static int show_cgroup(const struct proc_node *n, struct text *out)
{
	text_add(out, "0::/\n");
	return 0;
}

static int show_nobody(const struct proc_node *n, struct text *out)
{
	text_add(out, "%u", UINT32_MAX);
	return 0;
}

static int follow_link(const struct proc_node *n, struct path *out)
{
	return proc_hooks.link(n->pid, n->tid, (enum proc_link)n->entry->what, out);
}

static int follow_fd(const struct proc_node *n, struct path *out)
{
	struct fd_table *t = proc_hooks.files(n->pid, n->tid);
	struct file *f = t ? fd_get(t, n->fd) : NULL;

	fd_table_put(t);
	if (!f)
		return -ENOENT;
	*out = f->path;
	path_get(out);
	file_put(f);
	return 0;
}

/* Mounts as the process sees them. */
static int show_mounts(const struct proc_node *n, struct text *out)
{
	struct path root;
	int error = proc_hooks.link(n->pid, n->tid, PROC_ROOT, &root);

	if (error)
		return error;
	if (n->entry->what)
		mount_list_info(out, &root);
	else
		mount_list(out, &root);
	path_put(&root);
	return 0;
}

#define TEXT(name_, mode_, what_, restricted_)                                                     \
	{                                                                                          \
		.name = (name_), .mode = S_IFREG | (mode_), .show = show_text, .what = (what_),    \
		.restricted = (restricted_)                                                        \
	}
#define LINK(name_, what_)                                                                         \
	{                                                                                          \
		.name = (name_), .mode = S_IFLNK | 0777, .follow = follow_link, .what = (what_),   \
		.restricted = true                                                                 \
	}
#define MOUNTS(name_, info_)                                                                       \
	{                                                                                          \
		.name = (name_), .mode = S_IFREG | 0444, .show = show_mounts, .what = (info_)      \
	}
#define COMM                                                                                       \
	{                                                                                          \
		.name = "comm", .mode = S_IFREG | 0644, .show = show_text, .store = store_comm,    \
		.what = PROC_COMM                                                                  \
	}
#define MEMORY                                                                                     \
	{                                                                                          \
		.name = "mem", .mode = S_IFREG | 0600, .open = proc_memory_open,                   \
		.restricted = true                                                                 \
	}
#define FD                                                                                         \
	{                                                                                          \
		.name = "fd", .mode = S_IFDIR | 0500, .dynamic = NAMES_FILES                       \
	}

#define FDINFO                                                                                     \
	{                                                                                          \
		.name = "fdinfo", .mode = S_IFDIR | 0500, .dynamic = NAMES_FDINFO                  \
	}
#define NAMESPACES                                                                                 \
	{                                                                                          \
		.name = "ns", .mode = S_IFDIR | 0511, .children = proc_namespace_links,            \
		.child_count = PROC_NAMESPACES                                                     \
	}
#define OOM_ADJUST                                                                                 \
	{                                                                                          \
		.name = "oom_score_adj", .mode = S_IFREG | 0644, .show = show_text,                \
		.store = store_oom_adjust, .what = PROC_OOM_ADJUST                                 \
	}
#define NETWORK                                                                                    \
	{                                                                                          \
		.name = "net", .mode = S_IFDIR | 0555, .children = proc_net_entries,               \
		.child_count = PROC_NET_ENTRIES                                                    \
	}

/* In both /proc/PID and /proc/PID/task/TID. */
#define COMMON                                                                                     \
	TEXT("auxv", 0400, PROC_AUXV, true), TEXT("cmdline", 0444, PROC_CMDLINE, false), COMM,     \
		LINK("cwd", PROC_CWD), TEXT("environ", 0400, PROC_ENVIRON, true),                  \
		LINK("exe", PROC_EXE), FD, TEXT("limits", 0444, PROC_LIMITS, false),               \
		TEXT("maps", 0444, PROC_MAPS, true), MEMORY, MOUNTS("mountinfo", 1),               \
		MOUNTS("mounts", 0), LINK("root", PROC_ROOT),                                      \
		TEXT("stat", 0444, PROC_STAT, false), TEXT("statm", 0444, PROC_STATM, false),      \
		TEXT("status", 0444, PROC_STATUS, false), TEXT("wchan", 0444, PROC_WCHAN, false),  \
		PROC_FILE("cgroup", 0444, show_cgroup), FDINFO, TEXT("io", 0400, PROC_IO, true),   \
		PROC_FILE("loginuid", 0444, show_nobody), NAMESPACES, NETWORK,                     \
		TEXT("oom_score", 0444, PROC_OOM_SCORE, false), OOM_ADJUST,                        \
		TEXT("personality", 0400, PROC_PERSONALITY, true),                                 \
		PROC_FILE("sessionid", 0444, show_nobody), TEXT("smaps", 0444, PROC_SMAPS, true),  \
		TEXT("smaps_rollup", 0444, PROC_SMAPS_ROLLUP, true)

static const struct proc_entry thread_files[] = {
	COMMON,
	TEXT("children", 0444, PROC_CHILDREN, false),
};

static const struct proc_entry process_files[] = {
	COMMON,
	{ .name = "task", .mode = S_IFDIR | 0555, .dynamic = NAMES_THREADS },
};

const struct proc_entry proc_thread_dir = {
	.mode = S_IFDIR | 0555,
	.children = thread_files,
	.child_count = ARRAY_SIZE(thread_files),
};

const struct proc_entry proc_process_dir = {
	.mode = S_IFDIR | 0555,
	.children = process_files,
	.child_count = ARRAY_SIZE(process_files),
};

const struct proc_entry proc_fd_link = {
	.mode = S_IFLNK | 0700,
	.follow = follow_fd,
	.restricted = true,
};
