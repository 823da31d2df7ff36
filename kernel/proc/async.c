/* Who gets the signal of O_ASYNC. */
#include "kernel/fs/async.h"

#include "kernel/proc/async.h"
#include "kernel/proc/tree.h"

/* As sigio_perm of Linux. */
static bool may_send(const struct async_owner *o, const struct process *p)
{
	const struct credentials *c = &p->credentials;

	return !o->euid || o->euid == c->suid || o->euid == c->uid || o->uid == c->suid ||
	       o->uid == c->uid;
}

static void send_group(const struct async_owner *o, int sig, const siginfo_t *info)
{
	struct process *p;

	tree_lock();
	tree_for_each(p)
	{
		if (p->group == o->id && !p->zombie && may_send(o, p))
			signal_process(p, sig, info);
	}
	tree_unlock();
}

static void send(const struct async_owner *o, int sig, const siginfo_t *info)
{
	struct thread *t;
	struct process *p;

	switch (o->type) {
	case F_OWNER_PGRP:
		send_group(o, sig, info);
		break;
	case F_OWNER_TID:
		t = thread_find(o->id);
		if (t && t->process && may_send(o, t->process))
			signal_thread(t, sig, info);
		if (t)
			thread_put(t);
		break;
	case F_OWNER_PID:
		p = process_find(o->id);
		if (p && may_send(o, p))
			signal_process(p, sig, info);
		if (p)
			process_put(p);
		break;
	}
}

void async_owner_init(void)
{
	async_send = send;
	async_start();
}
