/* SEM_UNDO: a process that ends gives back what it took. */
#include <linux/errno.h>

#include "kernel/ipc/semaphore_state.h"
#include "kernel/mm/object.h"

int semaphore_undo_find(struct semaphore_set *s, struct list *process, struct semaphore_undo **out)
{
	struct semaphore_undo *u;

	list_for_each_entry(u, process, by_process) {
		if (u->set == s) {
			*out = u;
			return 0;
		}
	}
	u = kmalloc(sizeof(*u) + (size_t)s->count * sizeof(u->adjust[0]));
	if (!u)
		return -ENOMEM;
	u->set = s;
	list_append(process, &u->by_process);
	list_append(&s->undos, &u->by_set);
	*out = u;
	return 0;
}

void semaphore_undo_detach(struct semaphore_set *s)
{
	struct semaphore_undo *u, *next;

	list_for_each_entry_safe(u, next, &s->undos, by_set) {
		list_remove(&u->by_set);
		u->set = NULL;
	}
}

void semaphore_undo_clear(struct semaphore_set *s, int number)
{
	struct semaphore_undo *u;

	list_for_each_entry(u, &s->undos, by_set) {
		for (int i = 0; i < s->count; i++)
			if (number < 0 || i == number)
				u->adjust[i] = 0;
	}
}

/* As Linux: values stay within their range. */
static void undo_apply(const struct semaphore_undo *u)
{
	struct semaphore_set *s = u->set;

	for (int i = 0; i < s->count; i++) {
		if (!u->adjust[i])
			continue;
		s->semaphores[i].value = MIN(MAX(s->semaphores[i].value + u->adjust[i], 0), SEMVMX);
		s->semaphores[i].pid = sysv_pid();
	}
	s->otime = sysv_now();
	wait_wake_all(&s->queue);
}

void semaphore_exit(struct list *undo)
{
	struct semaphore_undo *u, *next;

	if (list_empty(undo))
		return;
	spin_lock(&semaphore_table.lock);
	list_for_each_entry_safe(u, next, undo, by_process) {
		if (u->set)
			undo_apply(u);
		list_remove(&u->by_set);
		list_remove(&u->by_process);
		kfree(u);
	}
	spin_unlock(&semaphore_table.lock);
}
