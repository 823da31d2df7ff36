#include "kernel/ipc/sysv.h"

#include <linux/errno.h>

#include "kernel/fs/procfs.h"
#include "kernel/lib/assert.h"

#define PLACE_MASK    ((1 << SYSV_PLACE_BITS) - 1)
#define SEQUENCE_MASK 0xffffu /* so that identifiers stay positive */

int sysv_find(struct sysv_table *t, int id, struct sysv_object **out)
{
	struct sysv_object *o = id < 0 ? NULL : index_find(&t->objects, (unsigned)id & PLACE_MASK);

	KASSERT(spin_held(&t->lock));
	if (!o)
		return -EINVAL;
	*out = o;
	return o->id == id ? 0 : -EIDRM;
}

static int find_place(struct sysv_table *t, int place, struct sysv_object **out)
{
	*out = place < 0 ? NULL : index_find(&t->objects, (unsigned)place & PLACE_MASK);
	return *out ? 0 : -EINVAL;
}

int sysv_last_place(const struct sysv_table *t)
{
	uint64_t at = 0, last = 0;

	for (; index_next(&t->objects, &at); at++)
		last = at;
	return (int)last;
}

void sysv_remove(struct sysv_table *t, struct sysv_object *o)
{
	KASSERT(spin_held(&t->lock) && !o->removed);
	index_remove(&t->objects, (unsigned)o->id & PLACE_MASK);
	t->count--;
	o->removed = true;
}

int sysv_permission(const struct sysv_object *o, const struct credentials *c, unsigned wanted)
{
	unsigned granted = o->mode;

	if (credentials_have(c, CAP_IPC_OWNER))
		return 0;
	if (c->euid == o->cuid || c->euid == o->uid)
		granted >>= 6;
	else if (credentials_in_group(c, o->cgid) || credentials_in_group(c, o->gid))
		granted >>= 3;
	wanted = wanted >> 6 | wanted >> 3 | wanted;
	return wanted & ~granted & 7 ? -EACCES : 0;
}

int sysv_find_stat(struct sysv_table *t, int id, int command, const struct credentials *c,
		   struct sysv_object **out)
{
	int error = command == IPC_STAT ? sysv_find(t, id, out) : find_place(t, id, out);

	return error || !c ? error : sysv_permission(*out, c, 0444);
}

int sysv_owned(const struct sysv_object *o, const struct credentials *c)
{
	return credentials_have(c, CAP_SYS_ADMIN) || c->euid == o->uid || c->euid == o->cuid
		       ? 0
		       : -EPERM;
}

void sysv_tell(const struct sysv_object *o, struct ipc64_perm *out)
{
	*out = (struct ipc64_perm){
		.key = o->key,
		.uid = o->uid,
		.gid = o->gid,
		.cuid = o->cuid,
		.cgid = o->cgid,
		.mode = (__kernel_mode_t)o->mode,
		.seq = (unsigned short)((unsigned)o->id >> SYSV_PLACE_BITS),
	};
}

void sysv_set(struct sysv_object *o, const struct ipc64_perm *from)
{
	o->uid = from->uid;
	o->gid = from->gid;
	o->mode = (o->mode & ~0777u) | (from->mode & 0777u);
}

static struct sysv_object *find_key(struct sysv_table *t, int32_t key)
{
	struct sysv_object *o;

	for (uint64_t at = 0; (o = index_next(&t->objects, &at)); at++)
		if (o->key == key)
			return o;
	return NULL;
}

/* Put o at the lowest free place: 0, -ENOSPC or -ENOMEM. */
static int insert(struct sysv_table *t, struct sysv_object *o)
{
	uint64_t place = 0;

	if (t->count >= t->limit)
		return -ENOSPC;
	while (index_find(&t->objects, place))
		place++;
	if (!index_insert(&t->objects, place, o))
		return -ENOMEM;
	o->id = (int)((t->sequence++ & SEQUENCE_MASK) << SYSV_PLACE_BITS | place);
	t->count++;
	return 0;
}

/* The object there is: its identifier, or -errno; -ENOENT when there is none. */
static int get_existing(struct sysv_table *t, const struct sysv_request *r)
{
	struct sysv_object *o = r->key == IPC_PRIVATE ? NULL : find_key(t, r->key);
	int error;

	if (!o)
		return -ENOENT;
	if ((r->flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
		return -EEXIST;
	error = r->serves(o, r->size);
	if (!error)
		error = sysv_permission(o, r->credentials, r->flags);
	return error ? error : o->id;
}

static void own(struct sysv_object *o, const struct sysv_request *r)
{
	o->key = r->key;
	o->uid = o->cuid = r->credentials->euid;
	o->gid = o->cgid = r->credentials->egid;
	o->mode = r->flags & 0777;
}

int sysv_get(struct sysv_table *t, const struct sysv_request *r)
{
	struct sysv_object *made;
	int result, error = 0;

	spin_lock(&t->lock);
	result = get_existing(t, r);
	spin_unlock(&t->lock);
	if (result != -ENOENT || !(r->flags & IPC_CREAT || r->key == IPC_PRIVATE))
		return result;
	made = r->create(r, &error);
	if (!made)
		return error;
	own(made, r);
	spin_lock(&t->lock);
	result = get_existing(t, r); /* another may have made it meanwhile */
	if (result == -ENOENT) {
		error = insert(t, made);
		result = error ? error : made->id;
	} else {
		error = -EEXIST;
	}
	spin_unlock(&t->lock);
	if (error)
		r->discard(made);
	return result;
}

uint32_t sysv_pid(void)
{
	return proc_hooks.self();
}

int64_t sysv_now(void)
{
	return (int64_t)(inode_now() / 1000000000);
}
