/* One mutex ([k]) and one queue for the leases of all files: they are rare. */
#include "kernel/fs/lease.h"

#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/fs/async.h"
#include "kernel/fs/setting.h"
#include "kernel/lib/restart.h"
#include "kernel/mm/object.h"

#define SECOND_NS 1000000000ull

/* Times are of clock_now; 0: not asked for. */
struct lease {
	struct lease *next; /* [k] of the inode */
	struct file *file;  /* [I] no reference: lease_release comes first */
	int fd;             /* [k] */
	bool write;         /* [k] */
	uint64_t read_by;   /* [k] it has to be for reading by then */
	uint64_t gone_by;   /* [k] it has to be gone by then */
};

static struct mutex lease_lock = {
	.waiters = { SPINLOCK_INIT(RANK_WAIT, "wait queue"),
		     LIST_INIT(lease_lock.waiters.waiters) },
};
static struct wait_queue breakers = { SPINLOCK_INIT(RANK_WAIT, "wait queue"),
				      LIST_INIT(breakers.waiters) };
static uint32_t changes; /* [k] to change, [a] */

/* Holds: lease_lock. */
static void leases_changed(void)
{
	__atomic_add_fetch(&changes, 1, __ATOMIC_RELEASE);
	wait_wake_all(&breakers);
}

static struct lease **lease_of(const struct file *f)
{
	struct lease **at = &f->inode->leases;

	while (*at && (*at)->file != f)
		at = &(*at)->next;
	return at;
}

/* Holds: lease_lock. */
static void lease_end(struct lease **at)
{
	struct lease *l = *at;

	*at = l->next;
	kfree(l);
	leases_changed();
}

/* Holds: lease_lock. */
static void lease_weaken(struct lease *l)
{
	l->write = false;
	l->read_by = 0;
	leases_changed();
}

/* Who did not give back in time has nothing any more.  Holds: lease_lock. */
static void leases_expire(struct inode *i)
{
	struct lease **at = &i->leases, *l;
	uint64_t now = clock_now();

	while ((l = *at)) {
		if (l->gone_by && l->gone_by <= now) {
			async_owner_clear(l->file);
			lease_end(at);
			continue;
		}
		if (l->read_by && l->read_by <= now)
			lease_weaken(l);
		at = &l->next;
	}
}

/* Is i open as a lease of f of this kind does not allow?  f itself is counted, too. */
static bool opened(const struct file *f, bool write)
{
	const struct inode *i = f->inode;
	int32_t users = __atomic_load_n(&i->users, __ATOMIC_SEQ_CST);

	if (!write)
		return users > 0;
	return users != f->writes || __atomic_load_n(&i->readers, __ATOMIC_SEQ_CST) != f->reads;
}

/* Holds: lease_lock. */
static int lease_add(struct file *f, int fd, bool write)
{
	struct lease *l, **at;

	if (!setting_get(&setting_leases))
		return -EINVAL;
	l = kmalloc(sizeof(*l));
	if (!l)
		return -ENOMEM;
	*l = (struct lease){ .next = f->inode->leases, .file = f, .fd = fd, .write = write };
	__atomic_store_n(&f->inode->leases, l, __ATOMIC_SEQ_CST);
	at = lease_of(f);
	if (!opened(f, write))
		return 0;
	lease_end(at); /* opened meanwhile, and did not see it */
	return -EAGAIN;
}

/* Holds: lease_lock. */
static int lease_change(struct file *f, int fd, bool write)
{
	struct lease *mine = *lease_of(f);

	if (opened(f, write))
		return -EAGAIN;
	for (struct lease *l = f->inode->leases; l; l = l->next) {
		if (l != mine && (write || l->gone_by))
			return -EAGAIN;
	}
	if (!mine)
		return lease_add(f, fd, write);
	mine->write = write;
	if (!write)
		mine->read_by = 0;
	leases_changed();
	return 0;
}

/* Holds: lease_lock. */
static int lease_give_back(struct file *f)
{
	struct lease **at = lease_of(f);

	if (!*at)
		return -EAGAIN;
	lease_end(at);
	async_owner_clear(f);
	return 0;
}

int lease_set(struct file *f, int fd, int type, const struct credentials *c,
	      const struct async_owner *owner)
{
	int error;

	if (type != F_RDLCK && type != F_WRLCK && type != F_UNLCK)
		return -EINVAL;
	if (c->fsuid != f->inode->uid && !credentials_have(c, CAP_LEASE))
		return -EACCES;
	if (!inode_is(f->inode, S_IFREG))
		return -EINVAL;
	mutex_lock(&lease_lock);
	leases_expire(f->inode);
	error = type == F_UNLCK ? lease_give_back(f) : lease_change(f, fd, type == F_WRLCK);
	if (!error && type != F_UNLCK)
		error = async_owner_default(f, owner);
	mutex_unlock(&lease_lock);
	return error;
}

int lease_get(struct file *f)
{
	const struct lease *l;
	int type = F_UNLCK;

	mutex_lock(&lease_lock);
	leases_expire(f->inode);
	l = *lease_of(f);
	if (l && !l->gone_by)
		type = l->write && !l->read_by ? F_WRLCK : F_RDLCK;
	mutex_unlock(&lease_lock);
	return type;
}

/* Ask for what is in the way of an opening: when the first has to be gone, or 0 when
 * nothing is in the way.  Holds: lease_lock. */
static uint64_t leases_ask(struct inode *i, bool write)
{
	uint64_t until = clock_now() + setting_get(&setting_lease_seconds) * SECOND_NS;
	uint64_t first = 0;

	leases_expire(i);
	for (struct lease *l = i->leases; l; l = l->next) {
		uint64_t *by = write ? &l->gone_by : &l->read_by;

		if (!write && !l->write)
			continue;
		if (!l->gone_by && !*by) {
			*by = until;
			async_tell(l->file, l->fd);
		}
		by = l->gone_by ? &l->gone_by : by;
		first = first ? MIN(first, *by) : *by;
	}
	return first;
}

int lease_break_held(struct inode *i, uint32_t flags)
{
	bool write = (flags & O_ACCMODE) != O_RDONLY;
	int error = 0;

	while (!error) {
		uint32_t seen = __atomic_load_n(&changes, __ATOMIC_ACQUIRE);
		uint64_t until;
		struct wait w;

		mutex_lock(&lease_lock);
		until = leases_ask(i, write);
		mutex_unlock(&lease_lock);
		if (!until)
			break;
		if (flags & O_NONBLOCK)
			return -EWOULDBLOCK;
		wait_begin(&w, &breakers, WAIT_LOCK);
		if (__atomic_load_n(&changes, __ATOMIC_ACQUIRE) == seen)
			error = wait_sleep_until(&w, until);
		wait_end(&w);
		if (error == -ETIMEDOUT)
			error = 0;
	}
	return error ? -ERESTARTSYS : 0;
}

void lease_release_held(struct file *f)
{
	struct lease **at;

	mutex_lock(&lease_lock);
	at = lease_of(f);
	if (*at)
		lease_end(at);
	mutex_unlock(&lease_lock);
}
