/* What the caller's personality(2) changes. */
#ifndef KERNEL_SYSCALL_PERSONALITY_H
#define KERNEL_SYSCALL_PERSONALITY_H

#include <linux/mman.h>
#include <linux/personality.h>
#include <linux/utsname.h>

#include "kernel/fs/file.h"
#include "kernel/proc/process.h"

/* flag: of linux/personality.h. */
static inline bool personality_has(uint32_t flag)
{
	return unlikely(current_process()->personality & flag);
}
int personality_protection_more(uint64_t prot, const struct file *f);
/* PROT_* that mmap and mprotect are to use of f, or of memory
 * (READ_IMPLIES_EXEC). */
static inline int personality_protection(uint64_t prot, const struct file *f)
{
	return personality_has(READ_IMPLIES_EXEC) ? personality_protection_more(prot, f)
						  : (int)prot;
}
/* uname's answer (PER_LINUX32, UNAME26). */
void personality_names(struct new_utsname *names);

#endif
