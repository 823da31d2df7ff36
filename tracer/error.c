#include "tracer/error.h"

#include <stdarg.h>
#include <stdio.h>

int error_set(struct error *why, int status, const char *format, ...)
{
	va_list list;

	if (why) {
		why->status = status;
		va_start(list, format);
		vsnprintf(why->text, sizeof(why->text), format, list);
		va_end(list);
	}
	return status;
}
