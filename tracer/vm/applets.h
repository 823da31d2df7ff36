/* The applet names that a busybox binary holds. */
#ifndef TRACER_VM_APPLETS_H
#define TRACER_VM_APPLETS_H

#include <stddef.h>

/* Call each(cookie, name) for every applet of the busybox in these bytes; returns
 * how many there were. */
size_t applets_list(const char *bytes, size_t size, void (*each)(void *cookie, const char *name),
		    void *cookie);

#endif
