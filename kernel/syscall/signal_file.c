/* signalfd, signalfd4. */
#include "kernel/proc/signal_file.h"

#include <linux/errno.h>
#include <linux/signalfd.h>

#include "kernel/mm/user.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/trace/trace.h"

static int64_t set_change(uint64_t fd, uint64_t set)
{
	struct file *f = caller_file(fd);
	int64_t result = (int)fd;

	if (!f)
		return -EBADF;
	if (signal_file_is(f))
		signal_file_set(f, set);
	else
		result = -EINVAL;
	file_put(f);
	return result;
}

int64_t sys_signalfd4(uint64_t fd, uint64_t mask, uint64_t size, uint64_t flags)
{
	struct file *f;
	uint64_t set;
	int error;

	if (size != sizeof(set) || (uint32_t)flags & ~(uint32_t)(SFD_CLOEXEC | SFD_NONBLOCK))
		return -EINVAL;
	if (user_copy_in(&set, mask, sizeof(set)))
		return -EFAULT;
	trace_data(1, DATA_SIGSET, &set, sizeof(set));
	if ((int)fd != -1)
		return set_change(fd, set);
	error = signal_file_create(set, (uint32_t)flags & O_NONBLOCK, &f);
	return error ? error : caller_install(f, (unsigned)flags);
}

int64_t sys_signalfd(uint64_t fd, uint64_t mask, uint64_t size)
{
	return sys_signalfd4(fd, mask, size, 0);
}
