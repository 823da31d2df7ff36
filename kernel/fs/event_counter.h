/* eventfd(2): a counter that is a file. */
#ifndef KERNEL_FS_EVENT_COUNTER_H
#define KERNEL_FS_EVENT_COUNTER_H

#include "kernel/fs/file.h"

/* flags: O_NONBLOCK; semaphore: a read takes 1.  -ENFILE. */
int event_counter_create(uint64_t value, bool semaphore, uint32_t flags, struct file **out);

#endif
