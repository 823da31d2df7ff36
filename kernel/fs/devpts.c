/* /dev/pts: a node for each pseudo-terminal whose master is open.  There is one
 * instance, wherever it is mounted. */
#include <linux/errno.h>
#include <linux/magic.h>

#include "kernel/fs/device.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/pty_state.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

#define TTY_GROUP    5 /* "tty" on Debian: mount -o gid=5,mode=620 */
#define NUMBER_ROOT  1
#define NUMBER_PTMX  2
#define NUMBER_FIRST 3 /* of pseudo-terminal 0, as Linux */

static struct super *instance;
static struct inode *ptmx;
static const struct inode_ops node_ops;

struct inode *devpts_node(unsigned index)
{
	struct inode *i = inode_create(instance, &node_ops, S_IFCHR | 0620);

	if (!i)
		return NULL;
	i->number = NUMBER_FIRST + index;
	i->device = device_number(PTY_MAJOR, index);
	i->uid = tty_hooks.user();
	i->gid = TTY_GROUP;
	return i;
}

static int root_lookup(struct inode *dir, const char *name, size_t length, struct inode **out)
{
	const char *end;
	uint64_t index;
	struct pty *p;

	if (length == strlen("ptmx") && memcmp(name, "ptmx", length) == 0) {
		inode_get(ptmx);
		*out = ptmx;
		return 0;
	}
	if (!length || name[0] < '0' || name[0] > '9' || (name[0] == '0' && length > 1))
		return -ENOENT;
	index = string_number(name, &end);
	if (end != name + length || index >= PTY_MOST)
		return -ENOENT;
	p = pty_find((unsigned)index);
	if (!p)
		return -ENOENT;
	inode_get(p->node);
	*out = p->node;
	tty_put(p->slave);
	return 0;
}

static int root_list(struct inode *dir, uint64_t *position, struct list_sink *sink)
{
	char name[16];
	int index;

	if (*position <= NUMBER_PTMX) {
		if (!sink->emit(sink, "ptmx", strlen("ptmx"), NUMBER_PTMX, S_IFCHR, NUMBER_FIRST))
			return 0;
		*position = NUMBER_FIRST;
	}
	while (*position < NUMBER_FIRST + PTY_MOST &&
	       (index = pty_next((unsigned)*position - NUMBER_FIRST)) >= 0) {
		uint64_t number = NUMBER_FIRST + (uint64_t)index;
		int length = print_text(name, sizeof(name), "%d", index);

		if (!sink->emit(sink, name, (size_t)length, number, S_IFCHR, number + 1))
			return 0;
		*position = number + 1;
	}
	return 0;
}

static const struct inode_ops root_ops = { .lookup = root_lookup, .list = root_list };

static int devpts_mount(const char *source, const char *options, struct super **out)
{
	ref_get(&instance->refs);
	*out = instance;
	return 0;
}

void devpts_init(void)
{
	static struct file_system type = { .name = "devpts", .mount = devpts_mount };

	instance = super_create("devpts", DEVPTS_SUPER_MAGIC);
	KASSERT(instance);
	instance->uncached = true;
	instance->root = inode_create(instance, &root_ops, S_IFDIR | 0755);
	ptmx = inode_create(instance, &node_ops, S_IFCHR);
	KASSERT(instance->root && ptmx);
	instance->root->number = NUMBER_ROOT;
	instance->root->links = 2;
	ptmx->number = NUMBER_PTMX;
	ptmx->device = device_number(5, 2);
	file_system_add(&type);
}
