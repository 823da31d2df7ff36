/* The mounts as text: /proc/mounts and /proc/PID/mountinfo, proc(5). */
#include <linux/errno.h>
#include <linux/mount.h>

#include "kernel/fs/dentry.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/walk.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define ESCAPED " \t\n\\" /* what would end a field */

static void options_add(struct text *out, unsigned long flags)
{
	static const struct {
		unsigned long flag;
		const char *text;
	} names[] = {
		{ MS_NOSUID, ",nosuid" },         { MS_NODEV, ",nodev" },
		{ MS_NOEXEC, ",noexec" },         { MS_NOATIME, ",noatime" },
		{ MS_NODIRATIME, ",nodiratime" },
	};

	text_add(out, "%s", flags & MS_RDONLY ? "ro" : "rw");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (flags & names[i].flag)
			text_add(out, "%s", names[i].text);
	}
	if (!(flags & MS_NOATIME))
		text_add(out, ",relatime");
}

/* Where m is seen from root, in to; false if it is not. */
static bool place_of(struct mount *m, const struct path *root, char *to)
{
	struct path p = { m, m->root };

	return path_name(&p, root, to, PATH_BYTES_MAX) > 0 && to[0] == '/';
}

static void line_add(struct text *out, struct mount *m, const char *place)
{
	text_escaped(out, m->source, ESCAPED);
	text_add(out, " ");
	text_escaped(out, place, ESCAPED);
	text_add(out, " %s ", m->super->type);
	options_add(out, m->flags);
	text_add(out, " 0 0\n");
}

/* The directory of its file system that m shows: "/" unless it is a bind mount. */
static void inner_name_add(struct text *out, struct mount *m)
{
	struct mount whole = { .root = m->super->names };
	struct path inner = { &whole, m->root };
	char *name = kmalloc(PATH_BYTES_MAX);

	if (name && path_name(&inner, NULL, name, PATH_BYTES_MAX) > 0)
		text_escaped(out, name, ESCAPED);
	else
		text_add(out, "/");
	kfree(name);
}

static void info_line_add(struct text *out, struct mount *m, const char *place)
{
	uint32_t parent;

	names_lock();
	parent = m->parent ? m->parent->id : m->id - 1;
	names_unlock();
	text_add(out, "%u %u 0:%u ", m->id, parent, (unsigned)m->super->device);
	inner_name_add(out, m);
	text_add(out, " ");
	text_escaped(out, place, ESCAPED);
	text_add(out, " ");
	options_add(out, m->flags);
	text_add(out, " - %s ", m->super->type);
	text_escaped(out, m->source, ESCAPED);
	text_add(out, " rw\n");
}

static void each(struct text *out, const struct path *root,
		 void (*line)(struct text *, struct mount *, const char *))
{
	char *place = kmalloc(PATH_BYTES_MAX);
	struct mount *m;
	uint32_t id = 0;

	if (!place) {
		out->failed = true;
		return;
	}
	while ((m = mount_next(id))) {
		id = m->id;
		if (place_of(m, root, place))
			line(out, m, place);
		mount_put(m);
	}
	kfree(place);
}

void mount_list(struct text *out, const struct path *root)
{
	each(out, root, line_add);
}

void mount_list_info(struct text *out, const struct path *root)
{
	each(out, root, info_line_add);
}
