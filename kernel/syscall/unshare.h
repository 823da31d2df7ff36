/* A process's own descriptors. */
#ifndef KERNEL_SYSCALL_UNSHARE_H
#define KERNEL_SYSCALL_UNSHARE_H

/* As unshare(CLONE_FILES). */
int unshare_files(void);

#endif
