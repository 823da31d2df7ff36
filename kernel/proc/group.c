/* Process groups, sessions and their terminals: job control. */
#include <linux/errno.h>

#include "kernel/proc/signal_queue.h"
#include "kernel/proc/tree.h"

bool group_exists(uint32_t group, uint32_t session)
{
	struct process *p;

	tree_for_each(p)
	{
		if (p->group == group && p->session == session)
			return true;
	}
	return false;
}

/* POSIX: an orphaned group has no member whose parent is in another group of the
 * same session; nobody would be there to continue it. */
bool group_orphaned(uint32_t group, const struct process *without)
{
	struct process *p;

	tree_for_each(p)
	{
		if (p->group != group || p == without || p->zombie || !p->parent)
			continue;
		if (p->parent->group != group && p->parent->session == p->session)
			return false;
	}
	return true;
}

static bool group_stopped(uint32_t group)
{
	struct process *p;

	tree_for_each(p)
	{
		if (p->group == group && p->signals->stopped)
			return true;
	}
	return false;
}

/* Holds: tree lock. */
static void group_send(uint32_t group, int sig)
{
	struct process *p;

	tree_for_each(p)
	{
		if (p->group == group && !p->zombie)
			signal_process(p, sig, NULL);
	}
}

void group_check_orphaned(uint32_t group, const struct process *without)
{
	if (group_orphaned(group, without) && group_stopped(group)) {
		group_send(group, SIGHUP);
		group_send(group, SIGCONT);
	}
}

void session_end(struct process *p)
{
	struct process *member;
	struct tty *tty;
	uint32_t foreground;

	tree_lock();
	tty = p->tty;
	if (tty)
		tty_get(tty);
	foreground = tty ? tty_foreground(tty) : p->hung_up_group;
	tree_for_each(member)
	{
		if (member->session == p->session)
			member->tty = NULL;
	}
	if (foreground) {
		group_send(foreground, SIGHUP);
		group_send(foreground, SIGCONT);
	}
	tree_unlock();
	if (tty) {
		tty_release_session(tty);
		tty_put(tty);
	}
}

static void hook_signal_group(uint32_t pgrp, int sig)
{
	if (pgrp)
		signal_group(pgrp, sig);
}

static int hook_check_foreground(struct tty *t, int sig)
{
	struct process *p = current_process();
	bool orphaned;

	if (!p || p->tty != t || tty_foreground(t) == p->group || !tty_foreground(t))
		return 0;
	if (signal_blocked_or_ignored(sig))
		return sig == SIGTTIN ? -EIO : 0;
	tree_lock();
	orphaned = group_orphaned(p->group, NULL);
	tree_unlock();
	if (orphaned)
		return -EIO;
	signal_group(p->group, sig);
	current()->interrupted = true; /* another thread of the process may have it */
	return -ERESTARTSYS;
}

static uint32_t hook_session(void)
{
	return current_process() ? current_process()->session : 0;
}

static uint32_t hook_group(void)
{
	return current_process() ? current_process()->group : 0;
}

static bool hook_session_leader(void)
{
	return current_process() && current_process()->session == current_process()->pid;
}

static bool hook_privileged(void)
{
	return !current_process() || caller_can(CAP_SYS_ADMIN);
}

static uint32_t hook_user(void)
{
	return current_process() ? current_process()->credentials.fsuid : 0;
}

static int hook_group_in_session(uint32_t pgrp)
{
	struct process *p;
	int error = -ESRCH;

	tree_lock();
	tree_for_each(p)
	{
		if (p->group == pgrp)
			error = p->session == hook_session() ? 0 : -EPERM;
	}
	tree_unlock();
	return error;
}

static bool hook_controls(const struct tty *t)
{
	const struct tty *own = current_process() ? current_process()->tty : NULL;

	return own && (!t || own == t);
}

static struct tty *hook_controlling(void)
{
	struct tty *t;

	if (!current_process())
		return NULL;
	tree_lock();
	t = current_process()->tty;
	if (t)
		tty_get(t);
	tree_unlock();
	return t;
}

/* For the whole session: later forks inherit it, others of the session see it. */
static void hook_set_controlling(struct tty *t)
{
	struct process *p;
	uint32_t session = hook_session();

	tree_lock();
	tree_for_each(p)
	{
		if (p == current_process() || (t && p->session == session))
			p->tty = t;
	}
	tree_unlock();
}

static void hook_session_leave(struct tty *t, uint32_t session, uint32_t group, bool hung_up)
{
	struct process *p;

	tree_lock();
	tree_for_each(p)
	{
		if (p->session != session || p->tty != t)
			continue;
		p->tty = NULL;
		if (!hung_up || p->pid != session)
			continue;
		p->hung_up_group = group;
		signal_process(p, SIGHUP, NULL);
		signal_process(p, SIGCONT, NULL);
	}
	tree_unlock();
}

void group_init(void)
{
	tty_hooks = (struct tty_hooks){
		.signal_group = hook_signal_group,
		.check_foreground = hook_check_foreground,
		.session = hook_session,
		.group = hook_group,
		.session_leader = hook_session_leader,
		.privileged = hook_privileged,
		.user = hook_user,
		.group_in_session = hook_group_in_session,
		.controls = hook_controls,
		.controlling = hook_controlling,
		.set_controlling = hook_set_controlling,
		.session_leave = hook_session_leave,
	};
}
