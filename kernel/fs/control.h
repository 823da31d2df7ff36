/* /dev/ringscope: what init tells the kernel about the run. */
#ifndef KERNEL_FS_CONTROL_H
#define KERNEL_FS_CONTROL_H

/* The status that init wrote ("exit N"), or -1: none was written. */
int control_exit_status(void);

#endif
