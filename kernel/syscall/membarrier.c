/* membarrier: what one thread pays so that others need no barrier. */
#include <linux/errno.h>
#include <linux/membarrier.h>

#include "kernel/proc/process.h"
#include "kernel/sched/barrier.h"
#include "kernel/syscall/table.h"

/* All commands of Linux 6.1. */
#define COMMANDS                                                                                   \
	(MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |                                 \
	 MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED |             \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE |  \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE |                                     \
	 MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ)

static int private_run(int needs, uint64_t cpu_set, bool restart)
{
	if (!(current_process()->barriers & (unsigned)needs))
		return -EPERM;
	barrier_run(barrier_space() & cpu_set, restart);
	if (restart && cpu_set >> this_cpu()->id & 1)
		current()->resumed = current()->sequences;
	return 0;
}

int64_t sys_membarrier(uint64_t cmd, uint64_t flags, uint64_t cpu)
{
	struct process *p = current_process();
	uint64_t cpu_set = UINT64_MAX;

	if ((uint32_t)flags && ((int)cmd != MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ ||
				(uint32_t)flags != MEMBARRIER_CMD_FLAG_CPU))
		return -EINVAL;
	if ((uint32_t)flags && (int32_t)cpu >= 0)
		cpu_set = (uint32_t)cpu < CPU_MAX ? 1ull << (uint32_t)cpu : 0;
	switch ((int)cmd) {
	case MEMBARRIER_CMD_QUERY:
		return COMMANDS;
	case MEMBARRIER_CMD_GLOBAL:
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
		barrier_run(UINT64_MAX, false);
		return 0;
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
		return private_run(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, UINT64_MAX, false);
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
		return private_run(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, UINT64_MAX,
				   false);
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ:
		return private_run(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, cpu_set, true);
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
		__atomic_fetch_or(&p->barriers, (unsigned)cmd, __ATOMIC_SEQ_CST);
		return 0;
	default:
		return -EINVAL;
	}
}
