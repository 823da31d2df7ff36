/* The reader of cpio archives, on good ones and on whatever else may come.
 * Include: tests/host/fake_fs.h
 * Sources: kernel/fs/cpio.c */
#include "kernel/fs/cpio.h"

#undef noreturn /* cmocka.h spells the attribute */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/errno.h>

struct archive {
	uint8_t bytes[4096];
	size_t size;
};

static void pad(struct archive *a)
{
	while (a->size % 4)
		a->bytes[a->size++] = 0;
}

static void member(struct archive *a, const char *name, unsigned mode, const char *data)
{
	a->size += (size_t)snprintf((char *)a->bytes + a->size, sizeof(a->bytes) - a->size,
				    "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
				    7u, mode, 1u, 2u, 1u, 1234u, (unsigned)strlen(data), 0u, 0u, 5u,
				    9u, (unsigned)strlen(name) + 1, 0u);
	memcpy(a->bytes + a->size, name, strlen(name) + 1);
	a->size += strlen(name) + 1;
	pad(a);
	memcpy(a->bytes + a->size, data, strlen(data));
	a->size += strlen(data);
	pad(a);
}

static void sample(struct archive *a)
{
	a->size = 0;
	member(a, ".", 040755, "");
	member(a, "./bin/sh", 0100755, "the shell");
	member(a, "/dev/console", 020600, "");
	member(a, "TRAILER!!!", 0, "");
}

static void test_good(void **state)
{
	struct archive a;
	struct cpio_member m;
	size_t at = 0;

	(void)state;
	sample(&a);
	assert_true(cpio_more(a.bytes, a.size, &at));
	assert_int_equal(cpio_next(a.bytes, a.size, &at, &m), 1);
	assert_string_equal(m.name, "");
	assert_int_equal(cpio_next(a.bytes, a.size, &at, &m), 1);
	assert_string_equal(m.name, "bin/sh");
	assert_int_equal(m.mode, 0100755);
	assert_int_equal(m.uid, 1);
	assert_int_equal(m.gid, 2);
	assert_int_equal(m.mtime, 1234);
	assert_int_equal(m.size, 9);
	assert_memory_equal(m.data, "the shell", 9);
	assert_int_equal(cpio_next(a.bytes, a.size, &at, &m), 1);
	assert_string_equal(m.name, "dev/console");
	assert_int_equal(m.device_major, 5);
	assert_int_equal(m.device_minor, 9);
	assert_int_equal(cpio_next(a.bytes, a.size, &at, &m), 0);
	assert_false(cpio_more(a.bytes, a.size, &at));
}

/* Two archives with zeros between them and behind. */
static void test_joined(void **state)
{
	struct archive a, b;
	struct cpio_member m;
	size_t at = 0;
	int members = 0, more;

	(void)state;
	sample(&a);
	sample(&b);
	memset(a.bytes + a.size, 0, 512);
	memcpy(a.bytes + a.size + 512, b.bytes, b.size);
	a.size += 512 + b.size;
	while (cpio_more(a.bytes, a.size, &at)) {
		while ((more = cpio_next(a.bytes, a.size, &at, &m)) > 0)
			members++;
		assert_int_equal(more, 0);
	}
	assert_int_equal(members, 6);
}

/* All members of size bytes at an address of their own, so that ASan sees what is
 * read beyond; the result of the last. */
static int read_all(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	struct cpio_member m;
	size_t at = 0;
	uint8_t sum = 0;
	int more;

	memcpy(copy, bytes, size);
	while ((more = cpio_next(copy, size, &at, &m)) > 0) {
		assert_true(at >= 110);
		for (uint32_t i = 0; i < m.size; i++)
			sum ^= m.data[i];
		sum ^= (uint8_t)strlen(m.name);
	}
	free(copy);
	return sum == 255 && more > 0 ? 1 : more;
}

static void test_cut(void **state)
{
	struct archive a;

	(void)state;
	sample(&a);
	for (size_t size = 0; size < a.size - 4; size++)
		assert_int_equal(read_all(a.bytes, size), -EINVAL);
	assert_int_equal(read_all(a.bytes, a.size), 0);
}

static void test_damaged(void **state)
{
	struct archive a;

	(void)state;
	srand(1);
	for (unsigned step = 0; step < 20000; step++) {
		sample(&a);
		for (unsigned n = 1 + (unsigned)rand() % 4; n; n--)
			a.bytes[(size_t)rand() % a.size] =
				(uint8_t) "0123456789abcdefF/.\0x"[rand() % 20];
		read_all(a.bytes, a.size);
	}
}

/* Sizes that would wrap. */
static void test_huge(void **state)
{
	static const size_t fields[] = { 6 + 8 * 6, 6 + 8 * 11 }; /* data, name */

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		struct archive a;

		sample(&a);
		memcpy(a.bytes + fields[i], "ffffffff", 8);
		assert_int_equal(read_all(a.bytes, a.size), -EINVAL);
		memcpy(a.bytes + fields[i], "fffffffc", 8);
		assert_int_equal(read_all(a.bytes, a.size), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_joined),
		cmocka_unit_test(test_cut),  cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_huge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
