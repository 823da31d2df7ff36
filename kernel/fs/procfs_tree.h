/* The names of /proc as tables.  For procfs*.c only. */
#ifndef KERNEL_FS_PROCFS_TREE_H
#define KERNEL_FS_PROCFS_TREE_H

#include "kernel/fs/procfs.h"
#include "kernel/fs/setting.h"

/* Directories also hold names that come and go. */
enum proc_dynamic { NAMES_FIXED, NAMES_PROCESSES, NAMES_THREADS, NAMES_FILES, NAMES_FDINFO };

struct proc_node;

struct proc_entry {
	const char *name;
	uint32_t mode; /* type and permissions */
	/* Files: render; 0 or -errno. */
	int (*show)(const struct proc_node *n, struct text *out);
	/* Files: take what was written; 0 or -errno.  NULL: -EINVAL. */
	int (*store)(const struct proc_node *n, const char *text);
	/* Files that are no text: what opening does besides the check, 0 or -errno; it
	 * may replace f->ops. */
	int (*open)(const struct proc_node *n, struct file *f);
	/* Links: the text, or the thing itself. */
	int (*target)(const struct proc_node *n, char *to, size_t size);
	int (*follow)(const struct proc_node *n, struct path *out);
	/* Directories. */
	const struct proc_entry *children;
	unsigned child_count;
	enum proc_dynamic dynamic;
	struct setting *setting; /* files: the number shown and stored */
	unsigned what;           /* enum proc_text or proc_link, for show and follow */
	bool restricted;         /* only who may look into the process */
	bool numbers;            /* a directory: `what` is the fd of all that is in it */
};

/* What an inode of /proc stands for: inode->data. */
struct proc_node {
	const struct proc_entry *entry;
	uint32_t pid, tid; /* 0: not of a process */
	int fd;            /* links in fd/, or a CPU */
};

extern const struct proc_entry proc_root;
void procfs_root_fill(void);
extern const struct proc_entry proc_process_dir, proc_thread_dir, proc_fd_link, proc_fdinfo_file;
#define PROC_NAMESPACES 10
extern const struct proc_entry proc_namespace_links[PROC_NAMESPACES];
/* Of the root and of net/. */
#define PROC_KERNEL_ENTRIES 9
extern const struct proc_entry proc_kernel_entries[PROC_KERNEL_ENTRIES];
#define PROC_NET_ENTRIES 7
extern const struct proc_entry proc_net_entries[PROC_NET_ENTRIES];
/* /proc/sys */
#define PROC_SYS_ENTRIES 3
extern const struct proc_entry proc_sys_entries[PROC_SYS_ENTRIES];

/* Reading and writing a node's text. */
extern const struct file_ops proc_file_ops;
/* Opens /proc/PID/mem. */
int proc_memory_open(const struct proc_node *n, struct file *f);
/* /proc/cpuinfo */
int procfs_cpuinfo_show(const struct proc_node *n, struct text *out);
/* A new file system with that root. */
int procfs_super(const char *type, uint32_t magic, const struct proc_entry *root,
		 struct super **out);
/* Begin to average the load. */
void loadavg_start(void);

#define PROC_FILE(name_, mode_, show_)                                                             \
	{                                                                                          \
		.name = (name_), .mode = S_IFREG | (mode_), .show = (show_)                        \
	}

#endif
