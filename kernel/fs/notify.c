/* From what happened to a file to who watches it. */
#include "kernel/fs/notify.h"

#include "kernel/fs/dentry.h"
#include "kernel/fs/directory_note.h"
#include "kernel/fs/inotify_state.h"
#include "kernel/lib/string.h"

#define NAME_BYTES 256 /* with its NUL */

uint32_t notify_watches;

/* Holds: inotify_lock. */
static void watchers_tell(struct inode *i, uint32_t mask, uint32_t cookie, const char *name,
			  size_t length, bool unlinked, struct list *dead)
{
	struct watch *w, *next;

	for (w = i->watches; w; w = next) {
		next = w->next;
		if (!(w->mask & mask & IN_ALL_EVENTS) || (unlinked && w->mask & IN_EXCL_UNLINK))
			continue;
		if (w->inotify)
			inotify_queue(w->inotify, w->number, mask & (w->mask | IN_ISDIR), cookie,
				      name, length);
		else
			directory_note_tell(w);
		if (w->mask & IN_ONESHOT)
			inotify_end(w, dead);
	}
}

static uint32_t mask_of(const struct inode *i, uint32_t mask)
{
	return i && S_ISDIR(i->mode) ? mask | IN_ISDIR : mask;
}

/* The watched directory that p is in, and p's name there; NULL: nobody watches it. */
static struct dentry *parent_get(const struct path *p, char name[NAME_BYTES], size_t *length,
				 bool *unlinked)
{
	struct dentry *parent;

	names_lock();
	parent = p->dentry->parent;
	if (parent && parent->inode && parent->inode->watches) {
		dentry_get(parent);
		*length = MIN((size_t)p->dentry->length, (size_t)NAME_BYTES - 1);
		memcpy(name, p->dentry->name, *length);
		*unlinked = p->dentry->deleted;
	} else {
		parent = NULL;
	}
	names_unlock();
	return parent;
}

void notify_path_watched(const struct path *p, uint32_t mask)
{
	struct inode *i = path_inode(p);
	struct list dead = LIST_INIT(dead);
	struct dentry *parent;
	char name[NAME_BYTES];
	size_t length = 0;
	bool unlinked = false;

	mask = mask_of(i, mask);
	parent = parent_get(p, name, &length, &unlinked);
	mutex_lock(&inotify_lock);
	if (parent)
		watchers_tell(parent->inode, mask, 0, name, length, unlinked, &dead);
	watchers_tell(i, mask, 0, NULL, 0, false, &dead);
	mutex_unlock(&inotify_lock);
	dentry_put(parent);
	inotify_dead_free(&dead);
}

void notify_name_watched(struct inode *dir, const char *name, size_t length, struct inode *i,
			 uint32_t mask, uint32_t cookie)
{
	struct list dead = LIST_INIT(dead);

	mutex_lock(&inotify_lock);
	watchers_tell(dir, mask_of(i, mask), cookie, name, length, false, &dead);
	mutex_unlock(&inotify_lock);
	inotify_dead_free(&dead);
}

void notify_inode_watched(struct inode *i, uint32_t mask)
{
	struct list dead = LIST_INIT(dead);

	mutex_lock(&inotify_lock);
	watchers_tell(i, mask_of(i, mask), 0, NULL, 0, false, &dead);
	mutex_unlock(&inotify_lock);
	inotify_dead_free(&dead);
}

/* All watches of i end after a last event.  Holds: inotify_lock. */
static void inode_end(struct inode *i, uint32_t mask, struct list *dead)
{
	watchers_tell(i, mask, 0, NULL, 0, false, dead);
	while (i->watches)
		inotify_end(i->watches, dead);
}

void notify_gone_watched(struct inode *i)
{
	struct list dead = LIST_INIT(dead);

	mutex_lock(&inotify_lock);
	inode_end(i, IN_DELETE_SELF, &dead);
	mutex_unlock(&inotify_lock);
	inotify_dead_free(&dead);
}

uint32_t notify_cookie(void)
{
	static uint32_t last;

	return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}
