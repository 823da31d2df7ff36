/* Names: walking, making, renaming, mounts.
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
#include "kernel/fs/tmpfs.h"
#include "tests/host/path_calls.h"

#undef noreturn /* cmocka.h spells the attribute */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/mount.h>

static struct credentials other = { .fsuid = 1000, .fsgid = 1000 };

static void test_walk(void **state)
{
	(void)state;
	assert_int_equal(make_directory("/a"), 0);
	assert_int_equal(make_directory("/a/b/"), 0);
	assert_int_equal(make_file("/a/b/f"), 0);
	assert_int_equal(make_file("/a/b/f"), -EEXIST);
	assert_int_equal(make_file("/a/g/"), -ENOENT);
	assert_int_equal(make_directory("/a/."), -EEXIST);
	assert_int_equal(make_directory("/"), -EEXIST);
	assert_string_equal(where("/a//b/./../b/f"), "/a/b/f");
	assert_string_equal(where("/../../a"), "/a");
	assert_string_equal(where("a/b/.."), "/a");
	assert_string_equal(where("/"), "/");
	assert_int_equal(look_up("", true), -ENOENT);
	assert_int_equal(look_up("/a/x", true), -ENOENT);
	assert_int_equal(look_up("/a/x", true), -ENOENT);
	assert_int_equal(look_up("/a/x/y", true), -ENOENT);
	assert_int_equal(look_up("/a/b/f/", true), -ENOTDIR);
	assert_int_equal(look_up("/a/b/f/g", true), -ENOTDIR);
	assert_int_equal(look_up("/a/b/f/..", true), -ENOTDIR);
	assert_int_equal(remove_name("/a/b", true), -ENOTEMPTY);
	assert_int_equal(remove_name("/a/b", false), -EISDIR);
	assert_int_equal(remove_name("/a/b/f", true), -ENOTDIR);
	assert_int_equal(remove_name("/a/b/.", true), -EINVAL);
	assert_int_equal(remove_name("/a/b/..", true), -ENOTEMPTY);
	assert_int_equal(remove_name("/", true), -EBUSY);
	assert_int_equal(remove_name("/a/b/f", false), 0);
	assert_int_equal(remove_name("/a/b", true), 0);
	assert_int_equal(remove_name("/a", true), 0);
	assert_int_equal(remove_name("/a", true), -ENOENT);
}

static void test_long(void **state)
{
	static char name[8192];

	(void)state;
	memset(name, 'n', 256);
	assert_int_equal(make_file(name), -ENAMETOOLONG);
	name[255] = 0;
	assert_int_equal(make_file(name), 0);
	assert_int_equal(remove_name(name, false), 0);
	memset(name, '/', 4095);
	name[4095] = 0;
	assert_string_equal(where(name), "/");
	name[4095] = '/';
	assert_int_equal(look_up(name, true), -ENAMETOOLONG);
}

static void test_links(void **state)
{
	char name[32], target[32];

	(void)state;
	assert_int_equal(make_directory("/d"), 0);
	assert_int_equal(make_file("/d/f"), 0);
	assert_int_equal(make_symlink("d", "/l"), 0);
	assert_int_equal(make_symlink("../d/f", "/d/up"), 0);
	assert_int_equal(make_symlink("/nowhere", "/dead"), 0);
	assert_int_equal(make_symlink("self", "/self"), 0);
	assert_int_equal(make_symlink("", "/none"), -ENOENT);
	assert_string_equal(where("/l/f"), "/d/f");
	assert_string_equal(where("/l/up"), "/d/f");
	assert_string_equal(where("/l/"), "/d");
	assert_int_equal(look_up("/l", false), 0);
	assert_int_equal(look_up("/dead", true), -ENOENT);
	assert_int_equal(look_up("/dead", false), 0);
	assert_int_equal(look_up("/self", true), -ELOOP);
	assert_int_equal(open_name("/dead", O_WRONLY | O_CREAT), 0);
	assert_int_equal(look_up("/nowhere", true), 0);
	assert_int_equal(open_name("/dead", O_WRONLY | O_CREAT | O_EXCL), -EEXIST);
	assert_int_equal(open_name("/dead", O_RDONLY | O_NOFOLLOW), -ELOOP);
	assert_int_equal(remove_name("/l/", true), -ENOTDIR);
	assert_int_equal(make_file("/chain0"), 0);
	for (int i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "/chain%d", i);
		snprintf(target, sizeof(target), "chain%d", i - 1);
		assert_int_equal(make_symlink(target, name), 0);
		assert_int_equal(look_up(name, true), i <= 40 ? 0 : -ELOOP);
	}
	for (int i = 0; i <= 41; i++) {
		snprintf(name, sizeof(name), "/chain%d", i);
		assert_int_equal(remove_name(name, false), 0);
	}
	for (const char **p =
		     (const char *[]){ "/d/f", "/d/up", "/l", "/dead", "/self", "/nowhere", NULL };
	     *p; p++)
		assert_int_equal(remove_name(*p, false), 0);
	assert_int_equal(remove_name("/d", true), 0);
}

static void test_open(void **state)
{
	(void)state;
	assert_int_equal(make_directory("/d"), 0);
	assert_int_equal(open_name("/d", O_RDONLY), 0);
	assert_int_equal(open_name("/d", O_WRONLY), -EISDIR);
	assert_int_equal(open_name("/d", O_RDONLY | O_CREAT), -EISDIR);
	assert_int_equal(open_name("/d/", O_RDONLY | O_CREAT), -EISDIR);
	assert_int_equal(open_name("/d/f/", O_RDONLY | O_CREAT), -EISDIR);
	assert_int_equal(open_name("/d/f", O_RDONLY), -ENOENT);
	assert_int_equal(open_name("/d/f", O_RDONLY | O_CREAT), 0);
	assert_int_equal(open_name("/d/f", O_RDONLY | O_DIRECTORY), -ENOTDIR);
	assert_int_equal(open_name("/d/f", O_RDWR | O_CREAT | O_EXCL), -EEXIST);
	assert_int_equal(remove_name("/d/f", false), 0);
	assert_int_equal(remove_name("/d", true), 0);
}

static void test_rename(void **state)
{
	(void)state;
	assert_int_equal(make_directory("/a"), 0);
	assert_int_equal(make_directory("/a/b"), 0);
	assert_int_equal(make_directory("/c"), 0);
	assert_int_equal(make_file("/f"), 0);
	assert_int_equal(make_file("/c/g"), 0);
	assert_int_equal(rename_name("/a", "/a/b/x", 0), -EINVAL);
	assert_int_equal(rename_name("/a", "/a", 0), 0);
	assert_int_equal(rename_name("/a/b", "/a", 0), -ENOTEMPTY);
	assert_int_equal(rename_name("/a", "/c", 0), -ENOTEMPTY);
	assert_int_equal(rename_name("/f", "/c", 0), -EISDIR);
	assert_int_equal(rename_name("/a", "/f", 0), -ENOTDIR);
	assert_int_equal(rename_name("/f", "/h/", 0), -ENOTDIR);
	assert_int_equal(rename_name("/f/", "/h", 0), -ENOTDIR);
	assert_int_equal(rename_name("/no", "/h", 0), -ENOENT);
	assert_int_equal(rename_name("/a/.", "/h", 0), -EBUSY);
	assert_int_equal(rename_name("/f", "/c/g", RENAME_NOREPLACE), -EEXIST);
	assert_int_equal(rename_name("/f", "/h", RENAME_EXCHANGE), -ENOENT);
	assert_int_equal(rename_name("/a", "/c/g", RENAME_EXCHANGE), 0);
	assert_string_equal(where("/c/g/b"), "/c/g/b");
	assert_int_equal(open_name("/a", O_RDONLY | O_DIRECTORY), -ENOTDIR);
	assert_int_equal(rename_name("/c/g", "/a", RENAME_EXCHANGE), 0);
	assert_int_equal(rename_name("/f", "/c/g", 0), 0);
	assert_int_equal(look_up("/f", true), -ENOENT);
	assert_int_equal(rename_name("/a/b", "/c/b", 0), 0);
	assert_string_equal(where("/c/b/.."), "/c");
	assert_int_equal(link_name("/c/g", "/f"), 0);
	assert_int_equal(rename_name("/f", "/c/g", 0), 0); /* one file: nothing happens */
	assert_int_equal(look_up("/f", true), 0);
	assert_int_equal(link_name("/a", "/h"), -EPERM);
	assert_int_equal(remove_name("/f", false), 0);
	assert_int_equal(remove_name("/c/g", false), 0);
	assert_int_equal(remove_name("/c/b", true), 0);
	assert_int_equal(remove_name("/c", true), 0);
	assert_int_equal(remove_name("/a", true), 0);
}

static void test_permissions(void **state)
{
	struct lookup l = asked(true);
	struct path p;

	(void)state;
	assert_int_equal(make_directory("/t"), 0);
	assert_int_equal(make_file("/t/f"), 0);
	l.credentials = &other;
	assert_int_equal(path_unlink(&l, "/t/f", false), -EACCES);
	assert_int_equal(path_make(&l, "/t/g", S_IFREG | 0644, 0), -EACCES);
	assert_int_equal(path_make(&l, "/t/n", S_IFCHR | 0644, 0x103), -EPERM);
	assert_int_equal(path_lookup(&l, "/t", &p), 0);
	path_inode(&p)->mode = S_IFDIR | 01777;
	assert_int_equal(path_unlink(&l, "/t/f", false), -EPERM);
	assert_int_equal(path_make(&l, "/t/g", S_IFREG | 0644, 0), 0);
	assert_int_equal(path_unlink(&l, "/t/g", false), 0);
	path_inode(&p)->mode = S_IFDIR | 0700;
	assert_int_equal(look_up("/t/f", true), 0);
	path_put(&p);
	assert_int_equal(path_lookup(&l, "/t/f", &p), -EACCES);
	assert_int_equal(remove_name("/t/f", false), 0);
	assert_int_equal(remove_name("/t", true), 0);
}

static void test_mounts(void **state)
{
	struct lookup l = asked(true);
	struct path at, inside, top;
	struct text list = { 0 };
	char text[64];
	struct super *s;

	(void)state;
	assert_int_equal(make_directory("/m"), 0);
	assert_int_equal(make_file("/m/under"), 0);
	assert_int_equal(path_lookup(&l, "/m", &at), 0);
	assert_int_equal(tmpfs_create("tmpfs", "mode=700,size=1m", &s), 0);
	assert_int_equal(mount_add(&at, s, "a b", MS_NOSUID), 0);
	super_put(s);
	assert_int_equal(look_up("/m/under", true), -ENOENT);
	assert_int_equal(make_directory("/m/in"), 0);
	assert_string_equal(where("/m/in/../.."), "/");
	assert_string_equal(where("/m/in"), "/m/in");
	assert_int_equal(rename_name("/m/in", "/out", 0), -EXDEV);
	assert_int_equal(remove_name("/m", true), -EBUSY);
	mount_root(&top);
	mount_list(&list, &top);
	text_bytes(&list, "", 1);
	assert_non_null(strstr(list.bytes, "a\\040b /m tmpfs rw,nosuid,relatime 0 0\n"));
	text_free(&list);
	path_put(&top);
	assert_int_equal(path_lookup(&l, "/m/in", &inside), 0);
	fs_context_set_root(context, &inside);
	assert_string_equal(where("/.."), "/m/in");
	assert_int_equal(path_name(&at, &inside, text, sizeof(text)), sizeof("(unreachable)/m"));
	mount_root(&top);
	fs_context_set_root(context, &top);
	path_put(&top);
	path_put(&at);
	assert_int_equal(path_lookup(&l, "/m", &at), 0);
	assert_int_equal(mount_remove(&inside, false), -EINVAL);
	assert_int_equal(mount_remove(&at, false), -EBUSY);
	path_put(&inside);
	assert_int_equal(mount_remove(&at, false), 0);
	path_put(&at);
	assert_int_equal(look_up("/m/under", true), 0);
	assert_int_equal(remove_name("/m/under", false), 0);
	assert_int_equal(remove_name("/m", true), 0);
}

static void test_deleted(void **state)
{
	struct lookup l = asked(true);
	struct path p;
	char text[64];

	(void)state;
	assert_int_equal(make_directory("/gone"), 0);
	assert_int_equal(path_lookup(&l, "/gone", &p), 0);
	fs_context_set_cwd(context, &p);
	assert_int_equal(look_up("unknown", true), -ENOENT);
	assert_int_equal(remove_name("/gone", true), 0);
	assert_true(path_deleted(&p));
	assert_true(path_name(&p, NULL, text, sizeof(text)) > 0);
	assert_string_equal(text, "/gone (deleted)");
	assert_int_equal(path_name(&p, NULL, text, 8), -ERANGE);
	assert_int_equal(make_file("new"), -ENOENT);
	assert_string_equal(where(".."), "/");
	path_put(&p);
	mount_root(&p);
	fs_context_set_cwd(context, &p);
	path_put(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_walk, path_start, path_end),
		cmocka_unit_test_setup_teardown(test_long, path_start, path_end),
		cmocka_unit_test_setup_teardown(test_links, path_start, path_end),
		cmocka_unit_test_setup_teardown(test_open, path_start, path_end),
		cmocka_unit_test_setup_teardown(test_rename, path_start, path_end),
		cmocka_unit_test_setup_teardown(test_permissions, path_start, path_end),
		cmocka_unit_test_setup_teardown(test_mounts, path_start, path_end),
		cmocka_unit_test_setup_teardown(test_deleted, path_start, path_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
