/* /dev: a tmpfs with a node for each device of device.h. */
#ifndef KERNEL_FS_DEVFS_H
#define KERNEL_FS_DEVFS_H

#include "kernel/fs/inode.h"

/* Register the type "devtmpfs"; every mount of it shows the same instance. */
void devfs_init(void);
/* null, zero, full, random, urandom; kmsg; control. */
void memory_devices_init(void);
void kmsg_init(void);
void control_init(void);

#endif
