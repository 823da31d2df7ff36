/* Files without a name: pipes, eventfd, memfd.  And random bytes. */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/memfd.h>
#include <linux/random.h>
#include <linux/watch_queue.h>

#include "kernel/fs/event_counter.h"
#include "kernel/fs/huge_file.h"
#include "kernel/fs/memory_file.h"
#include "kernel/fs/pipe.h"
#include "kernel/lib/print.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/trace/trace.h"

/* Flags of eventfd2(2). */
#define EFD_SEMAPHORE 1
#define EFD_CLOEXEC   O_CLOEXEC
#define EFD_NONBLOCK  O_NONBLOCK

#define MEMFD_NAME_MAX 249 /* without the NUL, as Linux */

/* Both ends into the table, their numbers to the program, or nothing of it. */
static int pipe_install(struct file *ends[2], uint64_t fds, unsigned flags)
{
	struct fd_table *t = current_process()->files;
	int numbers[2];

	numbers[0] = (int)caller_install(ends[0], flags);
	if (numbers[0] < 0) {
		file_put(ends[1]);
		return numbers[0];
	}
	numbers[1] = (int)caller_install(ends[1], flags);
	if (numbers[1] < 0) {
		fd_close(t, numbers[0]);
		return numbers[1];
	}
	if (user_copy_out(fds, numbers, sizeof(numbers))) {
		fd_close(t, numbers[0]);
		fd_close(t, numbers[1]);
		return -EFAULT;
	}
	trace_data(0, DATA_INT_PAIR, numbers, sizeof(numbers));
	return 0;
}

int64_t sys_pipe2(uint64_t fds, uint64_t flags)
{
	const struct credentials *c = caller_credentials();
	struct file *ends[2];
	int error;

	if (flags & ~(uint64_t)(O_CLOEXEC | O_NONBLOCK | O_DIRECT | O_NOTIFICATION_PIPE))
		return -EINVAL;
	if (flags & O_NOTIFICATION_PIPE)
		return -ENOPKG;
	error = pipe_create(ends, flags & (O_NONBLOCK | O_DIRECT));
	if (error)
		return error;
	ends[0]->inode->uid = c->fsuid;
	ends[0]->inode->gid = c->fsgid;
	return pipe_install(ends, fds, (unsigned)flags);
}

int64_t sys_pipe(uint64_t fds)
{
	return sys_pipe2(fds, 0);
}

int64_t sys_eventfd2(uint64_t initval, uint64_t flags)
{
	struct file *f;
	int error;

	if (flags & ~(uint64_t)(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK))
		return -EINVAL;
	error = event_counter_create((uint32_t)initval, flags & EFD_SEMAPHORE, flags & EFD_NONBLOCK,
				     &f);
	return error ? error : caller_install(f, (unsigned)flags);
}

int64_t sys_eventfd(uint64_t initval)
{
	return sys_eventfd2(initval, 0);
}

/* What memfd_create takes: the size of huge pages only with them. */
static bool memfd_flags_known(uint64_t flags)
{
	uint64_t known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB;

	if (flags & MFD_HUGETLB)
		known |= (uint64_t)MFD_HUGE_MASK << MFD_HUGE_SHIFT;
	return !(flags & ~known);
}

static int memfd_create(const char *text, uint64_t flags, struct file **out)
{
	bool sealable = flags & MFD_ALLOW_SEALING;
	unsigned shift = huge_shift(flags);

	if (!(flags & MFD_HUGETLB))
		return memory_file_create(text, sealable, caller_credentials(), out);
	if (!shift)
		return -ENODEV;
	return huge_file_create(text, shift, 0, sealable, caller_credentials(), out);
}

int64_t sys_memfd_create(uint64_t name, uint64_t flags)
{
	char given[MEMFD_NAME_MAX + 1], text[MEMFD_NAME_MAX + 32];
	struct file *f;
	int64_t n;
	int error;

	if (!memfd_flags_known((unsigned)flags))
		return -EINVAL;
	n = user_string(given, name, sizeof(given));
	if (n < 0)
		return n == -ENAMETOOLONG ? -EINVAL : n;
	trace_data(0, DATA_STRING, given, (size_t)n);
	print_text(text, sizeof(text), "/memfd:%s (deleted)", given);
	error = memfd_create(text, flags, &f);
	return error ? error : caller_install(f, flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
}

int64_t sys_getrandom(uint64_t buf, uint64_t count, uint64_t flags)
{
	struct buffer b = { .addr = buf, .length = MIN(count, (uint64_t)INT32_MAX) };
	uint8_t bytes[256];
	size_t done = 0;

	if (flags & ~(uint64_t)(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE) ||
	    (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	while (done < b.length) {
		size_t n = MIN(b.length - done, sizeof(bytes));

		random_bytes(bytes, n);
		if (buffer_put(&b, done, bytes, n))
			break;
		done += n;
		if (current()->interrupted)
			break;
	}
	if (!done && b.length)
		return -EFAULT;
	trace_user_bytes(0, DATA_BYTES_OUT, &b, done);
	return (int64_t)done;
}
