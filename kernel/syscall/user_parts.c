#include "kernel/syscall/user_parts.h"

#include <linux/errno.h>

#include "kernel/mm/object.h"
#include "kernel/mm/user.h"

int user_parts_get(struct user_parts *p, uint64_t addr, uint64_t count)
{
	p->parts = p->small;
	p->count = 0;
	if (count > PARTS_MAX)
		return -EINVAL;
	if (count > PARTS_SMALL)
		p->parts = kmalloc(count * sizeof(p->parts[0]));
	if (!p->parts)
		return -ENOMEM;
	p->count = count;
	return user_copy_in(p->parts, addr, count * sizeof(p->parts[0]));
}

void user_parts_put(struct user_parts *p)
{
	if (p->parts != p->small)
		kfree(p->parts);
}

int user_parts_buffer(const struct user_parts *p, struct buffer *b)
{
	uint64_t total = 0;

	for (size_t i = 0; i < p->count; i++) {
		uint64_t length = p->parts[i].iov_len;

		if ((int64_t)length < 0 || (int64_t)(total + length) < 0)
			return -EINVAL;
		if (length && !user_range((uint64_t)p->parts[i].iov_base, length))
			return -EFAULT;
		total += length;
	}
	*b = (struct buffer){ .parts = p->parts, .part_count = p->count, .length = total };
	return 0;
}
