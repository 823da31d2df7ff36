/* ioprio_get, ioprio_set: priorities of requests to disks.  They are remembered and told;
 * there is no disk whose requests they could order. */
#include <linux/errno.h>
#include <linux/ioprio.h>

#include "kernel/proc/tree.h"
#include "kernel/syscall/table.h"

#define LEVELS 8

struct choice {
	int which;
	uint32_t who;
	bool set;
	uint16_t priority; /* to set, or the best one found */
	int found;
};

static bool selected(const struct process *p, const struct choice *c)
{
	const struct process *self = current_process();

	if (c->which == IOPRIO_WHO_PGRP)
		return p->group == (c->who ? c->who : self->group);
	return p->credentials.uid == (c->who ? c->who : self->credentials.uid);
}

/* No class is told as the middle of the best-effort one, when priorities are compared. */
static uint16_t rank(uint16_t priority)
{
	if (IOPRIO_PRIO_CLASS(priority) == IOPRIO_CLASS_NONE)
		return IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, IOPRIO_BE_NORM);
	return priority;
}

static int visit(struct thread *t, struct choice *c)
{
	const struct credentials *me = &current_process()->credentials;
	const struct credentials *its = &t->process->credentials;

	if (c->set) {
		if (!caller_can(CAP_SYS_NICE) && its->uid != me->euid && its->uid != me->uid)
			return -EPERM;
		t->io_priority = c->priority;
	} else if (!c->found) {
		c->priority = t->io_priority;
	} else if (rank(t->io_priority) < rank(c->priority)) {
		c->priority = t->io_priority;
	}
	c->found++;
	return 0;
}

static int visit_one(struct choice *c)
{
	struct thread *t = c->who ? thread_find(c->who) : current();
	int error = t && t->process ? visit(t, c) : -ESRCH;

	if (t && t != current())
		thread_put(t);
	return error;
}

static int visit_all(struct choice *c)
{
	struct process *p;
	struct thread *t;
	int error = 0;

	tree_lock();
	tree_for_each(p)
	{
		uint64_t flags;

		if (error || p->zombie || !selected(p, c))
			continue;
		flags = spin_lock_irq(&p->signals->lock);
		list_for_each_entry(t, &p->threads, process_link)
			error = error ? error : visit(t, c);
		spin_unlock_irq(&p->signals->lock, flags);
	}
	tree_unlock();
	return error || c->found ? error : -ESRCH;
}

static int visit_chosen(struct choice *c)
{
	switch (c->which) {
	case IOPRIO_WHO_PROCESS:
		return visit_one(c);
	case IOPRIO_WHO_PGRP:
	case IOPRIO_WHO_USER:
		return visit_all(c);
	default:
		return -EINVAL;
	}
}

int64_t sys_ioprio_get(uint64_t which, uint64_t who)
{
	struct choice c = { .which = (int)which, .who = (uint32_t)who };
	int error = visit_chosen(&c);

	return error ? error : c.priority;
}

int64_t sys_ioprio_set(uint64_t which, uint64_t who, uint64_t ioprio)
{
	struct choice c = { .which = (int)which, .who = (uint32_t)who, .set = true };
	unsigned class = IOPRIO_PRIO_CLASS((int)ioprio), level = IOPRIO_PRIO_DATA((int)ioprio);

	switch (class) {
	case IOPRIO_CLASS_RT:
		if (!caller_can(CAP_SYS_ADMIN) && !caller_can(CAP_SYS_NICE))
			return -EPERM;
		if (level >= LEVELS)
			return -EINVAL;
		break;
	case IOPRIO_CLASS_BE:
		if (level >= LEVELS)
			return -EINVAL;
		break;
	case IOPRIO_CLASS_IDLE:
		break;
	case IOPRIO_CLASS_NONE:
		if (level)
			return -EINVAL;
		break;
	default:
		return -EINVAL;
	}
	c.priority = (uint16_t)ioprio;
	return visit_chosen(&c);
}
