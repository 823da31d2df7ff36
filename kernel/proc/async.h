/* Signals for files that become ready. */
#ifndef KERNEL_PROC_ASYNC_H
#define KERNEL_PROC_ASYNC_H

/* At boot, when threads can be made. */
void async_owner_init(void);

#endif
