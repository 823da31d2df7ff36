/* The program's standard streams on the ports to the host: a terminal, or plain
 * bytes, as the command line says ("stdin=tty|port stdout=... stderr=... rows=N
 * cols=N"; default port).
 *
 * A stdin that is no terminal is a pipe: the host's bytes go in at one end, which
 * is closed when they end. */
#ifndef KERNEL_FS_CONSOLE_H
#define KERNEL_FS_CONSOLE_H

#include "kernel/fs/file.h"

/* /dev/console and the port devices; before /dev is mounted. */
void console_init(void);
/* Ports are open, /dev is mounted: start reading what the host sends. */
void console_start(const char *command_line);
/* What descriptor 0, 1 or 2 of the first program is; -errno. */
int console_open(int fd, struct file **out);

#endif
