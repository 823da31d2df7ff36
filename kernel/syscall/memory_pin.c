/* Pinning memory. */
#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/proc/process.h"
#include "kernel/syscall/memory.h"
#include "kernel/syscall/table.h"

int64_t sys_mlock(uint64_t addr, uint64_t length)
{
	return space_pin(caller_space(), addr, length, false);
}

int64_t sys_mlock2(uint64_t addr, uint64_t length, uint64_t flags)
{
	if (flags & ~(uint64_t)MLOCK_ONFAULT)
		return -EINVAL;
	return space_pin(caller_space(), addr, length, flags & MLOCK_ONFAULT);
}

int64_t sys_munlock(uint64_t addr, uint64_t length)
{
	return space_unpin(current_process()->space, addr, length);
}

int64_t sys_mlockall(uint64_t flags)
{
	if (!flags || flags & ~(uint64_t)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ||
	    flags == MCL_ONFAULT)
		return -EINVAL;
	return space_pin_all(caller_space(), flags & MCL_CURRENT, flags & MCL_FUTURE,
			     flags & MCL_ONFAULT);
}

int64_t sys_munlockall(void)
{
	space_unpin_all(current_process()->space);
	return 0;
}
