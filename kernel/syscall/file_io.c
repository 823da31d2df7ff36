/* Reading and writing: read, write, their vector and positioned forms, lseek. */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/limits.h>

#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_parts.h"
#include "kernel/syscall/user_path.h"
#include "kernel/trace/trace.h"

#define COUNT_MAX 0x7ffff000ull /* of one call, as Linux's MAX_RW_COUNT */

enum direction { TO_PROGRAM, FROM_PROGRAM };

/* For /proc/PID/io. */
static inline void count(int64_t n, enum direction way)
{
	struct process *p = current_process();
	uint64_t bytes = n > 0 ? (uint64_t)n : 0;

	if (way == TO_PROGRAM) {
		p->reads++;
		p->read_bytes += bytes;
	} else {
		p->writes++;
		p->written_bytes += bytes;
	}
}

/* One transfer.  position NULL: the file's own.  Ends with the bytes in the trace
 * and, for a broken pipe, the signal. */
static int64_t transfer(uint64_t fd, struct buffer *b, uint64_t *position, enum direction way)
{
	const struct file_use u = caller_file_use(fd);
	struct file *f = u.file;
	int64_t n;

	if (!f)
		return -EBADF;
	if (way == FROM_PROGRAM)
		trace_user_bytes(1, DATA_BYTES_IN, b, b->length);
	b->length = MIN(b->length, COUNT_MAX);
	n = way == TO_PROGRAM ? file_read(f, b, position) : file_write(f, b, position);
	file_use_end(u);
	count(n, way);
	if (way == TO_PROGRAM && n > 0)
		trace_user_bytes(1, DATA_BYTES_OUT, b, (size_t)n);
	if (n == -EPIPE && way == FROM_PROGRAM)
		signal_self(SIGPIPE);
	return n;
}

static int64_t transfer_one(uint64_t fd, uint64_t addr, uint64_t count, uint64_t *position,
			    enum direction way)
{
	struct buffer b = { .addr = addr, .length = count };

	if (count && !user_range(addr, count))
		return -EFAULT;
	return transfer(fd, &b, position, way);
}

int64_t sys_read(uint64_t fd, uint64_t buf, uint64_t count)
{
	return transfer_one(fd, buf, count, NULL, TO_PROGRAM);
}

int64_t sys_write(uint64_t fd, uint64_t buf, uint64_t count)
{
	return transfer_one(fd, buf, count, NULL, FROM_PROGRAM);
}

int64_t sys_pread64(uint64_t fd, uint64_t buf, uint64_t count, uint64_t offset)
{
	if ((int64_t)offset < 0)
		return -EINVAL;
	return transfer_one(fd, buf, count, &offset, TO_PROGRAM);
}

int64_t sys_pwrite64(uint64_t fd, uint64_t buf, uint64_t count, uint64_t offset)
{
	if ((int64_t)offset < 0)
		return -EINVAL;
	return transfer_one(fd, buf, count, &offset, FROM_PROGRAM);
}

static int64_t transfer_parts(uint64_t fd, uint64_t addr, uint64_t count, uint64_t *position,
			      enum direction way, bool append)
{
	struct user_parts parts;
	struct buffer b;
	int64_t n = user_parts_get(&parts, addr, count);

	if (!n)
		n = user_parts_buffer(&parts, &b);
	if (!n) {
		b.append = append;
		n = transfer(fd, &b, position, way);
	}
	user_parts_put(&parts);
	return n;
}

int64_t sys_readv(uint64_t fd, uint64_t iov, uint64_t iovcnt)
{
	return transfer_parts(fd, iov, iovcnt, NULL, TO_PROGRAM, false);
}

int64_t sys_writev(uint64_t fd, uint64_t iov, uint64_t iovcnt)
{
	return transfer_parts(fd, iov, iovcnt, NULL, FROM_PROGRAM, false);
}

int64_t sys_preadv(uint64_t fd, uint64_t iov, uint64_t iovcnt, uint64_t pos_low, uint64_t pos_high)
{
	if ((int64_t)pos_low < 0)
		return -EINVAL;
	return transfer_parts(fd, iov, iovcnt, &pos_low, TO_PROGRAM, false);
}

int64_t sys_pwritev(uint64_t fd, uint64_t iov, uint64_t iovcnt, uint64_t pos_low, uint64_t pos_high)
{
	if ((int64_t)pos_low < 0)
		return -EINVAL;
	return transfer_parts(fd, iov, iovcnt, &pos_low, FROM_PROGRAM, false);
}

/* Position -1 means the file's own.  Nothing is polled for (HIPRI); that a transfer
 * would not wait (NOWAIT) is promised for no file. */
static int64_t transfer_flags(uint64_t fd, uint64_t iov, uint64_t iovcnt, uint64_t position,
			      uint64_t flags, enum direction way)
{
	const uint64_t known =
		RWF_HIPRI | (way == FROM_PROGRAM ? RWF_DSYNC | RWF_SYNC | RWF_APPEND : 0);
	uint64_t *at = position == UINT64_MAX ? NULL : &position;
	int64_t n;

	if ((int64_t)position < -1)
		return -EINVAL;
	if (flags & ~known)
		return -EOPNOTSUPP;
	n = transfer_parts(fd, iov, iovcnt, at, way, flags & RWF_APPEND);
	if (n > 0 && flags & (RWF_DSYNC | RWF_SYNC)) {
		int64_t error = sys_fsync(fd);

		n = error && error != -EINVAL ? error : n;
	}
	return n;
}

int64_t sys_preadv2(uint64_t fd, uint64_t iov, uint64_t iovcnt, uint64_t pos_low, uint64_t pos_high,
		    uint64_t flags)
{
	return transfer_flags(fd, iov, iovcnt, pos_low, flags, TO_PROGRAM);
}

int64_t sys_pwritev2(uint64_t fd, uint64_t iov, uint64_t iovcnt, uint64_t pos_low,
		     uint64_t pos_high, uint64_t flags)
{
	return transfer_flags(fd, iov, iovcnt, pos_low, flags, FROM_PROGRAM);
}

int64_t sys_lseek(uint64_t fd, uint64_t offset, uint64_t whence)
{
	struct file *f = caller_file(fd);
	int64_t to;

	if (!f)
		return -EBADF;
	to = file_seek(f, (int64_t)offset, (int)whence);
	file_put(f);
	return to;
}
