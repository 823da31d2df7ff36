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
	struct tty *tty = p->tty;
	struct process *member;
	uint32_t foreground = tty ? tty_foreground(tty) : 0;

	if (tty)
		tty_release_session(tty);
	tree_lock();
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
	if (tty)
		tty_release_session(tty);
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

static bool hook_group_in_session(uint32_t pgrp)
{
	bool found;

	tree_lock();
	found = group_exists(pgrp, hook_session());
	tree_unlock();
	return found;
}

static struct tty *hook_controlling(void)
{
	return current_process() ? current_process()->tty : NULL;
}

/* For the whole session: later forks inherit it, others of the session see it. */
static void hook_set_controlling(struct tty *t)
{
	struct process *p;
	uint32_t session = hook_session();

	tree_lock();
	tree_for_each(p)
	{
		if (p->session == session)
			p->tty = t;
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
		.group_in_session = hook_group_in_session,
		.controlling = hook_controlling,
		.set_controlling = hook_set_controlling,
	};
}
