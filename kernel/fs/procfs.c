/* /proc as a file system: names from the tables of procfs_tree.h and from the
 * processes that are there.  No name is cached: they come and go. */
#include "kernel/fs/procfs.h"

#include <linux/errno.h>
#include <linux/magic.h>

#include "kernel/fs/mount.h"
#include "kernel/fs/procfs_tree.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define LIST_FIXED   2    /* positions of the entries of a table */
#define LIST_DYNAMIC 1024 /* position of number 0 of what comes and goes */
#define ID_DIGITS    10

struct proc_hooks proc_hooks;

static const struct inode_ops dir_ops, file_inode_ops, text_link_ops, thing_link_ops;

static uint64_t node_number(const struct proc_node *n)
{
	if (!n->entry->name && !n->pid)
		return 1;
	return (uint64_t)n->tid << 40 | (uint64_t)(n->fd + 1) << 24 |
	       ((uintptr_t)n->entry & 0xffffff);
}

static const struct inode_ops *ops_for(const struct proc_entry *e)
{
	if (S_ISDIR(e->mode))
		return &dir_ops;
	if (S_ISREG(e->mode))
		return &file_inode_ops;
	return e->target ? &text_link_ops : &thing_link_ops;
}

/* Owner and existence of the process; 0 or -ENOENT. */
static int owner_set(struct inode *i)
{
	const struct proc_node *n = i->data;

	if (n->pid && proc_hooks.owner(n->pid, n->tid, &i->uid, &i->gid))
		return -ENOENT;
	return 0;
}

static int node_inode(struct super *s, const struct proc_node *n, uint32_t mode, struct inode **out)
{
	struct proc_node *copy = kmalloc(sizeof(*copy));
	struct inode *i = copy ? inode_create(s, ops_for(n->entry), mode) : NULL;
	int error;

	if (!i) {
		kfree(copy);
		return -ENOMEM;
	}
	*copy = *n;
	i->data = copy;
	i->number = node_number(n);
	if (S_ISDIR(mode))
		i->links = 2;
	error = owner_set(i);
	if (error) {
		inode_put(i);
		return error;
	}
	*out = i;
	return 0;
}

static void node_release(struct inode *i)
{
	kfree(i->data);
}

/* The number that a name spells; false if it spells none. */
static bool name_number(const char *name, size_t length, uint32_t *number)
{
	uint64_t n = 0;

	if (!length || length > ID_DIGITS || (name[0] == '0' && length > 1))
		return false;
	for (size_t k = 0; k < length; k++) {
		if (name[k] < '0' || name[k] > '9')
			return false;
		n = n * 10 + (uint64_t)(name[k] - '0');
	}
	*number = (uint32_t)n;
	return n <= INT32_MAX;
}

/* A descriptor's link shows by its permissions how the file is open. */
static uint32_t fd_mode(const struct proc_node *n)
{
	struct fd_table *t = proc_hooks.files(n->pid, n->tid);
	struct file *f = t ? fd_get(t, n->fd) : NULL;
	uint32_t mode = 0;

	if (f)
		mode = S_IFLNK | (file_readable(f) ? 0500u : 0) | (file_writable(f) ? 0300u : 0);
	file_put(f);
	fd_table_put(t);
	return mode;
}

static int lookup_dynamic(const struct proc_node *dir, uint32_t number, struct proc_node *out,
			  uint32_t *mode)
{
	*out = *dir;
	switch (dir->entry->dynamic) {
	case NAMES_PROCESSES:
		/* A thread is found, too, though none but the first is listed. */
		*out = (struct proc_node){ &proc_process_dir, proc_hooks.process_of(number), number,
					   -1 };
		number = out->pid;
		break;
	case NAMES_THREADS:
		*out = (struct proc_node){ &proc_thread_dir, dir->pid, number, -1 };
		break;
	case NAMES_FILES:
		out->entry = &proc_fd_link;
		out->fd = (int)number;
		*mode = fd_mode(out);
		return *mode ? 0 : -ENOENT;
	case NAMES_FDINFO:
		out->entry = &proc_fdinfo_file;
		out->fd = (int)number;
		*mode = fd_mode(out) ? proc_fdinfo_file.mode : 0;
		return *mode ? 0 : -ENOENT;
	case NAMES_FIXED:
		return -ENOENT;
	}
	*mode = out->entry->mode;
	return number ? 0 : -ENOENT;
}

static int dir_lookup(struct inode *dir, const char *name, size_t length, struct inode **out)
{
	const struct proc_node *d = dir->data;
	struct proc_node n = *d;
	uint32_t number, mode;
	int error;

	for (unsigned k = 0; k < d->entry->child_count; k++) {
		const struct proc_entry *e = &d->entry->children[k];

		if (strlen(e->name) != length || memcmp(e->name, name, length) != 0)
			continue;
		n.entry = e;
		if (e->numbers)
			n.fd = (int)e->what;
		return node_inode(dir->super, &n, e->mode, out);
	}
	if (!name_number(name, length, &number))
		return -ENOENT;
	error = lookup_dynamic(d, number, &n, &mode);
	return error ? error : node_inode(dir->super, &n, mode, out);
}

/* The least number >= from in the directory, or -1. */
static int64_t dynamic_next(const struct proc_node *d, uint32_t from)
{
	struct fd_table *t;
	uint32_t id = 0;
	int fd;

	switch (d->entry->dynamic) {
	case NAMES_PROCESSES:
		id = proc_hooks.next_process(from ? from - 1 : 0);
		break;
	case NAMES_THREADS:
		id = proc_hooks.next_thread(d->pid, from ? from - 1 : 0);
		break;
	case NAMES_FILES:
	case NAMES_FDINFO:
		t = proc_hooks.files(d->pid, d->tid);
		fd = t ? fd_next(t, (int)from) : -1;
		fd_table_put(t);
		return fd;
	case NAMES_FIXED:
		break;
	}
	return id ? (int64_t)id : -1;
}

static int list_dynamic(const struct proc_node *d, uint64_t *position, struct list_sink *sink)
{
	uint32_t type = d->entry->dynamic == NAMES_FILES    ? S_IFLNK
			: d->entry->dynamic == NAMES_FDINFO ? S_IFREG
							    : S_IFDIR;
	int64_t id;

	if (*position > LIST_DYNAMIC + (uint64_t)INT32_MAX)
		return 0;
	while ((id = dynamic_next(d, (uint32_t)(*position - LIST_DYNAMIC))) >= 0) {
		struct proc_node n = *d;
		uint64_t next = LIST_DYNAMIC + (uint64_t)id + 1;
		uint32_t mode;
		char name[ID_DIGITS + 2];
		int length = print_text(name, sizeof(name), "%ld", (long)id);

		if (lookup_dynamic(d, (uint32_t)id, &n, &mode) == 0 &&
		    !sink->emit(sink, name, (size_t)length, node_number(&n), type, next))
			return 0;
		*position = next;
	}
	return 0;
}

static int dir_list(struct inode *dir, uint64_t *position, struct list_sink *sink)
{
	const struct proc_node *d = dir->data;

	for (; *position < LIST_FIXED + d->entry->child_count; ++*position) {
		struct proc_node n = *d;

		n.entry = &d->entry->children[*position - LIST_FIXED];
		if (!sink->emit(sink, n.entry->name, strlen(n.entry->name), node_number(&n),
				n.entry->mode, *position + 1))
			return 0;
	}
	*position = MAX(*position, (uint64_t)LIST_DYNAMIC);
	return list_dynamic(d, position, sink);
}

static int64_t link_read(struct inode *i, char *to, size_t size)
{
	const struct proc_node *n = i->data;
	char text[64];
	int length = n->entry->target(n, text, sizeof(text));

	if (length < 0)
		return length;
	memcpy(to, text, MIN((size_t)length, size));
	return (int64_t)MIN((size_t)length, size);
}

static int link_follow(struct inode *i, struct path *out)
{
	const struct proc_node *n = i->data;

	if (n->entry->restricted && !proc_hooks.may_look(n->pid))
		return -EACCES;
	return n->entry->follow(n, out);
}

static bool never(struct inode *i)
{
	return false;
}

static void node_refresh(struct inode *i)
{
	i->atime = i->mtime = i->ctime = inode_now();
}

static int file_opened(struct inode *i, struct file *f)
{
	const struct proc_node *n = i->data;

	f->ops = &proc_file_ops;
	if (n->entry->restricted && !proc_hooks.may_look(n->pid))
		return -EACCES;
	return n->entry->open ? n->entry->open(n, f) : 0;
}

static const struct inode_ops dir_ops = {
	.lookup = dir_lookup,
	.list = dir_list,
	.refresh = node_refresh,
	.may_change = never,
	.release = node_release,
};

static const struct inode_ops file_inode_ops = {
	.open = file_opened,
	.refresh = node_refresh,
	.may_change = never,
	.release = node_release,
};

static const struct inode_ops text_link_ops = {
	.readlink = link_read,
	.refresh = node_refresh,
	.may_change = never,
	.release = node_release,
};

static const struct inode_ops thing_link_ops = {
	.follow = link_follow,
	.refresh = node_refresh,
	.may_change = never,
	.release = node_release,
};

int procfs_super(const char *type, uint32_t magic, const struct proc_entry *entry,
		 struct super **out)
{
	struct proc_node root = { .entry = entry, .fd = -1 };
	struct super *s = super_create(type, magic);
	int error;

	if (!s)
		return -ENOMEM;
	s->uncached = true;
	error = node_inode(s, &root, entry->mode, &s->root);
	if (error) {
		super_put(s);
		return error;
	}
	*out = s;
	return 0;
}

static int procfs_mount(const char *source, const char *options, struct super **out)
{
	return procfs_super("proc", PROC_SUPER_MAGIC, &proc_root, out);
}

void procfs_init_type(void)
{
	static struct file_system type = { .name = "proc", .mount = procfs_mount };

	procfs_root_fill();
	file_system_add(&type);
	loadavg_start();
}
