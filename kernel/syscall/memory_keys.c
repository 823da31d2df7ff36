/* Memory protection keys.  The kernel does not turn them on (CR4.PKE): as on Linux on
 * a CPU without them, there is none to give. */
#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/syscall/memory.h"
#include "kernel/syscall/table.h"

int64_t sys_pkey_alloc(uint64_t flags, uint64_t rights)
{
	if (flags || rights & ~(uint64_t)(PKEY_DISABLE_ACCESS | PKEY_DISABLE_WRITE))
		return -EINVAL;
	return -ENOSPC;
}

int64_t sys_pkey_free(uint64_t pkey)
{
	return -EINVAL;
}

/* Key -1 stands for none; no other was given out. */
int64_t sys_pkey_mprotect(uint64_t addr, uint64_t length, uint64_t prot, uint64_t pkey)
{
	if ((int)pkey != -1)
		return -EINVAL;
	return space_protect(caller_space(), addr, length, (int)prot);
}
