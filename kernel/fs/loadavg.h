/* The load of the system. */
#ifndef KERNEL_FS_LOADAVG_H
#define KERNEL_FS_LOADAVG_H

/* Average 0, 1, 2: over 1, 5, 15 minutes, in threads. */
void loadavg_get(unsigned which, unsigned *whole, unsigned *hundredths);

#endif
