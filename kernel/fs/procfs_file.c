/* Files of /proc: the text is rendered when it is read from its start, and kept
 * until then, so that one reading is of one moment. */
#include <linux/errno.h>

#include "kernel/fs/procfs_tree.h"
#include "kernel/mm/object.h"

#define STORE_MAX 4096 /* bytes of one write */

static int render(struct file *f)
{
	const struct proc_node *n = f->inode->data;
	struct text *t = f->data ? f->data : kmalloc(sizeof(*t));
	int error;

	if (!t)
		return -ENOMEM;
	f->data = t;
	text_free(t);
	error = n->entry->show(n, t);
	if (!error && t->failed)
		error = -ENOMEM;
	if (error)
		text_free(t);
	return error;
}

static int64_t proc_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	const struct proc_node *n = f->inode->data;
	const struct text *t = f->data;
	size_t count;
	int error = 0;

	if (!n->entry->show)
		return -EINVAL;
	if (!t || *position == 0)
		error = render(f);
	if (error)
		return error;
	t = f->data;
	if (*position >= t->length)
		return 0;
	count = MIN(b->length, t->length - *position);
	if (buffer_put(b, 0, t->bytes + *position, count))
		return -EFAULT;
	*position += count;
	return (int64_t)count;
}

static int64_t proc_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	const struct proc_node *n = f->inode->data;
	char *text;
	int error;

	if (!n->entry->store || b->length >= STORE_MAX)
		return -EINVAL;
	text = kmalloc(b->length + 1);
	if (!text)
		return -ENOMEM;
	error = buffer_get(b, 0, text, b->length);
	for (size_t at = b->length; at && text[at - 1] == '\n'; at--)
		text[at - 1] = 0;
	if (!error)
		error = n->entry->store(n, text);
	kfree(text);
	if (error)
		return error;
	*position += b->length;
	return (int64_t)b->length;
}

static int64_t proc_seek(struct file *f, int64_t offset, int whence)
{
	return seek_within(f, offset, whence, 0);
}

static void proc_release(struct file *f)
{
	if (f->data)
		text_free(f->data);
	kfree(f->data);
}

const struct file_ops proc_file_ops = {
	.read = proc_read,
	.write = proc_write,
	.seek = proc_seek,
	.release = proc_release,
};
