/* Regular files whose contents are a page object: read, write, truncate. */
#include "kernel/fs/regular.h"

#include <linux/errno.h>
#include <linux/fs.h>

#include "kernel/fs/mount.h"
#include "kernel/fs/seals.h"
#include "kernel/fs/size_limit.h"
#include "kernel/lib/string.h"

#define DAY_NS 86400000000000ull

/* A long copy lets others run. */
static void breathe(void)
{
	if (this_cpu()->reschedule)
		sched_yield();
}

/* As mount option relatime: only when it says something new. */
static void accessed(struct file *f)
{
	struct inode *i = f->inode;
	uint64_t now;

	if (f->flags & O_NOATIME || mount_writable(&f->path))
		return;
	now = inode_now();
	if (i->atime <= i->mtime || i->atime <= i->ctime || now - i->atime > DAY_NS)
		i->atime = now;
}

static int read_page(struct inode *i, const struct buffer *b, size_t at, uint64_t from, size_t n)
{
	int error = 0;
	struct page *p = pages_find(i->pages, from >> PAGE_SHIFT, false, &error);

	if (!p)
		return error ? error : buffer_zero(b, at, n);
	error = buffer_put(b, at, (char *)page_data(p) + (from & PAGE_MASK), n);
	page_put(p);
	return error;
}

static int64_t regular_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct inode *i = f->inode;
	uint64_t size = __atomic_load_n(&i->size, __ATOMIC_ACQUIRE);
	size_t left = *position < size ? MIN(b->length, size - *position) : 0;
	size_t done = 0;
	int error = 0;

	if (b->length > FILE_SIZE_MAX - *position)
		return -EINVAL;
	while (left) {
		size_t n = MIN(left, PAGE_SIZE - (*position & PAGE_MASK));

		error = read_page(i, b, done, *position, n);
		if (error)
			break;
		done += n;
		left -= n;
		*position += n;
		breathe();
	}
	accessed(f);
	return done ? (int64_t)done : error;
}

/* Store the new size.  Holds: i->lock. */
static void size_set(struct inode *i, uint64_t size)
{
	pages_resize(i->pages, size);
	__atomic_store_n(&i->size, size, __ATOMIC_RELEASE);
}

/* Holds: i->lock. */
static int write_page(struct inode *i, const struct buffer *b, size_t at, uint64_t to, size_t n)
{
	int error = seals_check_write(i);
	struct page *p;
	char *bytes;

	if (!error && to + n > i->size)
		error = seals_check_size(i, to + n);
	if (error)
		return error;
	p = pages_find(i->pages, to >> PAGE_SHIFT, true, &error);
	if (!p)
		return error;
	bytes = (char *)page_data(p) + (to & PAGE_MASK);
	error = buffer_get(b, at, bytes, n);
	pages_dirty(i->pages, to >> PAGE_SHIFT, p);
	if (!error && to + n > i->size)
		size_set(i, to + n);
	else if (error && to + n > i->size) /* behind the end there are only zeros */
		memset(bytes + (to < i->size ? i->size - to : 0), 0,
		       to < i->size ? to + n - i->size : n);
	page_put(p);
	return error;
}

static int64_t regular_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct inode *i = f->inode;
	size_t done = 0;
	int64_t room = 0;
	int error = 0;

	if (b->length > FILE_SIZE_MAX - *position)
		return -EINVAL;
	mutex_lock(&i->lock);
	if (f->flags & O_APPEND || b->append)
		*position = i->size;
	if (b->length)
		room = size_limit_room(*position, b->length);
	if (room < 0)
		error = (int)room;
	while (!error && done < (size_t)room) {
		size_t n = MIN((size_t)room - done, PAGE_SIZE - (*position & PAGE_MASK));

		error = write_page(i, b, done, *position, n);
		if (error)
			break;
		done += n;
		*position += n;
		breathe();
		if (i->ops->written)
			error = i->ops->written(i);
	}
	if (done)
		inode_touch(i);
	mutex_unlock(&i->lock);
	return done ? (int64_t)done : error;
}

/* SEEK_DATA and SEEK_HOLE of a file in memory: a page that is not there is a hole. */
static int64_t sparse_seek(struct inode *i, uint64_t offset, bool data)
{
	uint64_t index = offset >> PAGE_SHIFT, to;
	bool there = pages_seek(i->pages, &index, data);

	if (data && !there)
		return -ENXIO;
	to = MAX(offset, index << PAGE_SHIFT);
	if (to >= i->size)
		return data ? -ENXIO : (int64_t)i->size;
	return (int64_t)to;
}

static int64_t regular_seek(struct file *f, int64_t offset, int whence)
{
	struct inode *i = f->inode;

	if ((whence == SEEK_DATA || whence == SEEK_HOLE) && !i->ops->change && offset >= 0 &&
	    (uint64_t)offset < i->size)
		return sparse_seek(i, (uint64_t)offset, whence == SEEK_DATA);
	return seek_within(f, offset, whence, i->size);
}

static int regular_map(struct file *f, struct map_file *out)
{
	out->pages = f->inode->pages;
	return 0;
}

static int regular_sync(struct file *f)
{
	return 0; /* memory is where they live */
}

int inode_truncate(struct inode *i, uint64_t size)
{
	struct inode_change change = { .what = CHANGE_SIZE, .size = size };
	int error;

	if (S_ISDIR(i->mode))
		return -EISDIR;
	if (!S_ISREG(i->mode))
		return -EINVAL;
	if (__atomic_load_n(&i->users, __ATOMIC_RELAXED) < 0)
		return -ETXTBSY;
	if (!i->pages) /* text made by the kernel: shells truncate what they write to */
		return 0;
	mutex_lock(&i->lock);
	error = size > i->size ? size_limit_grow(size) : 0;
	if (!error && i->super && i->super->huge_shift && size & (inode_block(i) - 1))
		error = -EINVAL; /* no whole huge pages */
	if (!error)
		error = seals_check_size(i, size);
	if (!error)
		error = inode_change(i, &change);
	if (!error) {
		size_set(i, size);
		inode_touch(i);
	}
	mutex_unlock(&i->lock);
	return error;
}

int inode_allocate(struct inode *i, uint64_t offset, uint64_t length, bool keep_size)
{
	uint64_t end = offset + length;
	int error = 0;

	if (!i->pages || i->ops->change)
		return S_ISREG(i->mode) ? -EOPNOTSUPP : -ENODEV;
	mutex_lock(&i->lock);
	if (end > i->size)
		error = size_limit_grow(end);
	if (!error && end > i->size)
		error = seals_check_size(i, end);
	for (uint64_t index = offset >> PAGE_SHIFT; !error && index << PAGE_SHIFT < end; index++) {
		struct page *p = pages_find(i->pages, index, true, &error);

		if (!p)
			break;
		page_put(p);
		breathe();
		if (current()->interrupted) {
			error = -EINTR;
			break;
		}
	}
	if (!error && !keep_size && end > i->size)
		size_set(i, end);
	if (!error)
		inode_touch(i);
	mutex_unlock(&i->lock);
	return error;
}

/* Bytes [from, to) of one page become zeros; where there is no page they are.
 * Holds: i->lock. */
static int page_clear(struct inode *i, uint64_t from, uint64_t to)
{
	int error = 0;
	struct page *p = from < to ? pages_find(i->pages, from >> PAGE_SHIFT, false, &error) : NULL;

	if (!p)
		return error;
	memset((char *)page_data(p) + (from & PAGE_MASK), 0, to - from);
	page_put(p);
	return 0;
}

int inode_punch(struct inode *i, uint64_t offset, uint64_t length)
{
	uint64_t end = offset + length, first = ALIGN_UP(offset, PAGE_SIZE);
	uint64_t last = ALIGN_DOWN(end, PAGE_SIZE);
	int error;

	if (!i->pages || i->ops->change)
		return S_ISREG(i->mode) ? -EOPNOTSUPP : -ENODEV;
	mutex_lock(&i->lock);
	error = seals_check_write(i);
	if (!error)
		error = page_clear(i, offset, MIN(end, first));
	if (!error && last >= first)
		error = page_clear(i, last, end);
	if (!error) {
		if (first < last)
			pages_punch(i->pages, first >> PAGE_SHIFT, last >> PAGE_SHIFT);
		inode_touch(i);
	}
	mutex_unlock(&i->lock);
	return error;
}

const struct file_ops regular_file_ops = {
	.read = regular_read,
	.write = regular_write,
	.seek = regular_seek,
	.map = regular_map,
	.sync = regular_sync,
};
