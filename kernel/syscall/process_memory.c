/* Memory of another process: process_vm_readv, process_vm_writev, process_madvise. */
#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/mm/object.h"
#include "kernel/proc/access.h"
#include "kernel/proc/process_file.h"
#include "kernel/proc/procfs.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_parts.h"
#include "kernel/syscall/user_path.h"

struct transfer {
	struct space *space; /* the other's */
	struct buffer local; /* the caller's */
	char *page;          /* what is moved goes through here */
	bool write;
};

/* Move up to a page; what was moved. */
static size_t piece_move(const struct transfer *t, size_t done, uint64_t remote, size_t n)
{
	if (!t->write) {
		n = space_read(t->space, remote, t->page, n, false);
		return buffer_put(&t->local, done, t->page, n) ? 0 : n;
	}
	if (buffer_get(&t->local, done, t->page, n))
		return 0;
	return space_write(t->space, remote, t->page, n, false);
}

/* Bytes moved, until one side ends or cannot be touched. */
static size_t move(const struct transfer *t, const struct user_parts *remote)
{
	size_t done = 0;

	for (size_t i = 0; i < remote->count; i++) {
		uint64_t addr = (uint64_t)remote->parts[i].iov_base;
		uint64_t left = MIN(remote->parts[i].iov_len, t->local.length - done);

		while (left) {
			size_t n = MIN(left, PAGE_SIZE - (addr & PAGE_MASK));
			size_t moved = piece_move(t, done, addr, n);

			done += moved;
			addr += moved;
			left -= moved;
			if (moved < n || current()->interrupted)
				return done;
		}
	}
	return done;
}

/* The memory of pid, if the caller may trace it; with a reference. */
static int space_find(uint32_t pid, struct space **out)
{
	struct process *p = process_find(pid);
	int error = 0;

	if (!p)
		return -ESRCH;
	*out = process_space(p);
	if (!*out)
		error = -ESRCH;
	else if (!process_may_access(p, ACCESS_REAL))
		error = -EPERM;
	process_put(p);
	if (error && *out)
		space_put(*out);
	return error;
}

static int64_t move_all(struct transfer *t, uint32_t pid, const struct user_parts *remote)
{
	uint64_t total = 0;
	int64_t n;

	for (size_t i = 0; i < remote->count; i++)
		total |= remote->parts[i].iov_len;
	if (!t->local.length || !total)
		return 0;
	n = space_find(pid, &t->space);
	if (n)
		return n;
	t->page = kmalloc(PAGE_SIZE);
	n = t->page ? (int64_t)move(t, remote) : -ENOMEM;
	kfree(t->page);
	space_put(t->space);
	return n ? n : -EFAULT;
}

static int64_t transfer(uint64_t pid, uint64_t local_iov, uint64_t liovcnt, uint64_t remote_iov,
			uint64_t riovcnt, uint64_t flags, bool write)
{
	struct transfer t = { .write = write };
	struct user_parts local, remote;
	int64_t n;

	if (flags)
		return -EINVAL;
	n = user_parts_get(&local, local_iov, liovcnt);
	if (!n)
		n = user_parts_buffer(&local, &t.local);
	if (!n) {
		n = user_parts_get(&remote, remote_iov, riovcnt);
		if (!n)
			n = move_all(&t, (uint32_t)pid, &remote);
		user_parts_put(&remote);
	}
	user_parts_put(&local);
	return n;
}

int64_t sys_process_vm_readv(uint64_t pid, uint64_t local_iov, uint64_t liovcnt,
			     uint64_t remote_iov, uint64_t riovcnt, uint64_t flags)
{
	return transfer(pid, local_iov, liovcnt, remote_iov, riovcnt, flags, false);
}

int64_t sys_process_vm_writev(uint64_t pid, uint64_t local_iov, uint64_t liovcnt,
			      uint64_t remote_iov, uint64_t riovcnt, uint64_t flags)
{
	return transfer(pid, local_iov, liovcnt, remote_iov, riovcnt, flags, true);
}

static bool advice_is_for_others(int advice)
{
	return advice == MADV_COLD || advice == MADV_PAGEOUT || advice == MADV_WILLNEED;
}

/* Bytes of the pieces in order, up to the first one that cannot be advised about. */
static int64_t advise(struct space *s, const struct user_parts *parts, int advice)
{
	int64_t done = 0;

	for (size_t i = 0; i < parts->count; i++) {
		int error = space_advise(s, (uint64_t)parts->parts[i].iov_base,
					 parts->parts[i].iov_len, advice);

		if (error)
			return done ? done : error;
		done += (int64_t)parts->parts[i].iov_len;
	}
	return done;
}

static int64_t advise_process(struct process *p, const struct user_parts *parts, int advice)
{
	struct space *s;
	int64_t result;

	if (!advice_is_for_others(advice))
		return -EINVAL;
	s = process_space(p);
	if (!s)
		return -ESRCH;
	if (!process_may_access(p, ACCESS_FILE) || !caller_can(CAP_SYS_NICE))
		result = -EPERM;
	else
		result = advise(s, parts, advice);
	space_put(s);
	return result;
}

int64_t sys_process_madvise(uint64_t pidfd, uint64_t iov, uint64_t iovcnt, uint64_t advice,
			    uint64_t flags)
{
	struct user_parts parts;
	struct buffer whole;
	struct process *p;
	struct file *f;
	int64_t result;

	if ((uint32_t)flags)
		return -EINVAL;
	result = user_parts_get(&parts, iov, iovcnt);
	if (!result)
		result = user_parts_buffer(&parts, &whole);
	if (!result) {
		f = caller_file(pidfd);
		p = f ? process_file_process(f) : NULL;
		result = p ? advise_process(p, &parts, (int)advice) : -EBADF;
		file_put(f);
	}
	user_parts_put(&parts);
	return result;
}
