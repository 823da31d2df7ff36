#include "kernel/proc/process_file.h"

#include <linux/errno.h>

#include "kernel/fs/anonymous.h"

/* Readable once the process has ended, all of its threads. */
static unsigned process_poll(struct file *f, struct poll *poll)
{
	struct process *p = f->data;

	if (poll)
		poll_add(poll, &p->end_wait);
	return __atomic_load_n(&p->zombie, __ATOMIC_ACQUIRE) ? POLLIN : 0;
}

static void process_release(struct file *f)
{
	process_put(f->data);
}

static const struct file_ops process_ops = {
	.poll = process_poll,
	.release = process_release,
};

struct process *process_file_process(const struct file *f)
{
	return f->ops == &process_ops ? f->data : NULL;
}

int process_file_create(struct process *p, uint32_t flags, struct file **out)
{
	struct inode *i = anonymous_inode(0600);

	if (!i)
		return -ENFILE;
	process_get(p);
	*out = file_create(i, "anon_inode:[pidfd]", &process_ops, O_RDWR | flags, p);
	if (!*out)
		process_put(p);
	return *out ? 0 : -ENFILE;
}
