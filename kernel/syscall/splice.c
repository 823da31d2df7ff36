/* splice, tee, vmsplice: what they check. */
#include "kernel/fs/splice.h"

#include <linux/errno.h>

#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

/* Flags of splice(2), fcntl.h of the C libraries. */
#define SPLICE_F_NONBLOCK 2
#define SPLICE_F_ALL      15 /* MOVE, NONBLOCK, MORE, GIFT */

#define COUNT_MAX 0x7ffff000ull /* of one call, as Linux's MAX_RW_COUNT */

/* The offset that the program gave for a file that is no pipe. */
static int offset_get(const struct file *f, uint64_t addr, uint64_t *offset)
{
	if (!addr)
		return 0;
	if (splice_is_pipe(f) || !f->ops->seek)
		return -ESPIPE;
	if (user_copy_in(offset, addr, sizeof(*offset)))
		return -EFAULT;
	return (int64_t)*offset < 0 ? -EINVAL : 0;
}

static int64_t move(struct file *in, uint64_t *from, struct file *out, uint64_t *to, size_t n,
		    bool wait)
{
	if (splice_is_pipe(in) && splice_is_pipe(out))
		return in->data == out->data ? -EINVAL : splice_pipes(in, out, n, wait, false);
	if (splice_is_pipe(in)) {
		if (out->flags & O_APPEND || !out->ops->write)
			return -EINVAL;
		return splice_from_pipe(in, out, to, n, wait);
	}
	if (splice_is_pipe(out))
		return in->ops->read ? splice_to_pipe(out, in, from, n, wait) : -EINVAL;
	return -EINVAL;
}

static int64_t splice(struct file *in, uint64_t off_in, struct file *out, uint64_t off_out,
		      size_t n, bool wait)
{
	uint64_t from = 0, to = 0;
	int64_t moved;

	if (!in || !out || !file_readable(in) || !file_writable(out))
		return -EBADF;
	moved = offset_get(in, off_in, &from);
	if (!moved)
		moved = offset_get(out, off_out, &to);
	if (!moved)
		moved = move(in, off_in ? &from : NULL, out, off_out ? &to : NULL, n, wait);
	if (moved >= 0 && ((off_in && user_copy_out(off_in, &from, sizeof(from))) ||
			   (off_out && user_copy_out(off_out, &to, sizeof(to)))))
		return -EFAULT;
	return moved;
}

int64_t sys_splice(uint64_t fd_in, uint64_t off_in, uint64_t fd_out, uint64_t off_out,
		   uint64_t length, uint64_t flags)
{
	struct file *in, *out;
	int64_t n;

	if (!length)
		return 0;
	if (flags & ~(uint64_t)SPLICE_F_ALL)
		return -EINVAL;
	in = caller_file(fd_in);
	out = caller_file(fd_out);
	n = splice(in, off_in, out, off_out, MIN(length, COUNT_MAX), !(flags & SPLICE_F_NONBLOCK));
	if (n == -EPIPE)
		signal_self(SIGPIPE);
	file_put(in);
	file_put(out);
	return n;
}

int64_t sys_tee(uint64_t fd_in, uint64_t fd_out, uint64_t length, uint64_t flags)
{
	struct file *in, *out;
	int64_t n;

	if (flags & ~(uint64_t)SPLICE_F_ALL)
		return -EINVAL;
	if (!length)
		return 0;
	in = caller_file(fd_in);
	out = caller_file(fd_out);
	if (!in || !out || !file_readable(in) || !file_writable(out))
		n = -EBADF;
	else if (!splice_is_pipe(in) || !splice_is_pipe(out) || in->data == out->data)
		n = -EINVAL;
	else
		n = splice_pipes(in, out, MIN(length, COUNT_MAX), !(flags & SPLICE_F_NONBLOCK),
				 true);
	if (n == -EPIPE)
		signal_self(SIGPIPE);
	file_put(in);
	file_put(out);
	return n;
}

/* The pages stay the program's: what it moves in is copied. */
int64_t sys_vmsplice(uint64_t fd, uint64_t iov, uint64_t count, uint64_t flags)
{
	struct file *f;
	int64_t n = 0;

	if (flags & ~(uint64_t)SPLICE_F_ALL)
		return -EINVAL;
	f = caller_file(fd);
	if (!f || f->flags & O_PATH || !(file_readable(f) || file_writable(f)))
		n = -EBADF;
	else if (!splice_is_pipe(f))
		n = -EBADF;
	else if (flags & SPLICE_F_NONBLOCK &&
		 !(file_poll(f, NULL) & (file_writable(f) ? POLLOUT | POLLERR : POLLIN | POLLHUP)))
		n = -EAGAIN;
	else
		n = 1;
	if (n > 0)
		n = file_writable(f) ? sys_writev(fd, iov, count) : sys_readv(fd, iov, count);
	file_put(f);
	return n;
}
