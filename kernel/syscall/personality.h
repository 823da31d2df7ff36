/* What the caller's personality(2) changes. */
#ifndef KERNEL_SYSCALL_PERSONALITY_H
#define KERNEL_SYSCALL_PERSONALITY_H

#include <linux/mman.h>
#include <linux/utsname.h>

#include "kernel/fs/file.h"
#include "kernel/proc/process.h"

/* flag: of linux/personality.h. */
bool personality_has(uint32_t flag);
/* PROT_* that mmap and mprotect are to use of f, or of memory
 * (READ_IMPLIES_EXEC). */
int personality_protection(uint64_t prot, const struct file *f);
/* uname's answer (PER_LINUX32, UNAME26). */
void personality_names(struct new_utsname *names);

#endif
