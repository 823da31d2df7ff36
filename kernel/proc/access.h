/* Who may look into which process: the rule of ptrace(2). */
#ifndef KERNEL_PROC_ACCESS_H
#define KERNEL_PROC_ACCESS_H

#include "kernel/proc/process.h"

/* By which of the caller's ids: those of files (/proc), or the real ones (ptrace,
 * process_vm_readv). */
enum access_ids { ACCESS_FILE, ACCESS_REAL };

/* May the caller read and change what p is?  A process itself and who has CAP_SYS_PTRACE
 * may always; others need to be as mighty. */
bool process_may_access(const struct process *p, enum access_ids ids);

#endif
