/* System V semaphores: sets of counters that several operations change together, or
 * wait until they can. */
#ifndef KERNEL_IPC_SEMAPHORE_H
#define KERNEL_IPC_SEMAPHORE_H

#include <linux/sem.h>

#include "kernel/ipc/sysv.h"
#include "kernel/lib/list.h"

/* As semget and semtimedop answer.  undo: the process's list (struct process); deadline
 * in clock_now ns, 0: none. */
int semaphore_get(int32_t key, int count, unsigned flags, const struct credentials *c);
int semaphore_operate(int id, const struct sembuf *ops, unsigned count, uint64_t deadline,
		      struct list *undo, const struct credentials *c);
/* The process ends: what it asked to be undone is. */
void semaphore_exit(struct list *undo);

/* semctl: IPC_RMID, IPC_SET. */
int semaphore_control(int id, int command, const struct ipc64_perm *perm,
		      const struct credentials *c);
/* GETVAL, GETPID, GETNCNT, GETZCNT. */
int semaphore_value(int id, int number, int command, const struct credentials *c);
int semaphore_set(int id, int number, int value, const struct credentials *c);
/* How many there are in the set, for who may read (or write, when `set`); then all of
 * their values, count of them: -EIDRM if that is no longer their number. */
int semaphore_count(int id, bool set, const struct credentials *c);
int semaphore_all_get(int id, uint16_t *values, int count);
int semaphore_all_set(int id, const uint16_t *values, int count);
/* IPC_STAT, SEM_STAT, SEM_STAT_ANY: 0 or the identifier. */
int semaphore_stat(int id, int command, const struct credentials *c, struct semid64_ds *out);
/* IPC_INFO, SEM_INFO: the highest place in use. */
int semaphore_info(bool used, struct seminfo *out);

#endif
