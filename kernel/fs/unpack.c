/* Making files of the members of an archive. */
#include <linux/errno.h>
#include <linux/limits.h>

#include "kernel/debug/log.h"
#include "kernel/fs/cpio.h"
#include "kernel/fs/device.h"
#include "kernel/fs/mount.h"
#include "kernel/lib/list.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

/* Hard links: members with the same inode number; the last one has the data. */
struct linked {
	struct linked *next;
	uint32_t inode;
	const char *name; /* of the first */
};

struct unpack {
	struct lookup lookup;
	struct credentials credentials;
	struct fs_context *context;
	struct linked *linked;
};

static int parents_make(struct unpack *u, const char *name)
{
	char *copy = kmalloc(PATH_MAX);
	int error = 0;

	if (!copy)
		return -ENOMEM;
	string_copy(copy, PATH_MAX, name);
	for (char *slash = strchr(copy, '/'); slash && !error; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		error = path_make(&u->lookup, copy, S_IFDIR | 0755, 0);
		if (error == -EEXIST)
			error = 0;
		*slash = '/';
	}
	kfree(copy);
	return error;
}

static int contents_write(struct unpack *u, const struct cpio_member *m)
{
	struct buffer b = { .addr = (uint64_t)m->data, .length = m->size, .kernel = true };
	struct file *f;
	int64_t n;
	int error = file_open_name(&u->lookup, m->name, O_WRONLY, 0, &f);

	if (error)
		return error;
	n = file_write(f, &b, NULL);
	file_put(f);
	return n < 0 ? (int)n : (uint64_t)n < m->size ? -ENOSPC : 0;
}

static int symlink_make(struct unpack *u, const struct cpio_member *m)
{
	char *target;
	int error;

	if (!m->size || m->size >= PATH_MAX)
		return -EINVAL;
	target = kmalloc(m->size + 1);
	if (!target)
		return -ENOMEM;
	memcpy(target, m->data, m->size);
	error = path_symlink(&u->lookup, m->name, target);
	kfree(target);
	return error;
}

/* True if m is a further name of a member that came before (*error says how it
 * went); else it is remembered. */
static bool link_made(struct unpack *u, const struct cpio_member *m, int *error)
{
	struct linked *l;
	struct path first;

	for (l = u->linked; l; l = l->next) {
		if (l->inode != m->inode)
			continue;
		*error = path_lookup(&u->lookup, l->name, &first);
		if (*error)
			return true;
		*error = path_link(&first, &u->lookup, m->name);
		path_put(&first);
		return true;
	}
	l = kmalloc(sizeof(*l));
	*error = l ? 0 : -ENOMEM;
	if (!l)
		return true;
	*l = (struct linked){ .next = u->linked, .inode = m->inode, .name = m->name };
	u->linked = l;
	return false;
}

static int attributes_set(struct unpack *u, const struct cpio_member *m)
{
	struct path p;
	struct inode *i;
	int error = path_lookup(&u->lookup, m->name, &p);

	if (error)
		return error;
	i = path_inode(&p);
	if (mount_writable(&p)) { /* a directory of the host's tree, on the way to ours */
		path_put(&p);
		return 0;
	}
	i->uid = m->uid;
	i->gid = m->gid;
	if (!S_ISLNK(i->mode))
		i->mode = (i->mode & S_IFMT) | (m->mode & 07777);
	i->atime = i->mtime = m->mtime * 1000000000ull;
	path_put(&p);
	return 0;
}

static int file_make(struct unpack *u, const struct cpio_member *m)
{
	int error;

	if (m->links > 1 && link_made(u, m, &error)) {
		if (error)
			return error;
	} else {
		error = path_make(&u->lookup, m->name, S_IFREG | (m->mode & 07777), 0);
		if (error)
			return error;
	}
	return m->size ? contents_write(u, m) : 0;
}

static int member_make(struct unpack *u, const struct cpio_member *m)
{
	int error = parents_make(u, m->name);

	if (error || !*m->name)
		return error;
	switch (m->mode & S_IFMT) {
	case S_IFREG:
		error = file_make(u, m);
		break;
	case S_IFLNK:
		error = symlink_make(u, m);
		break;
	case S_IFDIR:
		error = path_make(&u->lookup, m->name, S_IFDIR | (m->mode & 01777), 0);
		if (error == -EEXIST)
			error = 0;
		break;
	default:
		error = path_make(&u->lookup, m->name, m->mode & (S_IFMT | 07777),
				  device_number(m->device_major, m->device_minor));
	}
	return error ? error : attributes_set(u, m);
}

static void linked_forget(struct unpack *u)
{
	while (u->linked) {
		struct linked *l = u->linked;

		u->linked = l->next;
		kfree(l);
	}
}

int cpio_unpack(const void *archive, size_t size, const struct path *root)
{
	struct unpack u = { .context = fs_context_create(), .credentials = credentials_root };
	struct cpio_member m = { 0 };
	size_t offset = 0;
	int result = 1;

	if (!u.context)
		return -ENOMEM;
	u.context->umask = 0;
	u.lookup = (struct lookup){ u.context, &u.credentials, root, .follow = false };
	while (result >= 0 && cpio_more(archive, size, &offset)) {
		while ((result = cpio_next(archive, size, &offset, &m)) > 0) {
			result = member_make(&u, &m);
			if (result < 0)
				break;
		}
		linked_forget(&u);
	}
	fs_context_put(u.context);
	if (result < 0)
		log_line(LOG_ERROR, "initramfs: error %d at byte %lu, name \"%s\"", -result,
			 (unsigned long)offset, m.name ? m.name : "");
	return MIN(result, 0);
}
