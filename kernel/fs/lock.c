/* File locks.  One spin lock and one queue for all files: locks are rare. */
#include "kernel/fs/lock.h"

#include <linux/errno.h>
#include <linux/fs.h>

#include "kernel/lib/restart.h"
#include "kernel/mm/object.h"

#define NO_PID UINT32_MAX /* -1: what F_GETLK says of an open file's record */

/* [start, end] of a file; flock covers it all. */
struct file_lock {
	struct file_lock *next;
	const void *owner; /* struct fd_table or struct file */
	uint64_t start, end;
	uint32_t pid;
	bool write, whole; /* whole: made by flock */
};

static struct spinlock lock = SPINLOCK_INIT(RANK_INODE, "file locks");
static struct wait_queue queue = { SPINLOCK_INIT(RANK_WAIT, "wait queue"),
				   LIST_INIT(queue.waiters) };

/* A lock of another owner that l cannot stand beside.  Holds: lock. */
static struct file_lock *conflict(const struct inode *i, const struct file_lock *l)
{
	for (struct file_lock *k = i->locks; k; k = k->next) {
		if (k->whole == l->whole && k->owner != l->owner && (k->write || l->write) &&
		    k->start <= l->end && l->start <= k->end)
			return k;
	}
	return NULL;
}

/* Drop what l's owner has in l's range.  *spare is used when a lock is cut in two;
 * locks that went are put before *dead.  Holds: lock. */
static void clear_range(struct inode *i, const struct file_lock *l, struct file_lock **spare,
			struct file_lock **dead)
{
	struct file_lock **at = &i->locks, *k;

	while ((k = *at)) {
		if (k->whole != l->whole || k->owner != l->owner || k->end < l->start ||
		    l->end < k->start) {
			at = &k->next;
			continue;
		}
		if (k->start < l->start && k->end > l->end) {
			struct file_lock *rest = *spare;

			*spare = NULL;
			*rest = *k;
			rest->start = l->end + 1;
			k->end = l->start - 1;
			k->next = rest;
			return;
		}
		if (k->start < l->start) {
			k->end = l->start - 1;
			at = &k->next;
		} else if (k->end > l->end) {
			k->start = l->end + 1;
			at = &k->next;
		} else {
			*at = k->next;
			k->next = *dead;
			*dead = k;
		}
	}
}

/* Neighbours of the same kind become one with l.  Holds: lock. */
static void merge(struct inode *i, struct file_lock *l, struct file_lock **dead)
{
	struct file_lock **at = &i->locks, *k;

	while ((k = *at)) {
		bool before = k->end + 1 == l->start, after = l->end + 1 == k->start;

		if (k == l || k->whole != l->whole || k->owner != l->owner ||
		    k->write != l->write || !((before && l->start) || (after && k->start))) {
			at = &k->next;
			continue;
		}
		l->start = MIN(l->start, k->start);
		l->end = MAX(l->end, k->end);
		*at = k->next;
		k->next = *dead;
		*dead = k;
	}
}

static void free_all(struct file_lock *l)
{
	while (l) {
		struct file_lock *next = l->next;

		kfree(l);
		l = next;
	}
}

/* Set l (unlock: only clear its range): 0, -EAGAIN, -ENOLCK. */
static int lock_set(struct inode *i, const struct file_lock *l, bool unlock)
{
	struct file_lock *spare = kmalloc(sizeof(*spare)), *new = kmalloc(sizeof(*new));
	struct file_lock *dead = NULL;
	int error = 0;

	if (!spare || !new) {
		kfree(spare);
		kfree(new);
		return -ENOLCK;
	}
	spin_lock(&lock);
	if (!unlock && conflict(i, l)) {
		error = -EAGAIN;
	} else {
		clear_range(i, l, &spare, &dead);
		if (!unlock) {
			*new = *l;
			new->next = i->locks;
			i->locks = new;
			merge(i, new, &dead);
			new = NULL;
		}
	}
	spin_unlock(&lock);
	free_all(dead);
	kfree(spare);
	kfree(new);
	if (!error)
		wait_wake_all(&queue);
	return error;
}

static bool lock_blocked(const struct inode *i, const struct file_lock *l)
{
	bool blocked;

	spin_lock(&lock);
	blocked = conflict(i, l) != NULL;
	spin_unlock(&lock);
	return blocked;
}

static int lock_wait(struct inode *i, const struct file_lock *l, bool unlock, bool wait)
{
	int error = lock_set(i, l, unlock);
	struct wait w;

	while (error == -EAGAIN && wait) {
		wait_begin(&w, &queue, WAIT_LOCK);
		if (lock_blocked(i, l) && wait_sleep(&w)) {
			wait_end(&w);
			return -ERESTARTSYS;
		}
		wait_end(&w);
		error = lock_set(i, l, unlock);
	}
	return error;
}

/* The range of f that l says, as offsets.  -EINVAL, -EOVERFLOW. */
static int range_of(struct file *f, const struct flock *l, struct file_lock *out)
{
	int64_t base = 0, start, last;

	if (l->l_whence == SEEK_CUR)
		base = (int64_t)f->position;
	else if (l->l_whence == SEEK_END)
		base = (int64_t)f->inode->size;
	else if (l->l_whence != SEEK_SET)
		return -EINVAL;
	if (__builtin_add_overflow(base, l->l_start, &start))
		return -EOVERFLOW;
	if (l->l_len == 0)
		last = INT64_MAX;
	else if (__builtin_add_overflow(start, l->l_len - (l->l_len > 0), &last))
		return -EOVERFLOW;
	if (l->l_len < 0) {
		int64_t first = last;

		last = start - 1;
		start = first;
	}
	if (start < 0)
		return -EINVAL;
	out->start = (uint64_t)start;
	out->end = (uint64_t)last;
	return 0;
}

static int record_ask(struct inode *i, const struct file_lock *mine, struct flock *l)
{
	const struct file_lock *other;

	spin_lock(&lock);
	other = conflict(i, mine);
	if (other) {
		l->l_type = other->write ? F_WRLCK : F_RDLCK;
		l->l_whence = SEEK_SET;
		l->l_start = (int64_t)other->start;
		l->l_len = other->end == INT64_MAX ? 0 : (int64_t)(other->end - other->start + 1);
		l->l_pid = (int)other->pid;
	} else {
		l->l_type = F_UNLCK;
	}
	spin_unlock(&lock);
	return 0;
}

/* command: F_GETLK, F_SETLK, F_SETLKW. */
static int owner_lock(struct file *f, const void *owner, uint32_t pid, int command, struct flock *l)
{
	struct file_lock mine = { .owner = owner, .pid = pid, .write = l->l_type == F_WRLCK };
	int error;

	if (l->l_type != F_RDLCK && l->l_type != F_WRLCK && l->l_type != F_UNLCK)
		return -EINVAL;
	error = range_of(f, l, &mine);
	if (error)
		return error;
	if (command == F_GETLK)
		return l->l_type == F_UNLCK ? -EINVAL : record_ask(f->inode, &mine, l);
	if ((l->l_type == F_RDLCK && !file_readable(f)) ||
	    (l->l_type == F_WRLCK && !file_writable(f)))
		return -EBADF;
	return lock_wait(f->inode, &mine, l->l_type == F_UNLCK, command == F_SETLKW);
}

int record_lock(struct file *f, struct fd_table *owner, uint32_t pid, int command, struct flock *l)
{
	return owner_lock(f, owner, pid, command, l);
}

int open_record_lock(struct file *f, int command, struct flock *l)
{
	if (l->l_pid)
		return -EINVAL;
	return owner_lock(f, f, NO_PID, command - (F_OFD_GETLK - F_GETLK), l);
}

static void drop_all(struct inode *i, const void *owner, bool whole)
{
	struct file_lock all = { .owner = owner, .end = INT64_MAX, .whole = whole };
	struct file_lock *spare = NULL, *dead = NULL;

	if (!__atomic_load_n(&i->locks, __ATOMIC_ACQUIRE))
		return;
	spin_lock(&lock);
	clear_range(i, &all, &spare, &dead);
	spin_unlock(&lock);
	if (dead)
		wait_wake_all(&queue);
	free_all(dead);
}

void record_lock_close(struct file *f, const struct fd_table *owner)
{
	drop_all(f->inode, owner, false);
}

int file_lock(struct file *f, int operation)
{
	struct file_lock mine = { .owner = f, .end = INT64_MAX, .whole = true };
	int kind = operation & ~LOCK_NB;

	if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN)
		return -EINVAL;
	mine.write = kind == LOCK_EX;
	return lock_wait(f->inode, &mine, kind == LOCK_UN, !(operation & LOCK_NB));
}

void file_lock_release(struct file *f)
{
	drop_all(f->inode, f, true);
	drop_all(f->inode, f, false);
}
