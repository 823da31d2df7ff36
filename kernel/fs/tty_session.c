/* Terminals and sessions: the requests of ioctl_tty(2) about job control. */
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/errno.h>

#include "kernel/fs/tty_state.h"
#include "kernel/lib/restart.h"
#include "kernel/mm/user.h"

static int64_t number_out(uint64_t argument, uint32_t number)
{
	return user_copy_out(argument, &number, sizeof(number));
}

static int64_t foreground_set(struct tty *t, uint64_t argument)
{
	int error = tty_hooks.check_foreground(t, SIGTTOU);
	int32_t group;

	if (error)
		return error == -EIO ? -ENOTTY : error;
	if (!tty_hooks.controls(t))
		return -ENOTTY;
	if (user_copy_in(&group, argument, sizeof(group)))
		return -EFAULT;
	if (group < 0)
		return -EINVAL;
	error = tty_hooks.group_in_session((uint32_t)group);
	if (error)
		return error;
	__atomic_store_n(&t->foreground, (uint32_t)group, __ATOMIC_RELAXED);
	return 0;
}

/* force: user 0 may take the terminal from another session. */
static int64_t controlling_set(struct tty *t, bool force)
{
	uint32_t session;

	if (tty_hooks.controls(t) && tty_hooks.session_leader())
		return 0;
	if (!tty_hooks.session_leader() || tty_hooks.controls(NULL))
		return -EPERM;
	for (;;) {
		mutex_lock(&t->lock);
		session = t->session;
		if (!session)
			tty_claim(t);
		mutex_unlock(&t->lock);
		if (!session)
			return 0;
		if (!force || !tty_hooks.privileged())
			return -EPERM;
		tty_hooks.session_leave(t, session, 0, false);
		tty_release_session(t);
	}
}

static int64_t controlling_leave(struct tty *t)
{
	uint32_t group = t->foreground;

	if (!tty_hooks.controls(t))
		return -ENOTTY;
	if (!tty_hooks.session_leader()) {
		tty_hooks.set_controlling(NULL);
		return 0;
	}
	tty_hooks.session_leave(t, tty_hooks.session(), group, false);
	tty_release_session(t);
	if (group) {
		tty_hooks.signal_group(group, SIGHUP);
		tty_hooks.signal_group(group, SIGCONT);
	}
	return 0;
}

static int64_t session_get(struct tty *t, uint64_t argument, bool master)
{
	if ((!master && !tty_hooks.controls(t)) || !t->session)
		return -ENOTTY;
	return number_out(argument, t->session);
}

int64_t tty_session(struct tty *t, unsigned request, uint64_t argument, bool master, bool *known)
{
	*known = true;
	switch (request) {
	case TIOCGPGRP:
		if (!master && !tty_hooks.controls(t))
			return -ENOTTY;
		return number_out(argument, t->foreground);
	case TIOCSPGRP:
		return foreground_set(t, argument);
	case TIOCGSID:
		return session_get(t, argument, master);
	case TIOCSCTTY:
		return controlling_set(t, argument == 1);
	case TIOCNOTTY:
		return controlling_leave(t);
	case TIOCVHANGUP:
		if (!tty_hooks.privileged())
			return -EPERM;
		tty_hangup(t, false);
		return 0;
	}
	*known = false;
	return -ENOTTY;
}
