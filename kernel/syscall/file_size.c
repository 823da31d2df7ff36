/* Sizes of files, and copies from file to file. */
#include <linux/errno.h>
#include <linux/falloc.h>
#include <linux/fs.h>

#include "kernel/fs/lease.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/notify.h"
#include "kernel/fs/regular.h"
#include "kernel/fs/size_limit.h"
#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

#define PIECE_BYTES 65536u
#define MODES       (FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE) /* as Linux's tmpfs */
#define COUNT_MAX   0x7ffff000ull /* of one call, as Linux's MAX_RW_COUNT */

int64_t sys_truncate(uint64_t path, uint64_t length)
{
	struct path p;
	int error;

	if ((int64_t)length < 0)
		return -EINVAL;
	error = at_path((uint64_t)AT_FDCWD, path, 0, 0, &p);
	if (error)
		return error;
	error = S_ISDIR(path_inode(&p)->mode) ? -EISDIR : 0;
	if (!error)
		error = inode_permission(path_inode(&p), caller_credentials(), MAY_WRITE);
	if (!error)
		error = mount_writable(&p);
	if (!error)
		error = lease_break(path_inode(&p), O_WRONLY);
	if (!error)
		error = inode_truncate(path_inode(&p), length);
	if (!error)
		notify_path(&p, IN_MODIFY);
	path_put(&p);
	return error;
}

int64_t sys_ftruncate(uint64_t fd, uint64_t length)
{
	struct file *f = caller_file(fd);
	int error;

	if (!f)
		return -EBADF;
	if (f->flags & O_PATH)
		error = -EBADF;
	else if ((int64_t)length < 0 || !file_writable(f) || !S_ISREG(f->inode->mode))
		error = -EINVAL;
	else
		error = inode_truncate(f->inode, length);
	if (!error)
		notify_path(&f->path, IN_MODIFY);
	file_put(f);
	return error;
}

/* Modes that go together at all: vfs_fallocate of Linux. */
static int allocate_check(int mode)
{
	const int all = MODES | FALLOC_FL_ZERO_RANGE | FALLOC_FL_COLLAPSE_RANGE |
			FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE;

	if (mode & ~all || (mode & FALLOC_FL_PUNCH_HOLE && mode & FALLOC_FL_ZERO_RANGE) ||
	    (mode & FALLOC_FL_PUNCH_HOLE && !(mode & FALLOC_FL_KEEP_SIZE)))
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_COLLAPSE_RANGE && mode != FALLOC_FL_COLLAPSE_RANGE) ||
	    (mode & FALLOC_FL_INSERT_RANGE && mode != FALLOC_FL_INSERT_RANGE) ||
	    (mode & FALLOC_FL_UNSHARE_RANGE &&
	     mode & ~(FALLOC_FL_UNSHARE_RANGE | FALLOC_FL_KEEP_SIZE)))
		return -EINVAL;
	return 0;
}

int64_t sys_fallocate(uint64_t fd, uint64_t mode, uint64_t offset, uint64_t length)
{
	struct file *f = caller_file(fd);
	uint64_t end;
	int error;

	if (!f)
		return -EBADF;
	error = (int64_t)offset < 0 || (int64_t)length <= 0 ? -EINVAL : allocate_check((int)mode);
	if (error)
		; /* said already */
	else if (!file_writable(f))
		error = -EBADF;
	else if (S_ISFIFO(f->inode->mode))
		error = -ESPIPE;
	else if (__builtin_add_overflow(offset, length, &end) || end > INT64_MAX)
		error = -EFBIG;
	else if (mode & ~(uint64_t)MODES)
		error = -EOPNOTSUPP; /* as Linux's tmpfs and 9p */
	else if (mode & FALLOC_FL_PUNCH_HOLE)
		error = inode_punch(f->inode, offset, length);
	else
		error = inode_allocate(f->inode, offset, length, mode & FALLOC_FL_KEEP_SIZE);
	if (!error)
		notify_path(&f->path, IN_MODIFY);
	file_put(f);
	return error;
}

/* One side of a copy: its own position, or a number of the program. */
struct side {
	struct file *file;
	uint64_t offset;
	bool given;
};

static int side_begin(struct side *s, uint64_t fd, uint64_t offset_addr)
{
	s->given = offset_addr != 0;
	s->file = caller_file(fd);
	if (!s->file)
		return -EBADF;
	if (!s->given)
		return 0;
	if (user_copy_in(&s->offset, offset_addr, sizeof(s->offset)))
		return -EFAULT;
	if (!s->file->ops->seek)
		return -ESPIPE;
	return (int64_t)s->offset < 0 ? -EINVAL : 0;
}

static uint64_t *side_position(struct side *s)
{
	return s->given ? &s->offset : NULL;
}

/* One piece; what was read but could not be written is given back to a file that
 * can seek. */
static int64_t copy_piece(struct side *in, struct side *out, void *piece, size_t n)
{
	struct buffer b = { .addr = (uint64_t)piece, .length = n, .kernel = true };
	int64_t got = file_read(in->file, &b, side_position(in)), put;

	if (got <= 0)
		return got;
	b.length = (size_t)got;
	put = file_write(out->file, &b, side_position(out));
	if (put < got) {
		int64_t back = got - MAX(put, 0);

		if (in->given)
			in->offset -= (uint64_t)back;
		else if (in->file->ops->seek)
			file_seek(in->file, -back, SEEK_CUR);
	}
	return put;
}

static int64_t copy(struct side *in, struct side *out, uint64_t count)
{
	void *piece = kmalloc(PIECE_BYTES);
	uint64_t done = 0;
	int64_t n = piece ? 0 : -ENOMEM;

	count = MIN(count, COUNT_MAX);
	while (n >= 0 && done < count) {
		n = copy_piece(in, out, piece, MIN(count - done, (uint64_t)PIECE_BYTES));
		if (n <= 0)
			break;
		done += (uint64_t)n;
		if (current()->interrupted)
			break;
	}
	kfree(piece);
	return done ? (int64_t)done : n;
}

static int64_t side_end(const struct side *s, uint64_t offset_addr)
{
	return s->given ? user_copy_out(offset_addr, &s->offset, sizeof(s->offset)) : 0;
}

int64_t sys_sendfile(uint64_t out_fd, uint64_t in_fd, uint64_t offset, uint64_t count)
{
	struct side in = { 0 }, out = { 0 };
	int64_t n = side_begin(&in, in_fd, offset);

	if (!n)
		n = side_begin(&out, out_fd, 0);
	if (!n && !(file_readable(in.file) && file_writable(out.file)))
		n = -EBADF;
	if (!n && !(in.file->ops->seek && in.file->ops->read))
		n = -EINVAL;
	if (!n && (int64_t)count < 0)
		n = -EINVAL;
	if (!n)
		n = copy(&in, &out, count);
	if (n >= 0 && side_end(&in, offset))
		n = -EFAULT;
	if (n == -EPIPE)
		signal_self(SIGPIPE);
	file_put(in.file);
	file_put(out.file);
	return n;
}

static uint64_t side_offset(const struct side *s)
{
	return s->given ? s->offset : s->file->position;
}

/* How much a copy of one file into one may move: up to the end of the source, as far as
 * the other may grow. */
static int64_t copy_room(const struct side *in, const struct side *out, uint64_t length)
{
	uint64_t from = side_offset(in), to = side_offset(out), end;
	uint64_t size = __atomic_load_n(&in->file->inode->size, __ATOMIC_ACQUIRE);
	int64_t room;

	if (__builtin_add_overflow(from, length, &end) || __builtin_add_overflow(to, length, &end))
		return -EOVERFLOW;
	room = size_limit_room(to, from < size ? MIN(length, size - from) : 0);
	if (room > 0 && in->file->inode == out->file->inode &&
	    (from > to ? from - to : to - from) < (uint64_t)room)
		return -EINVAL;
	return room;
}

int64_t sys_copy_file_range(uint64_t fd_in, uint64_t off_in, uint64_t fd_out, uint64_t off_out,
			    uint64_t length, uint64_t flags)
{
	struct side in = { 0 }, out = { 0 };
	int64_t n = flags ? -EINVAL : side_begin(&in, fd_in, off_in);

	if (!n)
		n = side_begin(&out, fd_out, off_out);
	if (!n && !(file_readable(in.file) && file_writable(out.file)))
		n = -EBADF;
	if (!n && (S_ISDIR(in.file->inode->mode) || S_ISDIR(out.file->inode->mode)))
		n = -EISDIR;
	if (!n && (!in.file->inode->pages || !out.file->inode->pages))
		n = -EINVAL;
	if (!n && out.file->flags & O_APPEND)
		n = -EBADF;
	if (!n)
		n = copy_room(&in, &out, length);
	if (n > 0)
		n = copy(&in, &out, (uint64_t)n);
	if (n >= 0 && (side_end(&in, off_in) || side_end(&out, off_out)))
		n = -EFAULT;
	file_put(in.file);
	file_put(out.file);
	return n;
}
