/* The host's terminal, raw while the guest's own line discipline is in charge.
 *
 * One at a time.  Once terminal_raw succeeded the former state comes back with
 * terminal_restore, at exit, and before this process dies of a fault. */
#ifndef TRACER_VM_TERMINAL_H
#define TRACER_VM_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

/* False if fd is no terminal that can be set. */
bool terminal_raw(int fd);
/* Safe in a signal handler, and when nothing is to be restored. */
void terminal_restore(void);
/* Rows and columns; 24 x 80 if it does not say. */
void terminal_size(int fd, uint16_t *rows, uint16_t *columns);

#endif
