/* null, zero, full, random and urandom: mem(4), random(4). */
#include <linux/errno.h>
#include <linux/random.h>

#include "kernel/fs/devfs.h"
#include "kernel/fs/device.h"
#include "kernel/lib/random.h"
#include "kernel/mm/user.h"

#define MEM_MAJOR 1

/* Between pieces of a long transfer: let others run; true when a signal waits. */
static bool pause_here(void)
{
	if (this_cpu()->reschedule)
		sched_yield();
	return current()->interrupted;
}

static int64_t null_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	return 0;
}

static int64_t null_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	return (int64_t)b->length;
}

static int64_t zero_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	size_t done = 0;

	while (done < b->length) {
		size_t n = MIN(b->length - done, 16 * PAGE_SIZE);

		if (buffer_zero(b, done, n))
			return done ? (int64_t)done : -EFAULT;
		done += n;
		if (pause_here())
			break;
	}
	return (int64_t)done;
}

static int64_t full_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	return b->length ? -ENOSPC : 0;
}

static int64_t random_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	uint8_t bytes[256];
	size_t done = 0;

	while (done < b->length) {
		size_t n = MIN(b->length - done, sizeof(bytes));

		random_bytes(bytes, n);
		if (buffer_put(b, done, bytes, n))
			return done ? (int64_t)done : -EFAULT;
		done += n;
		if (pause_here())
			break;
	}
	return (int64_t)done;
}

static int64_t random_ioctl(struct file *f, unsigned request, uint64_t argument)
{
	int bits = 256; /* of the generator's key */

	return request == RNDGETENTCNT ? user_copy_out(argument, &bits, sizeof(bits)) : -ENOTTY;
}

static int64_t any_seek(struct file *f, int64_t offset, int whence)
{
	return 0;
}

static const struct file_ops null_ops = { .read = null_read,
					  .write = null_write,
					  .seek = any_seek };
static const struct file_ops zero_ops = {
	.read = zero_read,
	.write = null_write,
	.seek = any_seek,
};
static const struct file_ops full_ops = { .read = zero_read,
					  .write = full_write,
					  .seek = any_seek };
static const struct file_ops random_ops = {
	.read = random_read,
	.write = null_write,
	.ioctl = random_ioctl,
};

void memory_devices_init(void)
{
	static struct device devices[] = {
		{ .name = "null", .number = MEM_MAJOR << 8 | 3, .mode = 0666, .ops = &null_ops },
		{ .name = "zero", .number = MEM_MAJOR << 8 | 5, .mode = 0666, .ops = &zero_ops },
		{ .name = "full", .number = MEM_MAJOR << 8 | 7, .mode = 0666, .ops = &full_ops },
		{ .name = "random",
		  .number = MEM_MAJOR << 8 | 8,
		  .mode = 0666,
		  .ops = &random_ops },
		{ .name = "urandom",
		  .number = MEM_MAJOR << 8 | 9,
		  .mode = 0666,
		  .ops = &random_ops },
	};

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		device_add(&devices[i]);
}
