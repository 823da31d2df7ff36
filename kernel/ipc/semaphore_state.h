/* What a set of semaphores is made of; for semaphore*.c only.  All is guarded by the
 * table's lock. */
#ifndef KERNEL_IPC_SEMAPHORE_STATE_H
#define KERNEL_IPC_SEMAPHORE_STATE_H

#include "kernel/ipc/semaphore.h"
#include "kernel/sched/wait.h"

struct semaphore {
	int value;
	uint32_t pid; /* who changed it last */
};

/* Who sleeps, and on what: on a value that is too small, or on zero. */
struct semaphore_waiter {
	struct list link;
	int number;
	bool zero;
};

struct semaphore_set {
	struct sysv_object object; /* first */
	struct ref refs;           /* the table's, sleepers' */
	int64_t otime, ctime;
	struct list waiters, undos;
	struct wait_queue queue;
	int count;
	struct semaphore semaphores[];
};

/* What a process wants to be added to each semaphore of a set when it ends. */
struct semaphore_undo {
	struct list by_process, by_set;
	struct semaphore_set *set; /* NULL: the set was removed */
	int16_t adjust[];
};

extern struct sysv_table semaphore_table;

static inline struct semaphore_set *semaphore_set_of(struct sysv_object *o)
{
	return container_of(o, struct semaphore_set, object);
}

void semaphore_set_put(struct semaphore_set *s);
/* The process's for the set: 0 or -ENOMEM. */
int semaphore_undo_find(struct semaphore_set *s, struct list *process, struct semaphore_undo **out);
/* The set goes, or its values are set: number -1 for all of them. */
void semaphore_undo_detach(struct semaphore_set *s);
void semaphore_undo_clear(struct semaphore_set *s, int number);

#endif
