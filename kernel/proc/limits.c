/* Limits of a process that its memory has to know. */
#include <linux/resource.h>

#include "kernel/proc/procfs.h"

void process_limits_apply(struct process *p)
{
	const struct resource_limit *l = p->limits;
	struct space_limits limits = {
		.total = l[RLIMIT_AS].soft,
		.data = l[RLIMIT_DATA].soft,
		.stack = l[RLIMIT_STACK].soft,
		.pinned = credentials_have(&p->credentials, CAP_IPC_LOCK) ? UINT64_MAX
									  : l[RLIMIT_MEMLOCK].soft,
	};
	struct space *s;

	if (p == current_process()) {
		space_limits_set(p->space, &limits);
		return;
	}
	s = process_space(p);
	if (!s)
		return;
	space_limits_set(s, &limits);
	space_put(s);
}
