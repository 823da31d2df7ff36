/* Descriptor tables: an array of files and a bit each for close-on-exec. */
#include "kernel/fs/descriptors.h"

#include <linux/errno.h>

#include "kernel/fs/directory_note.h"
#include "kernel/fs/file.h"
#include "kernel/fs/lock.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/sync/spinlock.h"

#define FD_FIRST 64u /* room a table starts with; always a multiple of 64 */

struct fd_table {
	struct ref refs;
	struct spinlock lock;
	struct file **files;  /* [lock] size of them, NULL: free */
	uint64_t *close_exec; /* [lock] a bit each */
	unsigned size;        /* [lock] grows */
	unsigned free_from;   /* [lock] none free is below */
};

/* Room for size files: files, then the bits behind them. */
static struct file **files_alloc(unsigned size)
{
	return kmalloc(size * sizeof(struct file *) + size / 8);
}

static struct fd_table *table_alloc(unsigned size)
{
	struct fd_table *t = kmalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->files = files_alloc(size);
	if (!t->files) {
		kfree(t);
		return NULL;
	}
	t->close_exec = (uint64_t *)(t->files + size);
	t->size = size;
	ref_init(&t->refs, 1);
	spin_init(&t->lock, RANK_FD, "descriptors");
	return t;
}

/* A descriptor of f in t is closed: what t has through it goes. */
static void descriptor_end(struct file *f, const struct fd_table *t)
{
	record_lock_close(f, t);
	directory_note_close(f, t);
}

struct fd_table *fd_table_create(void)
{
	return table_alloc(FD_FIRST);
}

void fd_table_get(struct fd_table *t)
{
	ref_get(&t->refs);
}

static bool bit_test(const uint64_t *bits, unsigned n)
{
	return bits[n / 64] >> (n % 64) & 1;
}

static void bit_set(uint64_t *bits, unsigned n, bool value)
{
	if (value)
		bits[n / 64] |= 1ull << (n % 64);
	else
		bits[n / 64] &= ~(1ull << (n % 64));
}

struct fd_table *fd_table_copy(struct fd_table *t)
{
	struct fd_table *new = table_alloc(fd_table_size(t));

	if (!new)
		return NULL;
	spin_lock(&t->lock);
	while (t->size > new->size) { /* it grew meanwhile */
		unsigned size = t->size;

		spin_unlock(&t->lock);
		kfree(new->files);
		kfree(new);
		new = table_alloc(size);
		if (!new)
			return NULL;
		spin_lock(&t->lock);
	}
	for (unsigned i = 0; i < t->size; i++) {
		new->files[i] = t->files[i];
		if (t->files[i])
			file_get(t->files[i]);
	}
	memcpy(new->close_exec, t->close_exec, t->size / 8);
	new->free_from = t->free_from;
	spin_unlock(&t->lock);
	return new;
}

void fd_table_put(struct fd_table *t)
{
	if (!t || !ref_put(&t->refs))
		return;
	for (unsigned i = 0; i < t->size; i++) {
		if (!t->files[i])
			continue;
		descriptor_end(t->files[i], t);
		file_put(t->files[i]);
	}
	kfree(t->files);
	kfree(t);
}

unsigned fd_table_size(struct fd_table *t)
{
	return __atomic_load_n(&t->size, __ATOMIC_RELAXED);
}

/* Make room for number fd.  Holds: t->lock, dropped and taken again. */
static int table_grow(struct fd_table *t, unsigned fd)
{
	while (fd >= t->size) {
		unsigned old = t->size, size = old * 2;
		struct file **files, **unused;

		while (size <= fd)
			size *= 2;
		spin_unlock(&t->lock);
		files = files_alloc(size);
		spin_lock(&t->lock);
		if (!files)
			return -ENOMEM;
		unused = files;
		if (t->size == old) {
			uint64_t *bits = (uint64_t *)(files + size);

			memcpy(files, t->files, old * sizeof(files[0]));
			memcpy(bits, t->close_exec, old / 8);
			unused = t->files;
			t->files = files;
			t->close_exec = bits;
			__atomic_store_n(&t->size, size, __ATOMIC_RELAXED);
		}
		kfree(unused);
	}
	return 0;
}

struct file *fd_get(struct fd_table *t, int fd)
{
	struct file *f = NULL;

	spin_lock(&t->lock);
	if ((unsigned)fd < t->size)
		f = t->files[fd];
	if (f)
		file_get(f);
	spin_unlock(&t->lock);
	return f;
}

struct file *fd_peek(const struct fd_table *t, int fd)
{
	return (unsigned)fd < t->size ? t->files[fd] : NULL;
}

/* Take what is at fd out.  Holds: t->lock. */
static struct file *table_take(struct fd_table *t, unsigned fd)
{
	struct file *f = t->files[fd];

	t->files[fd] = NULL;
	bit_set(t->close_exec, fd, false);
	t->free_from = MIN(t->free_from, fd);
	return f;
}

static void table_put(struct fd_table *t, unsigned fd, struct file *f, bool close_exec)
{
	t->files[fd] = f;
	bit_set(t->close_exec, fd, close_exec);
}

int fd_install(struct fd_table *t, struct file *f, int least, bool close_exec, uint64_t limit)
{
	unsigned fd, from;
	int error = 0;

	limit = MIN(limit, (uint64_t)FD_MAX);
	if (least < 0 || (least && (uint64_t)least >= limit)) {
		file_put(f);
		return -EINVAL;
	}
	spin_lock(&t->lock);
	from = MAX((unsigned)least, t->free_from);
	for (fd = from; fd < t->size && t->files[fd]; fd++)
		;
	if (fd >= limit)
		error = -EMFILE;
	else
		error = table_grow(t, fd);
	/* The lock may have been dropped: look again. */
	while (!error && t->files[fd]) {
		if (++fd >= limit)
			error = -EMFILE;
		else
			error = table_grow(t, fd);
	}
	if (!error) {
		table_put(t, fd, f, close_exec);
		if (from == t->free_from)
			t->free_from = fd + 1;
	}
	spin_unlock(&t->lock);
	if (error)
		file_put(f);
	return error ? error : (int)fd;
}

int fd_install_at(struct fd_table *t, struct file *f, int fd, bool close_exec, uint64_t limit)
{
	struct file *old = NULL;
	int error = -EBADF;

	if (fd >= 0 && (uint64_t)fd < MIN(limit, (uint64_t)FD_MAX)) {
		spin_lock(&t->lock);
		error = table_grow(t, (unsigned)fd);
		if (!error) {
			old = table_take(t, (unsigned)fd);
			table_put(t, (unsigned)fd, f, close_exec);
		}
		spin_unlock(&t->lock);
	}
	if (error)
		file_put(f);
	if (old) {
		descriptor_end(old, t);
		file_put(old);
	}
	return error ? error : fd;
}

int fd_close(struct fd_table *t, int fd)
{
	struct file *f = NULL;
	int error;

	spin_lock(&t->lock);
	if ((unsigned)fd < t->size)
		f = table_take(t, (unsigned)fd);
	spin_unlock(&t->lock);
	if (!f)
		return -EBADF;
	descriptor_end(f, t);
	error = f->ops->flush ? f->ops->flush(f) : 0;
	file_put(f);
	return error;
}

int fd_close_exec(struct fd_table *t, int fd, int value)
{
	int result = -EBADF;

	spin_lock(&t->lock);
	if ((unsigned)fd < t->size && t->files[fd]) {
		result = 0;
		if (value < 0)
			result = bit_test(t->close_exec, (unsigned)fd);
		else
			bit_set(t->close_exec, (unsigned)fd, value);
	}
	spin_unlock(&t->lock);
	return result;
}

void fd_table_close_exec(struct fd_table *t)
{
	for (unsigned fd = 0; fd < fd_table_size(t); fd++) {
		if (fd_close_exec(t, (int)fd, -1) == 1)
			fd_close(t, (int)fd);
	}
}

int fd_next(struct fd_table *t, int fd)
{
	int found = -1;

	spin_lock(&t->lock);
	for (unsigned i = (unsigned)MAX(fd, 0); i < t->size; i++) {
		if (t->files[i]) {
			found = (int)i;
			break;
		}
	}
	spin_unlock(&t->lock);
	return found;
}
