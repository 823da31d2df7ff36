#include "kernel/fs/directory_note.h"

#include <linux/errno.h>

#include "kernel/fs/async.h"
#include "kernel/fs/inotify_state.h"
#include "kernel/fs/notify.h"
#include "kernel/fs/setting.h"
#include "kernel/mm/object.h"

struct note {
	struct watch watch;           /* its inotify is NULL; what frees it frees the note */
	struct file *file;            /* [I] no reference: see directory_note_close */
	const struct fd_table *table; /* [I] */
	int fd;                       /* [k] */
};

/* DN_* as what inotify calls it. */
static uint32_t mask_of(uint32_t events)
{
	static const struct {
		uint32_t event, mask;
	} names[] = {
		{ DN_ACCESS, IN_ACCESS },
		{ DN_MODIFY, IN_MODIFY },
		{ DN_CREATE, IN_CREATE | IN_MOVED_TO },
		{ DN_DELETE, IN_DELETE | IN_MOVED_FROM },
		{ DN_RENAME, IN_MOVED_FROM },
		{ DN_ATTRIB, IN_ATTRIB },
	};
	uint32_t mask = 0;

	for (unsigned k = 0; k < ARRAY_SIZE(names); k++)
		mask |= events & names[k].event ? names[k].mask : 0;
	return mask;
}

/* Holds: inotify_lock. */
static struct note *note_find(const struct file *f, const struct fd_table *table)
{
	for (struct watch *w = f->inode->watches; w; w = w->next) {
		struct note *n = container_of(w, struct note, watch);

		if (!w->inotify && n->file == f && n->table == table)
			return n;
	}
	return NULL;
}

/* Holds: inotify_lock. */
static struct note *note_add(struct file *f, const struct fd_table *table)
{
	struct note *n = notify_watches < INOTIFY_WATCHES_MAX ? kmalloc(sizeof(*n)) : NULL;

	if (!n)
		return NULL;
	inode_get(f->inode);
	n->file = f;
	n->table = table;
	n->watch.inode = f->inode;
	n->watch.mask = IN_ONESHOT;
	n->watch.next = f->inode->watches;
	f->inode->watches = &n->watch;
	list_init(&n->watch.link);
	list_init(&n->watch.dead);
	__atomic_add_fetch(&notify_watches, 1, __ATOMIC_RELAXED);
	return n;
}

int directory_note_set(struct file *f, const struct fd_table *table, int fd, uint32_t events,
		       const struct async_owner *owner)
{
	uint32_t mask = mask_of(events);
	struct note *n;
	int error;

	if (!setting_get(&setting_directory_notes))
		return -EINVAL;
	if (!(events & ~(uint32_t)DN_MULTISHOT)) {
		directory_note_close(f, table);
		return 0;
	}
	if (!S_ISDIR(f->inode->mode))
		return -ENOTDIR;
	error = async_owner_default(f, owner);
	if (error)
		return error;
	mutex_lock(&inotify_lock);
	n = note_find(f, table);
	if (!n)
		n = note_add(f, table);
	if (n) {
		n->fd = fd;
		n->watch.mask |= mask;
		if (events & DN_MULTISHOT)
			n->watch.mask &= ~(uint32_t)IN_ONESHOT;
	}
	mutex_unlock(&inotify_lock);
	return n ? 0 : -ENOMEM;
}

void directory_note_tell(const struct watch *w)
{
	const struct note *n = container_of(w, struct note, watch);

	async_tell(n->file, n->fd);
}

void directory_note_drop(const struct file *f, const struct fd_table *table)
{
	struct list dead = LIST_INIT(dead);
	struct note *n;

	mutex_lock(&inotify_lock);
	n = note_find(f, table);
	if (n)
		inotify_end(&n->watch, &dead);
	mutex_unlock(&inotify_lock);
	inotify_dead_free(&dead);
}
