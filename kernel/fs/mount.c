/* The tree of mounts, and the types of file systems.  All links are guarded by
 * the names lock. */
#include "kernel/fs/mount.h"

#include <linux/errno.h>
#include <linux/mount.h>

#include "kernel/lib/assert.h"
#include "kernel/fs/dentry.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

static struct list mounts = LIST_INIT(mounts); /* [names lock] */
static struct mount *root_mount;               /* [I] */
static struct file_system *types;              /* [boot] */
static uint32_t last_id = 20;                  /* [names lock] */

void mount_get(struct mount *m)
{
	if (m)
		ref_get(&m->refs);
}

void mount_put(struct mount *m)
{
	bool last;

	if (!m || names_ref_drop(&m->refs.count))
		return;
	names_lock();
	last = ref_put(&m->refs);
	names_unlock();
	if (!last)
		return;
	dentry_put(m->root);
	super_put(m->super);
	kfree(m);
}

void mount_cross(struct path *p)
{
	struct mount *m;
	bool crossed = true;

	while (crossed && p->dentry->mounts) {
		crossed = false;
		list_for_each_entry(m, &mounts, link) {
			if (m->parent == p->mount && m->at == p->dentry) {
				*p = (struct path){ m, m->root };
				crossed = true;
				break;
			}
		}
	}
}

/* A mount of s showing root, not yet in the tree. */
static struct mount *mount_create(struct super *s, struct dentry *root, const char *source,
				  unsigned long flags)
{
	struct mount *m = kmalloc(sizeof(*m));

	if (!m)
		return NULL;
	ref_init(&m->refs, 1);
	ref_get(&s->refs);
	dentry_get(root);
	m->super = s;
	m->root = root;
	m->flags = flags;
	string_copy(m->source, sizeof(m->source), source);
	return m;
}

static int super_names(struct super *s)
{
	if (s->names)
		return 0;
	inode_get(s->root);
	s->names = dentry_create(NULL, "", 0, s->root);
	return s->names ? 0 : -ENOMEM;
}

/* Put m into the tree; its reference moves in. */
static int mount_attach(struct mount *m, const struct path *at)
{
	int error = 0;

	path_get(at);
	names_lock();
	if (!inode_is(at->dentry->inode, S_IFDIR) != !inode_is(m->root->inode, S_IFDIR))
		error = -ENOTDIR;
	else if (at->dentry->deleted)
		error = -ENOENT;
	if (!error) {
		m->parent = at->mount;
		m->at = at->dentry;
		m->at->mounts++;
		m->id = ++last_id;
		list_append(&mounts, &m->link);
	}
	names_unlock();
	if (error) {
		struct path back = *at;

		path_put(&back);
		mount_put(m);
	}
	return error;
}

int mount_add(const struct path *at, struct super *s, const char *source, unsigned long flags)
{
	int error = super_names(s);
	struct mount *m = error ? NULL : mount_create(s, s->names, source, flags);

	return m ? mount_attach(m, at) : error ? error : -ENOMEM;
}

int mount_bind(const struct path *from, const struct path *at)
{
	struct mount *m;

	if (!from->mount)
		return -EINVAL;
	m = mount_create(from->mount->super, from->dentry, from->mount->source, from->mount->flags);
	return m ? mount_attach(m, at) : -ENOMEM;
}

static bool has_children(const struct mount *parent)
{
	struct mount *m;

	list_for_each_entry(m, &mounts, link) {
		if (m->parent == parent)
			return true;
	}
	return false;
}

/* Take m out of the tree.  The caller gets its place and the tree's reference.
 * Holds: names lock. */
static struct path mount_detach(struct mount *m)
{
	struct path at = { m->parent, m->at };

	m->at->mounts--;
	m->parent = NULL;
	m->at = NULL;
	list_remove(&m->link);
	return at;
}

int mount_remove(const struct path *at, bool detach)
{
	struct mount *m = at->mount;
	struct path place;

	if (!m || at->dentry != m->root || m == root_mount)
		return -EINVAL;
	names_lock();
	if (!m->parent) {
		names_unlock();
		return -EINVAL;
	}
	/* The tree's reference and the caller's. */
	if (has_children(m) || (!detach && ref_count(&m->refs) > 2)) {
		names_unlock();
		return -EBUSY;
	}
	place = mount_detach(m);
	names_unlock();
	path_put(&place);
	mount_put(m);
	return 0;
}

unsigned long mount_flags(const struct path *p)
{
	return p->mount ? __atomic_load_n(&p->mount->flags, __ATOMIC_RELAXED) : 0;
}

int mount_set_flags(const struct path *p, unsigned long flags)
{
	if (!p->mount || p->dentry != p->mount->root)
		return -EINVAL;
	__atomic_store_n(&p->mount->flags, flags, __ATOMIC_RELAXED);
	return 0;
}

int mount_writable(const struct path *p)
{
	return mount_flags(p) & MS_RDONLY ? -EROFS : 0;
}

void mount_root(struct path *out)
{
	*out = (struct path){ root_mount, root_mount->root };
	path_get(out);
}

void file_system_add(struct file_system *type)
{
	struct file_system **at = &types;

	while (*at)
		at = &(*at)->next;
	*at = type;
}

int file_system_mount(const char *type, const char *source, const char *options, struct super **out)
{
	for (struct file_system *t = types; t; t = t->next) {
		if (strcmp(t->name, type) == 0)
			return t->mount(source, options, out);
	}
	return -ENODEV;
}

const struct file_system *file_system_at(unsigned index)
{
	const struct file_system *t = types;

	while (t && index--)
		t = t->next;
	return t;
}

void file_system_list(struct text *out)
{
	for (struct file_system *t = types; t; t = t->next)
		text_add(out, "%s\t%s\n", t->device ? "" : "nodev", t->name);
}

void mount_set_root(struct super *s)
{
	KASSERT(!root_mount && super_names(s) == 0);
	root_mount = mount_create(s, s->names, "tmpfs", 0);
	KASSERT(root_mount);
	root_mount->id = last_id;
	list_append(&mounts, &root_mount->link);
}

void mount_replace_root(struct super *s, const char *source, unsigned long flags)
{
	struct mount *old = root_mount;

	KASSERT(super_names(s) == 0 && !has_children(old));
	root_mount = mount_create(s, s->names, source, flags);
	KASSERT(root_mount);
	names_lock();
	root_mount->id = ++last_id;
	list_append(&mounts, &root_mount->link);
	list_remove(&old->link);
	names_unlock();
	mount_put(old);
}

struct mount *mount_next(uint32_t id)
{
	struct mount *m, *found = NULL;

	names_lock();
	list_for_each_entry(m, &mounts, link) {
		if (m->id > id) {
			found = m;
			mount_get(m);
			break;
		}
	}
	names_unlock();
	return found;
}
