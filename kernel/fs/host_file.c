/* Contents: page objects filled by reads of many pages, the more when the last one
 * ended where this one begins.  When memory gets short each file in turn gives up pages. */
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/fs/file.h"
#include "kernel/fs/host_node.h"
#include "kernel/lib/string.h"
#include "kernel/mm/reclaim.h"

#define AHEAD_PAGES 16 /* at a place that was not expected; CLIENT_PAGES where it was */

static struct spinlock filled_lock = SPINLOCK_INIT(RANK_INODE, "host files");
static struct list filled = LIST_INIT(filled); /* [filled_lock] whose turn it is first */

/* --- making room ------------------------------------------------------------------ */

/* The pages of the file whose turn it is, with a reference; it goes to the end. */
static struct pages *filled_turn(void)
{
	struct pages *pages = NULL;
	struct host_node *n;

	spin_lock(&filled_lock);
	if (!list_empty(&filled)) {
		n = list_first(&filled, struct host_node, filled);
		list_remove(&n->filled);
		list_append(&filled, &n->filled);
		pages = n->inode->pages;
		pages_get(pages);
	}
	spin_unlock(&filled_lock);
	return pages;
}

static uint64_t filled_count(void)
{
	const struct host_node *n;
	uint64_t count = 0;

	spin_lock(&filled_lock);
	list_for_each_entry(n, &filled, filled)
		count++;
	spin_unlock(&filled_lock);
	return count;
}

static uint64_t host_reclaim(uint64_t wanted, unsigned pass)
{
	uint64_t freed = 0;

	for (uint64_t left = filled_count(); left && freed < wanted; left--) {
		struct pages *pages = filled_turn();

		if (!pages)
			break;
		freed += pages_reclaim(pages, pass > 0);
		pages_put(pages);
	}
	return freed;
}

void host_file_init(void)
{
	static struct reclaimer reclaimer = { .reclaim = host_reclaim };

	reclaim_add(&reclaimer);
}

static void filled_mark(struct host_node *n)
{
	spin_lock(&filled_lock);
	if (list_empty(&n->filled))
		list_append(&filled, &n->filled);
	spin_unlock(&filled_lock);
}

/* --- reading ---------------------------------------------------------------------- */

/* The fid that is open, if any.  While a file is written that of its writer will do. */
static uint32_t reading_fid(const struct host_node *n)
{
	uint32_t writer = __atomic_load_n(&n->write_fid, __ATOMIC_ACQUIRE);

	if (__atomic_load_n(&n->opened, __ATOMIC_ACQUIRE))
		return n->fid;
	return n->write_reads ? writer : 0;
}

/* own: not by the fid of a writer, who may close it. */
static int file_begin_reading(struct host_node *n, bool own)
{
	int error = 0;

	if (own ? __atomic_load_n(&n->opened, __ATOMIC_ACQUIRE) : reading_fid(n) != 0)
		return 0;
	mutex_lock(&n->open_lock);
	if (!n->opened && (own || !reading_fid(n))) {
		error = client_open(host_client(n->inode), n->fid, O_RDONLY);
		if (!error)
			__atomic_store_n(&n->opened, true, __ATOMIC_RELEASE);
	}
	mutex_unlock(&n->open_lock);
	return error;
}

/* How many pages to ask for at index. */
static unsigned window(const struct host_node *n, uint64_t index)
{
	uint64_t end = (n->backed + PAGE_MASK) >> PAGE_SHIFT;
	bool expected = !index || __atomic_load_n(&n->next_page, __ATOMIC_RELAXED) == index;

	return MAX(1, MIN(end - MIN(index, end), expected ? CLIENT_PAGES : AHEAD_PAGES));
}

/* Read all of the pages; what lies behind the end of the file becomes zero. */
static int pages_read(struct host_node *n, uint64_t index, struct page *const *pages,
		      unsigned count)
{
	size_t done = 0, size = count * PAGE_SIZE, got;
	uint32_t fid = reading_fid(n);
	int error;

	do {
		unsigned first = done >> PAGE_SHIFT;

		error = client_read(host_client(n->inode), fid, (index + first) << PAGE_SHIFT,
				    pages + first, count - first, &got);
		done = first * PAGE_SIZE + (error ? 0 : got);
	} while (!error && got >= PAGE_SIZE && done < size);
	if (error)
		return error;
	while (done < size) {
		size_t in = done & PAGE_MASK;

		memset((char *)page_data(pages[done >> PAGE_SHIFT]) + in, 0, PAGE_SIZE - in);
		done += PAGE_SIZE - in;
	}
	return 0;
}

static int host_fill(void *owner, uint64_t index, struct page *page)
{
	struct inode *i = owner;
	struct host_node *n = host_node(i);
	struct page *pages[CLIENT_PAGES] = { page };
	unsigned count = 1, wanted = window(n, index);
	uint64_t age = pages_age(i->pages);
	int error;

	if (index << PAGE_SHIFT >= __atomic_load_n(&n->backed, __ATOMIC_RELAXED))
		return 0; /* the page is zeroed */
	error = file_begin_reading(n, false);
	if (error)
		return error;
	while (count < wanted && !page_is_low() && (pages[count] = page_alloc_raw()))
		count++;
	error = pages_read(n, index, pages, count);
	for (unsigned k = 1; k < count; k++) {
		if (error)
			page_put(pages[k]);
		else
			pages_offer(i->pages, index + k, pages[k], age);
	}
	__atomic_store_n(&n->next_page, index + count, __ATOMIC_RELAXED);
	filled_mark(n);
	return error;
}

int host_file_begin(struct inode *i)
{
	static const struct pages_source source = {
		.fill = host_fill,
		.dirtied = host_dirtied,
	};
	struct host_node *n = host_node(i);

	list_init(&n->filled);
	i->pages = pages_create(&source, i, i->size);
	return i->pages ? 0 : -ENOMEM;
}

void host_file_end(struct inode *i)
{
	struct host_node *n = host_node(i);

	spin_lock(&filled_lock);
	list_remove(&n->filled);
	spin_unlock(&filled_lock);
}

/* The host may refuse: better now than at the first read. */
static int host_open(struct inode *i, struct file *f)
{
	int error = 0;

	if (file_writable(f))
		error = host_write_begin(host_node(i));
	if (!error && file_readable(f) && !host_node(i)->unlinked)
		error = file_begin_reading(host_node(i), !file_writable(f));
	if (file_writable(f))
		f->ops = &host_write_ops;
	return error;
}

const struct inode_ops host_file_ops = {
	.open = host_open,
	.change = host_change,
	.written = host_written,
	.release = host_release,
};
