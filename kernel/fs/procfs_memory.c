/* /proc/PID/mem: the memory that the process had when the file was opened, whatever its
 * protection says, as debuggers want it.  The file keeps no memory alive: when the
 * process has ended or runs another program, there is nothing more to read. */
#include <linux/errno.h>
#include <linux/fs.h>

#include "kernel/fs/procfs_tree.h"
#include "kernel/mm/object.h"

/* What is moved goes through the kernel, a page at most at a time. */
#define PIECE PAGE_SIZE

/* The memory that f was opened for with a reference; NULL: it is gone. */
static struct space *memory_of(const struct file *f)
{
	const struct proc_node *n = f->inode->data;
	struct space *s = proc_hooks.memory(n->pid);

	if (s && space_serial(s) != (uintptr_t)f->data) {
		space_put(s);
		s = NULL;
	}
	return s;
}

/* Move n bytes, at most a page: what was moved, or -EFAULT of the caller's side. */
static int64_t piece_move(struct space *s, const struct buffer *b, size_t done, uint64_t addr,
			  char *page, size_t n, bool write)
{
	if (!write) {
		n = space_read(s, addr, page, n, true);
		return buffer_put(b, done, page, n) ? -EFAULT : (int64_t)n;
	}
	if (buffer_get(b, done, page, n))
		return -EFAULT;
	return (int64_t)space_write(s, addr, page, n, true);
}

static int64_t move(struct space *s, const struct buffer *b, uint64_t addr, char *page, bool write)
{
	size_t done = 0;

	while (done < b->length) {
		size_t n = MIN(b->length - done, PIECE - (addr + done) % PIECE);
		int64_t moved = piece_move(s, b, done, addr + done, page, n, write);

		if (moved < 0)
			return done ? (int64_t)done : moved;
		done += (size_t)moved;
		if ((size_t)moved < n)
			return done ? (int64_t)done : -EIO;
		if (current()->interrupted)
			break;
	}
	return (int64_t)done;
}

static int64_t transfer(struct file *f, const struct buffer *b, uint64_t *position, bool write)
{
	struct space *s = memory_of(f);
	char *page;
	int64_t n;

	if (!s)
		return 0;
	page = kmalloc(PIECE);
	n = page ? move(s, b, *position, page, write) : -ENOMEM;
	kfree(page);
	space_put(s);
	if (n > 0)
		*position += (uint64_t)n;
	return n;
}

static int64_t memory_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	return transfer(f, b, position, false);
}

static int64_t memory_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	return transfer(f, b, position, true);
}

static int64_t memory_seek(struct file *f, int64_t offset, int whence)
{
	if (whence != SEEK_SET && whence != SEEK_CUR)
		return -EINVAL;
	f->position = (uint64_t)offset + (whence == SEEK_CUR ? f->position : 0);
	return (int64_t)f->position;
}

static const struct file_ops memory_ops = {
	.read = memory_read,
	.write = memory_write,
	.seek = memory_seek,
};

int proc_memory_open(const struct proc_node *n, struct file *f)
{
	struct space *s = proc_hooks.memory(n->pid);

	f->ops = &memory_ops;
	f->data = (void *)(uintptr_t)(s ? space_serial(s) : 0);
	if (s)
		space_put(s);
	return 0;
}
