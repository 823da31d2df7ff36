/* getdents and getdents64: entries of a directory as the program's records. */
#include <linux/errno.h>

#include "kernel/fs/notify.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/trace/trace.h"

#define LIST_BYTES_MAX 32768u /* of one call: more would only be held longer */

/* Records: getdents64 has 19 bytes, the name and a NUL; getdents 18, the name, a
 * NUL and, in the last byte, the type.  Both are padded to 8 bytes. */
struct record64 {
	uint64_t number, next;
	uint16_t length;
	uint8_t type;
	char name[];
} __attribute__((packed));

struct record_old {
	uint64_t number, next;
	uint16_t length;
	char name[];
} __attribute__((packed));

struct listing {
	struct list_sink sink;
	struct file *file;
	char *bytes;
	size_t used, room;
	uint32_t count;
	bool old;
	bool small; /* not even one record fitted */
};

static bool emit(struct list_sink *sink, const char *name, size_t length, uint64_t number,
		 uint32_t mode, uint64_t next)
{
	struct listing *l = container_of(sink, struct listing, sink);
	size_t head = l->old ? sizeof(struct record_old) : sizeof(struct record64);
	size_t size = ALIGN_UP(head + length + 1 + l->old, 8);
	uint8_t type = (uint8_t)((mode & S_IFMT) >> 12); /* DT_ */
	struct record64 *r = (struct record64 *)(l->bytes + l->used);

	if (size > l->room - l->used) {
		l->small = !l->used;
		return false;
	}
	r->number = number;
	r->next = next;
	r->length = (uint16_t)size;
	memcpy((char *)r + head, name, length);
	if (l->old)
		((char *)r)[size - 1] = (char)type;
	else
		r->type = type;
	l->used += size;
	l->count++;
	return true;
}

static int64_t list(uint64_t fd, uint64_t addr, uint64_t count, bool old)
{
	struct listing l = { .sink = { emit }, .old = old };
	int64_t result;

	l.file = caller_file(fd);
	if (!l.file)
		return -EBADF;
	l.room = MIN((size_t)(unsigned)count, (size_t)LIST_BYTES_MAX);
	l.bytes = kmalloc(l.room ? l.room : 1);
	result = l.bytes ? file_list(l.file, &l.sink) : -ENOMEM;
	if (!result && l.small)
		result = -EINVAL;
	if (!result && user_copy_out(addr, l.bytes, l.used))
		result = -EFAULT;
	if (!result) {
		trace_data(1, DATA_COUNT, &l.count, sizeof(l.count));
		notify_path(&l.file->path, IN_ACCESS);
	}
	kfree(l.bytes);
	file_put(l.file);
	return result ? result : (int64_t)l.used;
}

int64_t sys_getdents64(uint64_t fd, uint64_t dirp, uint64_t count)
{
	return list(fd, dirp, count, false);
}

int64_t sys_getdents(uint64_t fd, uint64_t dirp, uint64_t count)
{
	return list(fd, dirp, count, true);
}
