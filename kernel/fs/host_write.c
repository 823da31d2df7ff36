/* Writing: dirty pages are sent in runs when a descriptor is closed, by fsync, and
 * when there are too many. */
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/fs/file.h"
#include "kernel/fs/host_node.h"

#define DIRTY_MAX 512 /* pages; more are sent while they are written */

void host_dirtied(void *owner, uint64_t index)
{
	struct host_node *n = host_node(owner);
	uint64_t first = __atomic_load_n(&n->dirty_first, __ATOMIC_RELAXED);

	__atomic_fetch_add(&n->dirty, 1, __ATOMIC_RELAXED);
	while (index < first && !__atomic_compare_exchange_n(&n->dirty_first, &first, index, true,
							     __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/* Holds: open_lock. */
static int write_open(struct host_node *n)
{
	const struct client_name same = { .directory = n->fid };
	struct client *client = host_client(n->inode);
	struct host_qid qid;
	uint32_t fid;
	int error = client_walk(client, &same, &fid, &qid);

	if (error)
		return error;
	error = client_open(client, fid, O_RDWR);
	n->write_reads = !error;
	if (error == -EACCES)
		error = client_open(client, fid, O_WRONLY);
	if (error)
		client_clunk(client, fid);
	else
		n->write_fid = fid;
	return error;
}

int host_write_begin(struct host_node *n)
{
	int error = 0;

	mutex_lock(&n->open_lock);
	if (!n->write_fid && !n->unlinked)
		error = write_open(n);
	mutex_unlock(&n->open_lock);
	return error;
}

/* --- sending ------------------------------------------------------------------------ */

/* Dirty pages that follow each other. */
struct run {
	uint64_t index;
	unsigned count;
	struct page *pages[CLIENT_PAGES];
};

/* The page at index if it is dirty. */
static struct page *next_dirty(struct pages *o, uint64_t index)
{
	uint64_t at = index;

	return pages_take_dirty(o, &at, index + 1);
}

/* The next run at *index or behind; false: none. */
static bool run_take(struct pages *o, uint64_t *index, struct run *r)
{
	struct page *p = pages_take_dirty(o, index, UINT64_MAX);

	r->index = *index;
	r->count = 0;
	while (p) {
		r->pages[r->count++] = p;
		++*index;
		if (r->count == CLIENT_PAGES)
			break;
		p = next_dirty(o, *index);
	}
	return r->count;
}

/* Bytes of the run that are the file's. */
static size_t run_bytes(const struct inode *i, const struct run *r)
{
	uint64_t start = r->index << PAGE_SHIFT, size = __atomic_load_n(&i->size, __ATOMIC_ACQUIRE);

	return start < size ? MIN(size - start, r->count * PAGE_SIZE) : 0;
}

/* A server that takes less than a page of what is left has no room. */
static int run_send(struct host_node *n, const struct run *r)
{
	size_t bytes = run_bytes(n->inode, r), done = 0, got;
	uint64_t start = r->index << PAGE_SHIFT;
	int error = 0;

	while (!error && done < bytes) {
		error = client_write(host_client(n->inode), n->write_fid, start + done,
				     r->pages + (done >> PAGE_SHIFT), bytes - done, &got);
		if (!error && got < PAGE_SIZE && got < bytes - done)
			error = -ENOSPC;
		if (!error)
			done += done + got == bytes ? got : ALIGN_DOWN(got, PAGE_SIZE);
	}
	if (start + done > n->backed)
		__atomic_store_n(&n->backed, start + done, __ATOMIC_RELAXED);
	return error;
}

/* The program saw its own clock's time of the last change. */
static void time_send(struct host_node *n)
{
	const struct host_change change = {
		.what = HOST_SET_MTIME | HOST_SET_MTIME_SET,
		.mtime = n->inode->mtime,
	};

	client_change(host_client(n->inode), n->fid, &change);
}

/* Holds: open_lock. */
static int dirty_send(struct host_node *n)
{
	uint64_t index = __atomic_exchange_n(&n->dirty_first, UINT64_MAX, __ATOMIC_ACQ_REL);
	struct run r;
	int error = 0;

	__atomic_store_n(&n->dirty, 0, __ATOMIC_RELAXED);
	while (run_take(n->inode->pages, &index, &r)) {
		int failed = n->write_fid ? run_send(n, &r) : -EIO;

		error = error ? error : failed;
		for (unsigned k = 0; k < r.count; k++)
			page_put(r.pages[k]);
	}
	time_send(n);
	return error;
}

/* Pages that a mapping may still change stay dirty: they are looked for again. */
int host_flush(struct host_node *n)
{
	int error;

	mutex_lock(&n->open_lock);
	error = n->error;
	n->error = 0;
	if (!n->unlinked && __atomic_load_n(&n->dirty_first, __ATOMIC_ACQUIRE) != UINT64_MAX)
		error = dirty_send(n);
	mutex_unlock(&n->open_lock);
	return error;
}

int host_written(struct inode *i)
{
	struct host_node *n = host_node(i);

	return __atomic_load_n(&n->dirty, __ATOMIC_RELAXED) > DIRTY_MAX ? host_flush(n) : 0;
}

/* --- files open for writing --------------------------------------------------------- */

static int64_t host_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	return regular_file_ops.read(f, b, position);
}

static int64_t host_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	int64_t n = regular_file_ops.write(f, b, position);
	int error = n > 0 && f->flags & (O_DSYNC | O_DIRECT) ? host_flush(host_node(f->inode)) : 0;

	return error ? error : n;
}

static int64_t host_seek(struct file *f, int64_t offset, int whence)
{
	return regular_file_ops.seek(f, offset, whence);
}

static int host_map(struct file *f, struct map_file *out)
{
	return regular_file_ops.map(f, out);
}

static int host_sync(struct file *f)
{
	struct host_node *n = host_node(f->inode);
	int error = host_flush(n);

	if (!error && !n->unlinked && n->write_fid)
		error = client_sync(host_client(f->inode), n->write_fid);
	return error;
}

static int host_file_flush(struct file *f)
{
	return host_flush(host_node(f->inode));
}

/* The last writer lets go: the host may execute the file. */
static void host_file_release(struct file *f)
{
	struct host_node *n = host_node(f->inode);
	uint32_t fid = 0;

	n->error = host_flush(n);
	mutex_lock(&n->open_lock);
	if (__atomic_load_n(&f->inode->users, __ATOMIC_ACQUIRE) == 1 && !n->unlinked) {
		fid = n->write_fid;
		n->write_fid = 0;
	}
	mutex_unlock(&n->open_lock);
	if (fid)
		client_clunk(host_client(f->inode), fid);
}

const struct file_ops host_write_ops = {
	.read = host_read,
	.write = host_write,
	.seek = host_seek,
	.map = host_map,
	.sync = host_sync,
	.flush = host_file_flush,
	.release = host_file_release,
};
