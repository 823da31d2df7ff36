/* /dev/kmsg: the kernel log, a record a read, in the format of Linux (level,
 * number, microseconds, flags; text). */
#include <linux/errno.h>
#include <linux/fs.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/debug/log.h"
#include "kernel/fs/devfs.h"
#include "kernel/fs/device.h"
#include "kernel/lib/print.h"
#include "kernel/lib/restart.h"
#include "kernel/lib/string.h"
#include "kernel/sched/timer.h"

#define LINE_MAX   256
#define RECHECK_NS 100000000ull /* lines also come where nobody can be woken */

/* The line of the log at *position: its length without the newline, 0: none yet. */
static size_t line_read(uint64_t *position, char *line)
{
	uint64_t at = *position;
	size_t n = log_read(&at, line, LINE_MAX);
	const char *end = memchr(line, '\n', n);

	if (!end)
		return 0;
	*position = at - n + (uint64_t)(end - line) + 1;
	return (size_t)(end - line);
}

static int64_t kmsg_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	char line[LINE_MAX], record[LINE_MAX + 48];
	size_t n;
	int length;

	while (!(n = line_read(position, line))) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		if (timer_sleep_until(clock_now() + RECHECK_NS) == -EINTR)
			return -ERESTARTSYS;
	}
	length = print_text(record, sizeof(record), "%d,%lu,%lu,-;%.*s\n", LOG_INFO, *position,
			    clock_now() / 1000, (int)n, line);
	if (b->length < (size_t)length)
		return -EINVAL;
	return buffer_put(b, 0, record, (size_t)length) ? -EFAULT : length;
}

/* A line of a program; "<N>" in front is its level. */
static int64_t kmsg_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	char line[LINE_MAX];
	size_t n = MIN(b->length, sizeof(line) - 1), start = 0;
	enum log_level level = LOG_INFO;

	if (buffer_get(b, 0, line, n))
		return -EFAULT;
	if (n >= 3 && line[0] == '<' && line[1] >= '0' && line[1] <= '7' && line[2] == '>') {
		level = line[1] - '0' <= LOG_ERROR ? LOG_ERROR : (enum log_level)(line[1] - '0');
		start = 3;
	}
	while (n > start && line[n - 1] == '\n')
		n--;
	for (size_t i = start; i < n; i++)
		line[i] = line[i] >= 0x20 && line[i] < 0x7f ? line[i] : ' ';
	log_line(level, "%.*s", (int)(n - start), line + start);
	return (int64_t)b->length;
}

static int64_t kmsg_seek(struct file *f, int64_t offset, int whence)
{
	char skipped[64];
	uint64_t end = 0;

	if (offset)
		return -ESPIPE;
	if (whence == SEEK_SET || whence == SEEK_DATA)
		return 0;
	if (whence != SEEK_END)
		return -EINVAL;
	while (log_read(&end, skipped, sizeof(skipped)))
		;
	return (int64_t)end;
}

static unsigned kmsg_poll(struct file *f, struct poll *poll)
{
	char byte;
	uint64_t at = f->position;

	return log_read(&at, &byte, 1) ? POLLIN | POLLRDNORM : 0;
}

static const struct file_ops kmsg_ops = {
	.read = kmsg_read,
	.write = kmsg_write,
	.seek = kmsg_seek,
	.poll = kmsg_poll,
};

void kmsg_init(void)
{
	static struct device device = {
		.name = "kmsg", .number = 1 << 8 | 11, .mode = 0644, .ops = &kmsg_ops
	};

	device_add(&device);
}
