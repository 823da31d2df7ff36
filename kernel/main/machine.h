/* How the machine ends. */
#ifndef KERNEL_MAIN_MACHINE_H
#define KERNEL_MAIN_MACHINE_H

#include "schemas/salvage.h"

/* Why, in the trace's last frame: struct trace_bye. */
enum end_reason { END_COMMAND = 0, END_PANIC = 1, END_ASKED = 2 };

#define STATUS_FAILURE 125

/* From now on the host may ask for the end.  Once, before the ports are open. */
void machine_init(void);

/* panic.c: how far it came, for who reads this memory. */
extern struct salvage_panic panic_state;

/* salvage.c: write the page that makes this memory readable for others; after
 * trace_init and before the first program. */
void salvage_init(void);

#endif
