/* rseq. */
#include "kernel/proc/sequence.h"

#include <linux/errno.h>
#include <linux/rseq.h>

#include "kernel/syscall/table.h"

int64_t sys_rseq(uint64_t rseq, uint64_t size, uint64_t flags, uint64_t sig)
{
	if ((uint32_t)flags & ~(uint32_t)RSEQ_FLAG_UNREGISTER)
		return -EINVAL;
	if ((uint32_t)flags)
		return sequence_unregister(rseq, (uint32_t)size, (uint32_t)sig);
	return sequence_register(rseq, (uint32_t)size, (uint32_t)sig);
}
