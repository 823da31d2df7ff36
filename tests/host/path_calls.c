#include "tests/host/path_calls.h"

#include "kernel/fs/dentry.h"
#include "kernel/fs/file.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/tmpfs.h"

#undef noreturn /* cmocka.h spells the attribute */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct fs_context *context;

static struct credentials root_user = { .effective = CAPABILITIES_ALL };
static unsigned pieces_before;

/* pipe.c asks for it; nobody polls here. */
void poll_add(struct poll *p, struct wait_queue *q)
{
	(void)p;
	(void)q;
}

struct lookup asked(bool follow)
{
	return (struct lookup){ .context = context, .credentials = &root_user, .follow = follow };
}

int make_directory(const char *name)
{
	struct lookup l = asked(false);

	return path_make(&l, name, S_IFDIR | 0755, 0);
}

int make_file(const char *name)
{
	struct lookup l = asked(false);

	return path_make(&l, name, S_IFREG | 0644, 0);
}

int make_symlink(const char *target, const char *name)
{
	struct lookup l = asked(false);

	return path_symlink(&l, name, target);
}

int remove_name(const char *name, bool directory)
{
	struct lookup l = asked(false);

	return path_unlink(&l, name, directory);
}

int rename_name(const char *from, const char *to, unsigned flags)
{
	struct lookup l = asked(false), m = asked(false);

	return path_rename(&l, from, &m, to, flags);
}

int link_name(const char *from, const char *to)
{
	struct lookup l = asked(false);
	struct path p;
	int error = path_lookup(&l, from, &p);

	if (error)
		return error;
	error = path_link(&p, &l, to);
	path_put(&p);
	return error;
}

int look_up(const char *name, bool follow)
{
	struct lookup l = asked(follow);
	struct path p;
	int error = path_lookup(&l, name, &p);

	if (!error)
		path_put(&p);
	return error;
}

const char *where(const char *name)
{
	static char text[4096];
	struct lookup l = asked(true);
	struct path p;
	int error = path_lookup(&l, name, &p);

	if (error) {
		snprintf(text, sizeof(text), "error %d", -error);
		return text;
	}
	assert_true(path_name(&p, NULL, text, sizeof(text)) > 0);
	path_put(&p);
	return text;
}

int open_name(const char *name, uint32_t flags)
{
	struct lookup l = asked(true);
	struct file *f;
	int error = file_open_name(&l, name, flags, 0644, &f);

	if (!error)
		file_put(f);
	return error;
}

int path_start(void **state)
{
	static bool mounted;
	struct super *s;

	(void)state;
	if (!mounted) {
		assert_int_equal(tmpfs_create("tmpfs", "mode=755", &s), 0);
		mount_set_root(s);
		super_put(s);
		mounted = true;
	}
	dentry_shrink(UINT32_MAX);
	pieces_before = fake_pieces;
	context = fs_context_create();
	return context ? 0 : -1;
}

int path_end(void **state)
{
	(void)state;
	fs_context_put(context);
	dentry_shrink(UINT32_MAX);
	assert_int_equal(fake_pieces, pieces_before);
	return 0;
}
