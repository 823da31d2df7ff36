/* The kernel log: one line a call, no final newline.  Goes to the debug
 * console at once, to the log ring (/dev/kmsg, syslog(2)), and into the trace. */
#ifndef KERNEL_DEBUG_LOG_H
#define KERNEL_DEBUG_LOG_H

#include "kernel/lib/types.h"

enum log_level { LOG_ERROR = 3, LOG_WARNING = 4, LOG_INFO = 6, LOG_DEBUG = 7 };

/* Safe anywhere.  Lines are cut at 240 bytes. */
void log_line(enum log_level level, const char *format, ...) printf_like(2, 3);
/* Copy log text from position *from on (0: the oldest kept) into to; the number
 * of bytes; *from moves on. */
size_t log_read(uint64_t *from, char *to, size_t size);
/* Where the log lies, its size, and the count of bytes ever written, for who reads this
 * memory from outside. */
const char *log_memory(size_t *size, const uint64_t **end);
/* Set by trace/ and drivers/: where else lines go. */
extern void (*log_sink_trace)(enum log_level level, const char *text, size_t length);
extern void (*log_sink_port)(const char *text, size_t length);

#endif
