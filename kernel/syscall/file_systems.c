/* The old questions about file systems: ustat, sysfs. */
#include <linux/errno.h>

#include "kernel/fs/mount.h"
#include "kernel/lib/string.h"
#include "kernel/mm/user.h"
#include "kernel/syscall/table.h"

#define TYPE_NAME_MAX 64

/* Options of sysfs(2), which no header names. */
enum { SYSFS_INDEX = 1, SYSFS_NAME, SYSFS_COUNT };

/* struct ustat of ustat(2), which no header has any more. */
struct user_ustat {
	int32_t free_blocks;
	uint64_t free_files;
	char name[6], pack[6];
};

int64_t sys_ustat(uint64_t dev, uint64_t ubuf)
{
	struct user_ustat out = { 0 };
	struct super_usage u = { 0 };
	struct mount *m = mount_next(0);
	uint32_t id;

	while (m && m->super->device != (uint32_t)dev) {
		id = m->id;
		mount_put(m);
		m = mount_next(id);
	}
	if (!m)
		return -EINVAL;
	if (m->super->usage)
		m->super->usage(m->super, &u);
	mount_put(m);
	out.free_blocks = (int32_t)u.blocks_free;
	out.free_files = u.files_free;
	return user_copy_out(ubuf, &out, sizeof(out));
}

static int64_t type_index(uint64_t name)
{
	char text[TYPE_NAME_MAX];
	int64_t n = user_string(text, name, sizeof(text));
	const struct file_system *t;

	if (n < 0)
		return n == -ENAMETOOLONG ? -EINVAL : n;
	for (unsigned i = 0; (t = file_system_at(i)); i++) {
		if (strcmp(t->name, text) == 0)
			return i;
	}
	return -EINVAL;
}

int64_t sys_sysfs(uint64_t option, uint64_t arg1, uint64_t arg2)
{
	const struct file_system *t;
	unsigned count = 0;

	switch ((int)option) {
	case SYSFS_INDEX:
		return type_index(arg1);
	case SYSFS_NAME:
		t = file_system_at((unsigned)arg1);
		return t ? user_copy_out(arg2, t->name, strlen(t->name) + 1) : -EINVAL;
	case SYSFS_COUNT:
		while (file_system_at(count))
			count++;
		return count;
	default:
		return -EINVAL;
	}
}
