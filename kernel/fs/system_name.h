/* The system's names: what uname(2) gives and /proc/sys/kernel shows. */
#ifndef KERNEL_FS_SYSTEM_NAME_H
#define KERNEL_FS_SYSTEM_NAME_H

#include <linux/utsname.h>

#include "kernel/lib/types.h"

void system_name_get(struct new_utsname *out);
/* text is at most __NEW_UTS_LEN bytes and a NUL. */
void system_name_set_host(const char *text);
void system_name_set_domain(const char *text);

#endif
