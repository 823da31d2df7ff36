/* Ways for the kernel to die, on request. */
#ifndef KERNEL_MAIN_INJECT_H
#define KERNEL_MAIN_INJECT_H

/* From now on a program may pick one by writing its name to /proc/ringscope. */
void inject_init(void);
/* salvage.c: the page that tells the way in memory is gone. */
void salvage_destroy(void);

#endif
