/* Limits of a process that its memory and its files have to know. */
#include <linux/resource.h>

#include "kernel/fs/size_limit.h"
#include "kernel/proc/procfs.h"

static uint64_t file_bytes(void)
{
	struct process *p = current_process();

	return p ? p->limits[RLIMIT_FSIZE].soft : RLIM64_INFINITY;
}

static void file_bytes_passed(void)
{
	signal_self(SIGXFSZ);
}

static const struct size_limit file_limit = { .bytes = file_bytes, .passed = file_bytes_passed };

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

	if (l[RLIMIT_FSIZE].soft != RLIM64_INFINITY)
		__atomic_store_n(&size_limit, &file_limit, __ATOMIC_RELEASE);
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
