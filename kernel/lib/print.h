/* Formatted text: the usual subset of printf (%d %u %x %p %s %c %%, l ll z,
 * width, precision, 0, -). */
#ifndef KERNEL_LIB_PRINT_H
#define KERNEL_LIB_PRINT_H

#include <stdarg.h>

#include "kernel/lib/types.h"

/* As snprintf: writes at most size bytes with the final NUL, returns the length
 * the whole text has. */
int print_text(char *to, size_t size, const char *format, ...) printf_like(3, 4);
int print_text_list(char *to, size_t size, const char *format, va_list arguments);

#endif
