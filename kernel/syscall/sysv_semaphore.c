/* System V semaphores. */
#include <linux/errno.h>

#include "kernel/ipc/semaphore.h"
#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/syscall/user_time.h"

#define OPS_SMALL 8

int64_t sys_semget(uint64_t key, uint64_t nsems, uint64_t flags)
{
	return semaphore_get((int32_t)key, (int)nsems, (unsigned)flags, caller_credentials());
}

static int64_t operate(uint64_t semid, uint64_t sops, uint64_t nsops, uint64_t deadline)
{
	struct sembuf small[OPS_SMALL], *ops = small;
	int error;

	if (!nsops || (int)semid < 0)
		return -EINVAL;
	if (nsops > SEMOPM)
		return -E2BIG;
	if (nsops > OPS_SMALL)
		ops = kmalloc(nsops * sizeof(ops[0]));
	if (!ops)
		return -ENOMEM;
	error = user_copy_in(ops, sops, nsops * sizeof(ops[0]));
	if (!error)
		error = semaphore_operate((int)semid, ops, (unsigned)nsops, deadline,
					  &current_process()->semaphore_undo, caller_credentials());
	if (ops != small)
		kfree(ops);
	return error;
}

int64_t sys_semop(uint64_t semid, uint64_t sops, uint64_t nsops)
{
	return operate(semid, sops, nsops, 0);
}

int64_t sys_semtimedop(uint64_t semid, uint64_t sops, uint64_t nsops, uint64_t timeout)
{
	uint64_t ns;
	int error;

	if (!timeout)
		return operate(semid, sops, nsops, 0);
	error = user_timespec_in(timeout, 3, &ns);
	return error ? error : operate(semid, sops, nsops, deadline_after(ns));
}

/* GETALL and SETALL: arg is an array of unsigned short. */
static int64_t control_all(int semid, bool set, uint64_t arg)
{
	int count = semaphore_count(semid, set, caller_credentials()), error = 0;
	uint16_t *values;
	size_t size;

	if (count < 0)
		return count;
	size = (size_t)count * sizeof(values[0]);
	values = kmalloc(size);
	if (!values)
		return -ENOMEM;
	if (set)
		error = user_copy_in(values, arg, size);
	if (!error)
		error = set ? semaphore_all_set(semid, values, count)
			    : semaphore_all_get(semid, values, count);
	if (!error && !set)
		error = user_copy_out(arg, values, size);
	kfree(values);
	return error;
}

static int64_t control_info(int command, uint64_t buf)
{
	struct seminfo info;
	int last = semaphore_info(command == SEM_INFO, &info);

	return user_copy_out(buf, &info, sizeof(info)) ? -EFAULT : last;
}

static int64_t control_stat(int semid, int command, uint64_t buf)
{
	struct semid64_ds d;
	int result = semaphore_stat(semid, command, caller_credentials(), &d);

	if (result < 0)
		return result;
	return user_copy_out(buf, &d, sizeof(d)) ? -EFAULT : result;
}

static int64_t control_set(int semid, uint64_t buf)
{
	struct semid64_ds d;

	if (user_copy_in(&d, buf, sizeof(d)))
		return -EFAULT;
	return semaphore_control(semid, IPC_SET, &d.sem_perm, caller_credentials());
}

int64_t sys_semctl(uint64_t semid, uint64_t semnum, uint64_t cmd, uint64_t arg)
{
	int id = (int)semid, command = (int)cmd;

	if (id < 0)
		return -EINVAL;
	switch (command) {
	case IPC_INFO:
	case SEM_INFO:
		return control_info(command, arg);
	case IPC_STAT:
	case SEM_STAT:
	case SEM_STAT_ANY:
		return control_stat(id, command, arg);
	case IPC_SET:
		return control_set(id, arg);
	case IPC_RMID:
		return semaphore_control(id, command, NULL, caller_credentials());
	case GETALL:
	case SETALL:
		return control_all(id, command == SETALL, arg);
	case GETVAL:
	case GETPID:
	case GETNCNT:
	case GETZCNT:
		return semaphore_value(id, (int)semnum, command, caller_credentials());
	case SETVAL:
		return semaphore_set(id, (int)semnum, (int)arg, caller_credentials());
	}
	return -EINVAL;
}
