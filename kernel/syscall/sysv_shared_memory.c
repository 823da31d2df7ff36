/* System V shared memory. */
#include <linux/errno.h>

#include "kernel/ipc/shared_memory.h"
#include "kernel/mm/user.h"
#include "kernel/syscall/memory.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

int64_t sys_shmget(uint64_t key, uint64_t length, uint64_t flags)
{
	return shared_memory_get((int32_t)key, length, (unsigned)flags, caller_credentials());
}

int64_t sys_shmat(uint64_t shmid, uint64_t addr, uint64_t flags)
{
	return shared_memory_attach(caller_space(), (int)shmid, addr, (unsigned)flags,
				    caller_credentials());
}

int64_t sys_shmdt(uint64_t addr)
{
	return shared_memory_detach(caller_space(), addr);
}

static int64_t control_info(int command, uint64_t buf)
{
	const struct shminfo64 limits = {
		.shmmax = SHM_SIZE_MAX,
		.shmmin = 1,
		.shmmni = SHM_SEGMENTS_MAX,
		.shmseg = SHM_SEGMENTS_MAX,
		.shmall = SHM_PAGES_MAX,
	};
	struct shm_info info;
	int last = shared_memory_info(&info), error;

	if (command == IPC_INFO)
		error = user_copy_out(buf, &limits, sizeof(limits));
	else
		error = user_copy_out(buf, &info, sizeof(info));
	return error ? error : last;
}

static int64_t control_stat(int shmid, int command, uint64_t buf)
{
	struct shmid64_ds d;
	int result = shared_memory_stat(shmid, command, caller_credentials(), &d);

	if (result < 0)
		return result;
	return user_copy_out(buf, &d, sizeof(d)) ? -EFAULT : result;
}

int64_t sys_shmctl(uint64_t shmid, uint64_t cmd, uint64_t buf)
{
	struct shmid64_ds d = { 0 };
	int command = (int)cmd;

	if (command < 0 || (int)shmid < 0)
		return -EINVAL;
	switch (command) {
	case IPC_INFO:
	case SHM_INFO:
		return control_info(command, buf);
	case IPC_STAT:
	case SHM_STAT:
	case SHM_STAT_ANY:
		return control_stat((int)shmid, command, buf);
	case IPC_SET:
		if (user_copy_in(&d, buf, sizeof(d)))
			return -EFAULT;
		break;
	case IPC_RMID:
	case SHM_LOCK:
	case SHM_UNLOCK:
		break;
	default:
		return -EINVAL;
	}
	return shared_memory_control((int)shmid, command, &d.shm_perm, caller_credentials());
}
