/* Numbers that /proc/sys lets be changed. */
#ifndef KERNEL_FS_SETTING_H
#define KERNEL_FS_SETTING_H

#include "kernel/lib/types.h"

struct setting {
	uint32_t value; /* [a] */
	uint32_t least, most;
};

/* fs/ */
extern struct setting setting_lease_seconds; /* how long a lease's holder may take */
extern struct setting setting_leases, setting_directory_notes; /* 0: there are none */
/* fs/mqueue/: what POSIX queues may have without CAP_SYS_RESOURCE, and have unasked. */
extern struct setting setting_queues, setting_queue_messages, setting_queue_length;
extern struct setting setting_queue_messages_usual, setting_queue_length_usual;

static inline uint32_t setting_get(const struct setting *s)
{
	return __atomic_load_n(&s->value, __ATOMIC_RELAXED);
}
/* -EINVAL: not a number, or out of range. */
int setting_set(struct setting *s, const char *text);

#endif
