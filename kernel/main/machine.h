/* How the machine ends. */
#ifndef KERNEL_MAIN_MACHINE_H
#define KERNEL_MAIN_MACHINE_H

/* From now on the host may ask for the end.  Once, before the ports are open. */
void machine_init(void);

#endif
