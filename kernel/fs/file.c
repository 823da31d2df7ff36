/* Open files: their life, and the calls every kind of file shares. */
#include "kernel/fs/file.h"

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/mount.h>

#include "kernel/fs/async.h"
#include "kernel/fs/dentry.h"
#include "kernel/fs/device.h"
#include "kernel/fs/directory.h"
#include "kernel/fs/epoll.h"
#include "kernel/fs/lease.h"
#include "kernel/fs/lock.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/notify.h"
#include "kernel/fs/pipe.h"
#include "kernel/fs/seals.h"
#include "kernel/fs/walk.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

static struct object_cache *file_cache;

static const struct file_ops path_only_ops; /* O_PATH: nothing can be done */

static struct file *file_alloc(const struct path *p, uint32_t flags)
{
	struct file *f;

	if (unlikely(!file_cache)) /* first at boot, on one CPU */
		file_cache = object_cache_create("file", sizeof(*f), 8);
	f = object_alloc(file_cache);
	if (!f)
		return NULL;
	ref_init(&f->refs, 1);
	mutex_init(&f->position_lock);
	f->path = *p;
	f->inode = path_inode(p);
	f->flags = flags;
	return f;
}

void file_get(struct file *f)
{
	ref_get(&f->refs);
}

static void use_end(struct file *f)
{
	if (f->writes)
		inode_use_end(f->inode, 1);
	if (f->reads)
		__atomic_sub_fetch(&f->inode->readers, 1, __ATOMIC_RELEASE);
}

void file_put(struct file *f)
{
	if (!f || !ref_put(&f->refs))
		return;
	if (f->path.mount && !(f->flags & O_PATH))
		notify_path(&f->path, file_writable(f) ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
	file_lock_release(f);
	lease_release(f);
	epoll_forget(f);
	async_forget(f);
	if (f->ops->release)
		f->ops->release(f);
	use_end(f);
	path_put(&f->path);
	object_free(file_cache, f);
}

/* A regular file is opened: count it, and break leases. */
static int use_begin(struct file *f)
{
	if (file_writable(f)) {
		f->writes = inode_use_begin(f->inode, 1);
		if (!f->writes)
			return -ETXTBSY;
	} else if (file_readable(f)) {
		f->reads = true;
		__atomic_add_fetch(&f->inode->readers, 1, __ATOMIC_SEQ_CST);
	}
	return lease_break(f->inode, f->flags);
}

/* Give f the ops of its kind. */
static int file_bind(struct file *f)
{
	struct inode *i = f->inode;
	int error = 0;

	switch (i->mode & S_IFMT) {
	case S_IFREG:
		f->ops = i->ops->file_ops ? i->ops->file_ops : &regular_file_ops;
		error = use_begin(f);
		break;
	case S_IFDIR:
		f->ops = &directory_file_ops;
		break;
	case S_IFCHR:
	case S_IFBLK:
		error = device_open(f);
		break;
	case S_IFIFO:
		error = pipe_open(f);
		break;
	case S_IFLNK:
		return -ELOOP;
	default:
		return -ENXIO;
	}
	if (!error && i->ops->open)
		error = i->ops->open(i, f);
	return error;
}

int file_open(const struct path *p, uint32_t flags, struct file **out)
{
	struct file *f = file_alloc(p, flags);
	int error = 0;

	if (!f)
		return -ENFILE;
	path_get(p);
	if (flags & O_PATH)
		f->ops = &path_only_ops;
	else
		error = file_bind(f);
	if (error) {
		use_end(f);
		path_put(&f->path);
		object_free(file_cache, f);
		return error;
	}
	f->flags &= ~(uint32_t)(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC);
	if (!(flags & O_PATH))
		notify_path(p, IN_OPEN);
	*out = f;
	return 0;
}

struct file *file_create(struct inode *i, const char *text, const struct file_ops *ops,
			 uint32_t flags, void *data)
{
	struct path p = { NULL, dentry_create(NULL, text ? text : "", text ? strlen(text) : 0, i) };
	struct file *f = p.dentry ? file_alloc(&p, flags) : NULL;

	if (!f) {
		dentry_put(p.dentry);
		return NULL;
	}
	f->ops = ops;
	f->data = data;
	return f;
}

/* Run op at f's own position, one thread at a time, or at *position. */
static int64_t at_position(struct file *f, const struct buffer *b, uint64_t *position,
			   int64_t (*op)(struct file *, const struct buffer *, uint64_t *))
{
	uint64_t none = 0;
	int64_t n;

	if (!f->ops->seek)
		return position ? -ESPIPE : op(f, b, &none);
	if (position)
		return op(f, b, position);
	mutex_lock(&f->position_lock);
	n = op(f, b, &f->position);
	mutex_unlock(&f->position_lock);
	return n;
}

/* n bytes were read or written: who watches is told. */
static inline int64_t moved(struct file *f, int64_t n, uint32_t mask)
{
	if (notify_on() && n > 0 && f->path.mount)
		notify_path(&f->path, mask);
	return n;
}

int64_t file_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	if (!file_readable(f))
		return -EBADF;
	if (!f->ops->read)
		return S_ISDIR(f->inode->mode) ? -EISDIR : -EINVAL;
	return moved(f, at_position(f, b, position, f->ops->read), IN_ACCESS);
}

int64_t file_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	if (!file_writable(f))
		return -EBADF;
	if (!f->ops->write)
		return -EINVAL;
	return moved(f, at_position(f, b, position, f->ops->write), IN_MODIFY);
}

int64_t file_seek(struct file *f, int64_t offset, int whence)
{
	int64_t to;

	if (f->flags & O_PATH)
		return -EBADF;
	if (!f->ops->seek)
		return -ESPIPE;
	mutex_lock(&f->position_lock);
	to = f->ops->seek(f, offset, whence);
	if (to >= 0)
		f->position = (uint64_t)to;
	mutex_unlock(&f->position_lock);
	return to;
}

int64_t seek_within(struct file *f, int64_t offset, int whence, uint64_t size)
{
	int64_t base = 0, to;

	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		base = (int64_t)f->position;
		break;
	case SEEK_END:
		base = (int64_t)size;
		break;
	case SEEK_DATA: /* no holes are told apart */
	case SEEK_HOLE:
		if (offset < 0 || (uint64_t)offset >= size)
			return -ENXIO;
		return whence == SEEK_DATA ? offset : (int64_t)size;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &to) || to < 0)
		return -EINVAL;
	return to;
}

int64_t file_read_kernel(struct file *f, void *to, size_t n, uint64_t offset)
{
	struct buffer b = { .addr = (uint64_t)to, .length = n, .kernel = true };

	if (!f->ops->read || !f->ops->seek)
		return -EINVAL;
	return f->ops->read(f, &b, &offset);
}

static void map_get(void *file)
{
	file_get(file);
}

static void map_put(void *file)
{
	file_put(file);
}

/* What is left of a path too long for to[size] is its end. */
static void map_path(void *file, char *to, size_t size)
{
	struct file *f = file;
	char *whole = kmalloc(PATH_BYTES_MAX);
	int64_t n = whole ? path_name(&f->path, NULL, whole, PATH_BYTES_MAX) : -ENOMEM;

	if (n <= 0)
		string_copy(to, size, "?");
	else
		string_copy(to, size, (size_t)n <= size ? whole : whole + n - size);
	kfree(whole);
}

int file_map(struct file *f, int prot, int flags, struct map_file *out)
{
	bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;
	int error;

	if (f->flags & O_PATH)
		return -EBADF;
	if (!file_readable(f) || (shared && prot & PROT_WRITE && !file_writable(f)))
		return -EACCES;
	if (prot & PROT_EXEC && mount_flags(&f->path) & MS_NOEXEC)
		return -EPERM;
	if (!f->ops->map)
		return -ENODEV;
	*out = (struct map_file){
		.file = f,
		.get = map_get,
		.put = map_put,
		.path = map_path,
		.may_write = file_writable(f),
	};
	error = f->ops->map(f, out);
	return error || !shared ? error : seals_check_map(f, prot, out);
}

unsigned file_poll_asked(struct file *f, struct poll *poll)
{
	return f->flags & O_PATH ? POLLNVAL : f->ops->poll(f, poll);
}
