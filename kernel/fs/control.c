/* /dev/ringscope. */
#include "kernel/fs/control.h"

#include <linux/errno.h>

#include "kernel/fs/devfs.h"
#include "kernel/fs/device.h"
#include "kernel/lib/string.h"

#define CONTROL_MAJOR 240 /* for local use: devices.txt of Linux */
#define STATUS_MAX    255

static int exit_status = -1; /* [a] */

int control_exit_status(void)
{
	return __atomic_load_n(&exit_status, __ATOMIC_RELAXED);
}

static int64_t control_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	char line[32] = "";
	const char *end;
	uint64_t status;

	if (b->length >= sizeof(line))
		return -EINVAL;
	if (buffer_get(b, 0, line, b->length))
		return -EFAULT;
	if (strncmp(line, "exit ", 5) != 0 || line[5] < '0' || line[5] > '9')
		return -EINVAL;
	status = string_number(line + 5, &end);
	if (status > STATUS_MAX || (*end && *end != '\n'))
		return -EINVAL;
	__atomic_store_n(&exit_status, (int)status, __ATOMIC_RELAXED);
	return (int64_t)b->length;
}

static const struct file_ops control_ops = { .write = control_write };

void control_init(void)
{
	static struct device device = {
		.name = "ringscope",
		.number = CONTROL_MAJOR << 8,
		.mode = 0200,
		.ops = &control_ops,
	};

	device_add(&device);
}
