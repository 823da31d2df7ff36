/* Moving bytes between the kernel and the memory of a read or write. */
#include <linux/errno.h>

#include "kernel/fs/file.h"
#include "kernel/lib/string.h"
#include "kernel/mm/user.h"

enum move { MOVE_PUT, MOVE_GET, MOVE_ZERO };

static int move(bool kernel, uint64_t addr, void *bytes, size_t n, enum move how)
{
	if (!kernel) {
		switch (how) {
		case MOVE_PUT:
			return user_copy_out(addr, bytes, n);
		case MOVE_GET:
			return user_copy_in(bytes, addr, n);
		case MOVE_ZERO:
			return user_zero(addr, n);
		}
	}
	if (how == MOVE_PUT)
		memcpy((void *)addr, bytes, n);
	else if (how == MOVE_GET)
		memcpy(bytes, (void *)addr, n);
	else
		memset((void *)addr, 0, n);
	return 0;
}

static int buffer_move(const struct buffer *b, size_t at, void *bytes, size_t n, enum move how)
{
	int error = 0;

	if (!b->parts)
		return move(b->kernel, b->addr + at, bytes, n, how);
	for (size_t i = 0; n && !error && i < b->part_count; i++) {
		size_t length = b->parts[i].iov_len, step;

		if (at >= length) {
			at -= length;
			continue;
		}
		step = MIN(n, length - at);
		error = move(b->kernel, (uint64_t)b->parts[i].iov_base + at, bytes, step, how);
		bytes = bytes ? (char *)bytes + step : NULL;
		n -= step;
		at = 0;
	}
	return error;
}

int buffer_put(const struct buffer *b, size_t at, const void *from, size_t n)
{
	return buffer_move(b, at, (void *)from, n, MOVE_PUT);
}

int buffer_get(const struct buffer *b, size_t at, void *to, size_t n)
{
	return buffer_move(b, at, to, n, MOVE_GET);
}

int buffer_zero(const struct buffer *b, size_t at, size_t n)
{
	return buffer_move(b, at, NULL, n, MOVE_ZERO);
}
