/* F_SETOWN, F_SETOWN_EX, F_SETSIG and what reads them back. */
#include "kernel/syscall/file_async.h"

#include <linux/errno.h>

#include "kernel/fs/async.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/proc/tree.h"
#include "kernel/syscall/user_path.h"

static bool owner_exists(const struct async_owner *o)
{
	struct process *p = NULL, *member;
	struct thread *t = NULL;
	bool found = !o->id;

	if (o->type == F_OWNER_TID) {
		t = thread_find(o->id);
		found |= t != NULL;
	} else if (o->type == F_OWNER_PID) {
		p = process_find(o->id);
		found |= p != NULL;
	} else {
		tree_lock();
		tree_for_each(member) found |= member->group == o->id;
		tree_unlock();
	}
	if (t)
		thread_put(t);
	if (p)
		process_put(p);
	return found;
}

static struct async_owner owner_of(int type, uint32_t id)
{
	const struct credentials *c = caller_credentials();

	return (struct async_owner){ type, id, c->uid, c->euid };
}

struct async_owner async_owner_caller(void)
{
	return owner_of(F_OWNER_PID, current_process()->pid);
}

static int owner_set(struct file *f, int type, uint32_t id)
{
	struct async_owner o = owner_of(type, id);

	return owner_exists(&o) ? async_owner_set(f, &o) : -ESRCH;
}

/* pid: negative for a group. */
static int64_t owner_old(struct file *f, int pid)
{
	if (pid == INT32_MIN)
		return -EINVAL;
	return pid < 0 ? owner_set(f, F_OWNER_PGRP, (uint32_t)-pid)
		       : owner_set(f, F_OWNER_PID, (uint32_t)pid);
}

static int64_t owner_in(struct file *f, uint64_t addr)
{
	struct f_owner_ex ex;

	if (user_copy_in(&ex, addr, sizeof(ex)))
		return -EFAULT;
	if (ex.type < F_OWNER_TID || ex.type > F_OWNER_PGRP)
		return -EINVAL;
	return owner_set(f, ex.type, (uint32_t)ex.pid);
}

static int64_t owner_out(const struct file *f, uint64_t addr)
{
	struct f_owner_ex ex;
	struct async_owner o;

	async_owner_get(f, &o);
	ex.type = o.type;
	ex.pid = (int)o.id;
	return user_copy_out(addr, &ex, sizeof(ex));
}

static int64_t owner_number(const struct file *f)
{
	struct async_owner o;

	async_owner_get(f, &o);
	return o.type == F_OWNER_PGRP ? -(int64_t)o.id : (int64_t)o.id;
}

int64_t file_async_control(struct file *f, int command, uint64_t arg, bool *known)
{
	*known = true;
	switch (command) {
	case F_GETOWN:
		return owner_number(f);
	case F_SETOWN:
		return owner_old(f, (int)arg);
	case F_GETOWN_EX:
		return owner_out(f, arg);
	case F_SETOWN_EX:
		return owner_in(f, arg);
	case F_GETSIG:
		return async_signal_get(f);
	case F_SETSIG:
		return arg > SIGNAL_MAX ? -EINVAL : async_signal_set(f, (int)arg);
	}
	*known = false;
	return -EINVAL;
}
