/* kcmp: do two processes share a thing? */
#include <linux/errno.h>
#include <linux/kcmp.h>

#include "kernel/fs/epoll.h"
#include "kernel/lib/random.h"
#include "kernel/mm/user.h"
#include "kernel/proc/access.h"
#include "kernel/syscall/table.h"

/* The file at p's descriptor fd with a reference, or NULL. */
static struct file *file_of(struct process *p, uint64_t fd)
{
	struct fd_table *files = process_files(p);
	struct file *f;

	if (!files)
		return NULL;
	f = fd_get(files, (int)fd);
	fd_table_put(files);
	return f;
}

/* What stands for a thing of p's; semaphores that were never undone stand for nothing. */
static const void *thing_of(const struct process *p, unsigned type)
{
	switch (type) {
	case KCMP_VM:
		return p->space;
	case KCMP_FILES:
		return p->files;
	case KCMP_FS:
		return p->fs;
	case KCMP_SIGHAND:
		return p->signals;
	case KCMP_SYSVSEM:
		return list_empty(&p->semaphore_undo) ? NULL : p;
	default: /* KCMP_IO: nobody has requests of his own */
		return NULL;
	}
}

/* 0: the same; 1, 2: less, greater, in an order that says nothing of addresses. */
static int64_t order(const void *a, const void *b)
{
	static uint64_t factor; /* [a] set once */
	uint64_t none = 0, mine, x, y;

	if (!__atomic_load_n(&factor, __ATOMIC_RELAXED)) {
		random_bytes(&mine, sizeof(mine));
		mine |= 1;
		__atomic_compare_exchange_n(&factor, &none, mine, false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
	}
	x = (uint64_t)a * factor;
	y = (uint64_t)b * factor;
	return x == y ? 0 : x < y ? 1 : 2;
}

/* a's file against one that an epoll of b's watches. */
static int64_t compare_watched(struct process *a, struct process *b, uint64_t fd, uint64_t slot)
{
	struct kcmp_epoll_slot s;
	struct file *f, *epoll;
	const void *watched = NULL;
	int64_t result = -EBADF;

	if (user_copy_in(&s, slot, sizeof(s)))
		return -EFAULT;
	f = file_of(a, fd);
	epoll = f ? file_of(b, s.efd) : NULL;
	if (epoll && epoll_is(epoll))
		watched = epoll_watched(epoll, (int)s.tfd, s.toff);
	if (epoll)
		result = watched ? order(f, watched) : epoll_is(epoll) ? -ENOENT : -EINVAL;
	file_put(f);
	file_put(epoll);
	return result;
}

static int64_t compare(struct process *a, struct process *b, unsigned type, uint64_t fd_a,
		       uint64_t fd_b)
{
	struct file *f, *g;
	int64_t result;

	if (!process_may_access(a, ACCESS_REAL) || !process_may_access(b, ACCESS_REAL))
		return -EPERM;
	if (type == KCMP_EPOLL_TFD)
		return compare_watched(a, b, fd_a, fd_b);
	if (type >= KCMP_TYPES)
		return -EINVAL;
	if (type != KCMP_FILE)
		return order(thing_of(a, type), thing_of(b, type));
	f = file_of(a, fd_a);
	g = file_of(b, fd_b);
	result = f && g ? order(f, g) : -EBADF;
	file_put(f);
	file_put(g);
	return result;
}

int64_t sys_kcmp(uint64_t pid1, uint64_t pid2, uint64_t type, uint64_t idx1, uint64_t idx2)
{
	struct thread *a = thread_find((uint32_t)pid1), *b = thread_find((uint32_t)pid2);
	int64_t result = -ESRCH;

	if (a && b && a->process && b->process)
		result = compare(a->process, b->process, (unsigned)type, idx1, idx2);
	if (a)
		thread_put(a);
	if (b)
		thread_put(b);
	return result;
}
