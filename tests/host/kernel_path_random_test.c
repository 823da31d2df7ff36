/* Random calls with names, with memory running out now and then, after which the tree must
 * be whole and nothing lost.
 * Include: tests/host/fake_fs.h
 * Sources: tests/host/fake_fs.c tests/host/path_calls.c kernel/lib/print.c
 * Sources: kernel/fs/walk.c kernel/fs/path.c kernel/fs/dentry.c kernel/fs/names.c
 * Sources: kernel/fs/rename.c kernel/fs/mount.c kernel/fs/tmpfs.c kernel/fs/tmpfs_names.c
 * Sources: kernel/fs/inode.c kernel/fs/credentials.c kernel/fs/open.c kernel/fs/file.c
 * Sources: kernel/fs/regular.c kernel/fs/seals.c kernel/fs/buffer.c kernel/fs/directory.c
 * Sources: kernel/fs/device.c kernel/fs/lock.c kernel/fs/pipe.c kernel/fs/pipe_open.c
 * Sources: kernel/fs/anonymous.c kernel/fs/text.c kernel/fs/mount_list.c kernel/fs/xattr.c
 * Sources: kernel/fs/size_limit.c */
#include "kernel/fs/dentry.h"
#include "kernel/fs/file.h"
#include "kernel/fs/mount.h"
#include "tests/host/path_calls.h"

#undef noreturn /* cmocka.h spells the attribute */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <linux/errno.h>
#include <linux/fs.h>

static const char *random_name(void)
{
	static char names[2][128];
	static unsigned turn;
	char *name = names[++turn % 2];
	int depth = rand() % 3 + 1, n = 0;

	for (int i = 0; i < depth; i++)
		n += snprintf(name + n, sizeof(names[0]) - (size_t)n, "/%s",
			      (const char *[]){ "a", "b", "c", ".", "..",
						"long-name-of-more-than-32-bytes-x" }
				      [rand() % 12 < 9 ? rand() % 3 : rand() % 6]);
	if (rand() % 20 == 0)
		snprintf(name + n, sizeof(names[0]) - (size_t)n, "/");
	return name;
}

static void random_call(void)
{
	static const unsigned flags[] = { 0, 0, 0, RENAME_NOREPLACE, RENAME_EXCHANGE };
	const char *name = random_name();

	switch (rand() % 10) {
	case 0:
	case 1:
		make_directory(name);
		break;
	case 2:
		make_file(name);
		break;
	case 3:
		remove_name(name, true);
		break;
	case 4:
		remove_name(name, false);
		break;
	case 5:
	case 6:
		rename_name(name, random_name(), flags[rand() % 5]);
		break;
	case 7:
		link_name(name, random_name());
		break;
	case 8:
		make_symlink(random_name() + rand() % 2, name);
		break;
	case 9:
		open_name(name, O_RDWR | (rand() % 2 ? O_CREAT : 0) | (rand() % 4 ? 0 : O_TRUNC));
		break;
	}
	if (rand() % 100 == 0)
		dentry_shrink((unsigned)rand() % 10);
}

/* A listing, and for each name what it stands for. */
struct names {
	struct list_sink sink;
	unsigned count;
	char name[64][64];
};

static bool emit(struct list_sink *sink, const char *name, size_t length, uint64_t number,
		 uint32_t mode, uint64_t next)
{
	struct names *n = container_of(sink, struct names, sink);

	(void)number;
	(void)mode;
	(void)next;
	if (length > 2 || name[0] != '.')
		snprintf(n->name[n->count++], 64, "%.*s", (int)length, name);
	return n->count < 64;
}

/* Check the directory at base and all below, or remove all below. */
static void tree_visit(const struct path *base, bool clear)
{
	struct lookup l = asked(false);
	struct names *n = calloc(1, sizeof(*n));
	unsigned directories = 0;
	struct file *f;

	l.base = base;
	n->sink.emit = emit;
	assert_int_equal(file_open(base, O_RDONLY, &f), 0);
	assert_int_equal(file_list(f, &n->sink), 0);
	for (unsigned i = 0; i < n->count; i++) {
		struct path p;
		bool directory;

		assert_int_equal(path_lookup(&l, n->name[i], &p), 0);
		directory = S_ISDIR(path_inode(&p)->mode);
		assert_true(path_inode(&p)->links > 0);
		directories += directory;
		if (directory)
			tree_visit(&p, clear);
		path_put(&p);
		if (clear)
			assert_int_equal(path_unlink(&l, n->name[i], directory), 0);
	}
	if (!clear)
		assert_int_equal(f->inode->links, 2 + directories);
	file_put(f);
	free(n);
}

static void test_random(void **state)
{
	struct path top;

	(void)state;
	mount_root(&top);
	srand(4);
	for (unsigned step = 0; step < 60000; step++) {
		if (step % 3 == 0)
			fake_fail_in = (unsigned)rand() % 12 + 1;
		random_call();
		fake_fail_in = 0;
		if (step % 500 == 0)
			tree_visit(&top, false);
	}
	tree_visit(&top, true);
	path_put(&top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random, path_start, path_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
