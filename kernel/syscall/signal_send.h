/* Sending signals by other ways than numbers. */
#ifndef KERNEL_SYSCALL_SIGNAL_SEND_H
#define KERNEL_SYSCALL_SIGNAL_SEND_H

#include "kernel/proc/process.h"

/* pidfd_send_signal's part: info (of the program; 0: as kill) is for p.  0 or -errno. */
int64_t send_by_file(struct process *p, int sig, uint64_t info);

#endif
