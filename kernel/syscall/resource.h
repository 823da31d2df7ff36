/* Resource usage as programs see it. */
#ifndef KERNEL_SYSCALL_RESOURCE_H
#define KERNEL_SYSCALL_RESOURCE_H

#include <linux/resource.h>

#include "kernel/proc/tree.h"

/* What a child that was waited for had used. */
void rusage_of_child(const struct wait_result *w, struct rusage *out);

#endif
