/* Walking names.
 *
 * As long as names are cached the walk goes under the names lock and takes no
 * references; it stops with references in hand for a name that has to be asked
 * for or a symbolic link.  A link's text and what is left of the name make the
 * new rest. */
#include "kernel/fs/walk.h"

#include <linux/errno.h>

#include "kernel/lib/assert.h"
#include "kernel/fs/mount.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

enum stop { STOP_DONE, STOP_MISS, STOP_LINK, GO_ON };

#define SCOPED (RESOLVE_BENEATH | RESOLVE_IN_ROOT)

/* Where a relative name starts, with references. */
static void base_get(const struct lookup *l, struct path *out)
{
	if (l->base) {
		*out = *l->base;
		path_get(out);
	} else {
		fs_context_cwd(l->context, out);
	}
}

/* What ".." does not leave, and "/" means. */
static void root_get(const struct lookup *l, struct path *out)
{
	if (l->resolve & SCOPED)
		base_get(l, out);
	else
		fs_context_root(l->context, out);
}

/* w->at becomes the root, for a name that begins with '/'. */
static int root_enter(struct walk *w)
{
	struct path from = w->at;
	bool far;

	if (w->lookup->resolve & RESOLVE_BENEATH)
		return -EXDEV;
	root_get(w->lookup, &w->at);
	far = from.mount && from.mount != w->at.mount;
	path_put(&from);
	return far && w->lookup->resolve & RESOLVE_NO_XDEV ? -EXDEV : 0;
}

int walk_begin(struct walk *w, const struct lookup *l, const char *name)
{
	*w = (struct walk){ .lookup = l, .rest = name };
	if (strnlen(name, PATH_BYTES_MAX) == PATH_BYTES_MAX)
		return -ENAMETOOLONG;
	if (!*name && !l->empty)
		return -ENOENT;
	if (*name == '/')
		return root_enter(w);
	base_get(l, &w->at);
	return 0;
}

void walk_end(struct walk *w)
{
	path_put(&w->at);
	kfree(w->text);
	w->text = NULL;
}

/* The parent of *p, not above root.  Holds: names lock. */
static void step_up(struct path *p, const struct path *root)
{
	while (!path_equal(p, root)) {
		if (p->dentry != (p->mount ? p->mount->root : p->dentry)) {
			if (p->dentry->parent)
				p->dentry = p->dentry->parent;
			break;
		}
		if (!p->mount || !p->mount->parent)
			break;
		p->dentry = p->mount->at;
		p->mount = p->mount->parent;
	}
	mount_cross(p);
}

static bool is_dots(const char *name, size_t length)
{
	return name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'));
}

/* Is there another component behind s? */
static const char *skip_slashes(const char *s)
{
	while (*s == '/')
		s++;
	return s;
}

static size_t component_length(const char *s)
{
	size_t n = 0;

	while (s[n] && s[n] != '/')
		n++;
	return n;
}

/* The current component is the last one and the caller wants its parent. */
static void last_set(struct walk *w, const char *name, size_t length)
{
	w->last = name;
	w->last_length = length;
	w->slash = name[length] == '/';
	w->kind = !is_dots(name, length) ? LAST_NAME : length == 1 ? LAST_DOT : LAST_UP;
}

/* From *p one component on; `found` stands for a name that was just asked for.
 * Returns a stop, GO_ON or -errno.  Holds: names lock. */
static int step(struct walk *w, struct path *p, const struct path *root, struct dentry *found,
		bool parent, struct dentry **link)
{
	const char *name = skip_slashes(w->rest), *after;
	struct inode *dir = p->dentry->inode;
	struct mount *mount = p->mount;
	size_t length = component_length(name);
	struct dentry *d;

	if (!*name) {
		w->kind = LAST_ROOT;
		w->slash = true;
		return *w->rest == '/' && !inode_is(dir, S_IFDIR) ? -ENOTDIR : STOP_DONE;
	}
	if (!inode_is(dir, S_IFDIR))
		return -ENOTDIR;
	if (length > NAME_BYTES_MAX)
		return -ENAMETOOLONG;
	if (inode_permission(dir, w->lookup->credentials, MAY_EXECUTE))
		return -EACCES;
	after = name + length;
	if (parent && !*skip_slashes(after)) {
		last_set(w, name, length);
		return STOP_DONE;
	}
	if (is_dots(name, length)) {
		if (length == 2 && w->lookup->resolve & RESOLVE_BENEATH && path_equal(p, root))
			return -EXDEV;
		if (length == 2)
			step_up(p, root);
		w->rest = after;
		return w->lookup->resolve & RESOLVE_NO_XDEV && p->mount != mount ? -EXDEV : GO_ON;
	}
	d = found ? found : dentry_find(p->dentry, name, length);
	if (!d) {
		w->last = name;
		w->last_length = length;
		return STOP_MISS;
	}
	if (!d->inode)
		return -ENOENT;
	w->rest = after;
	if (inode_is(d->inode, S_IFLNK) && (*after || w->lookup->follow)) {
		*link = d;
		return STOP_LINK;
	}
	p->dentry = d;
	mount_cross(p);
	return w->lookup->resolve & RESOLVE_NO_XDEV && p->mount != mount ? -EXDEV : GO_ON;
}

/* Go on as far as names are known.  *link gets a reference with STOP_LINK. */
static int walk_known(struct walk *w, struct dentry *found, bool parent, struct dentry **link)
{
	struct path root, old = w->at, at = w->at;
	int stop;

	root_get(w->lookup, &root);
	names_lock();
	do {
		stop = step(w, &at, &root, found, parent, link);
		found = NULL;
	} while (stop == GO_ON);
	path_get(&at);
	if (stop == STOP_LINK)
		dentry_get(*link);
	names_unlock();
	w->at = at;
	path_put(&old);
	path_put(&root);
	return stop;
}

int walk_last(struct walk *w, struct dentry **out)
{
	struct dentry *parent = w->at.dentry;
	struct inode *dir = parent->inode, *inode = NULL;
	int error;

	names_lock();
	*out = dentry_find(parent, w->last, w->last_length);
	if (*out)
		dentry_get(*out);
	names_unlock();
	if (*out)
		return 0;
	if (!dir->ops->lookup)
		return -ENOTDIR;
	error = dir->ops->lookup(dir, w->last, w->last_length, &inode);
	/* Where names are not kept there are no negative ones either. */
	if (error && (error != -ENOENT || dir->super->uncached))
		return error;
	*out = dentry_create(parent, w->last, w->last_length, error ? NULL : inode);
	return *out ? 0 : -ENOMEM;
}

/* rest becomes the n bytes at text and what was left. */
static int rest_prepend(struct walk *w, const char *text, size_t n)
{
	size_t left = strlen(w->rest);
	char *joined = kmalloc(n + left + 1);

	if (!joined)
		return -ENOMEM;
	memcpy(joined, text, n);
	memcpy(joined + n, w->rest, left + 1);
	kfree(w->text);
	w->text = joined;
	w->rest = joined;
	return 0;
}

/* Go on at what the link stands for, which no name leads to. */
static int thing_enter(struct walk *w, struct inode *i)
{
	const uint32_t resolve = w->lookup->resolve;
	struct path to;
	bool far;
	int error;

	if (resolve & RESOLVE_NO_MAGICLINKS)
		return -ELOOP;
	if (resolve & SCOPED)
		return -EXDEV;
	error = i->ops->follow(i, &to);
	if (error)
		return error;
	far = to.mount != w->at.mount;
	path_put(&w->at);
	w->at = to;
	return far && resolve & RESOLVE_NO_XDEV ? -EXDEV : 0;
}

int walk_follow(struct walk *w, struct dentry *d, bool *jumped)
{
	struct inode *i = d->inode;
	char *text;
	int64_t n;

	*jumped = false;
	if (++w->links > LINKS_MAX || w->lookup->resolve & RESOLVE_NO_SYMLINKS)
		return -ELOOP;
	if (i->ops->follow) {
		*jumped = true;
		return thing_enter(w, i);
	}
	text = kmalloc(PATH_BYTES_MAX);
	if (!text)
		return -ENOMEM;
	n = i->ops->readlink(i, text, PATH_BYTES_MAX - 1);
	if (n == 0)
		n = -ENOENT;
	if (n > 0) {
		int error = text[0] == '/' ? root_enter(w) : 0;

		n = error ? error : rest_prepend(w, text, (size_t)n);
	}
	kfree(text);
	return (int)n;
}

/* Ask the file system for the name the walk stopped at. */
static int walk_ask(struct walk *w, struct dentry **found)
{
	struct inode *dir = w->at.dentry->inode;
	int error;

	mutex_lock(&dir->lock);
	error = walk_last(w, found);
	mutex_unlock(&dir->lock);
	return error;
}

static int walk_run(struct walk *w, bool parent)
{
	struct dentry *found = NULL;
	bool jumped;
	int stop;

	for (;;) {
		struct dentry *link = NULL;
		struct dentry *asked = found;

		stop = walk_known(w, found, parent, &link);
		found = NULL;
		dentry_put(asked);
		if (stop == STOP_MISS) {
			stop = w->lookup->resolve & RESOLVE_CACHED ? -EAGAIN : walk_ask(w, &found);
		} else if (stop == STOP_LINK) {
			stop = walk_follow(w, link, &jumped);
			dentry_put(link);
		} else {
			return stop; /* STOP_DONE is 0 */
		}
		if (stop)
			return stop;
	}
}

int walk_whole(struct walk *w)
{
	return walk_run(w, false);
}

int walk_to_parent(struct walk *w)
{
	return walk_run(w, true);
}

int path_lookup(const struct lookup *l, const char *name, struct path *out)
{
	struct walk w;
	int error = walk_begin(&w, l, name);

	if (!error)
		error = walk_whole(&w);
	if (!error) {
		*out = w.at;
		w.at = (struct path){ 0 };
	}
	walk_end(&w);
	return error;
}
