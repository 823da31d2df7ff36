/* As generic_write_check_limits and inode_newsize_ok of Linux. */
#include "kernel/fs/size_limit.h"

#include <linux/errno.h>
#include <linux/resource.h>

const struct size_limit *size_limit;

static uint64_t limit(void)
{
	const struct size_limit *l = __atomic_load_n(&size_limit, __ATOMIC_ACQUIRE);

	return likely(!l) ? RLIM64_INFINITY : l->bytes();
}

static int too_big(void)
{
	size_limit->passed();
	return -EFBIG;
}

/* Linux compares the limit as an offset: beyond INT64_MAX it lets nothing be written. */
int64_t size_limit_room(uint64_t position, uint64_t n)
{
	uint64_t most = limit();

	if (most != RLIM64_INFINITY) {
		if ((int64_t)position >= (int64_t)most)
			return too_big();
		n = MIN(n, most - position);
	}
	if (position >= FILE_SIZE_MAX)
		return -EFBIG;
	return (int64_t)MIN(n, FILE_SIZE_MAX - position);
}

int size_limit_grow(uint64_t size)
{
	uint64_t most = limit();

	if (most != RLIM64_INFINITY && size > most)
		return too_big();
	return size > FILE_SIZE_MAX ? -EFBIG : 0;
}
