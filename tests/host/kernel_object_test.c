/* Object caches, kmalloc, and the sparse index that lives on them.
 * Include: tests/host/fake_arch.h
 * Sources: tests/host/fake_arch.c kernel/lib/print.c
 * Sources: kernel/mm/page.c kernel/mm/object.c kernel/mm/index.c */
#include "kernel/mm/index.h"
#include "kernel/mm/object.h"
#include "kernel/mm/page.h"

#undef noreturn /* cmocka.h spells the attribute */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SLOTS 400

static bool is_filled(const char *p, size_t n, char byte)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != byte)
			return false;
	return true;
}

static void test_start(void **state)
{
	fake_memory();
	object_init();
	index_init();
	assert_int_equal(object_count(), 0);
}

/* Sizes around every class and beyond a page: zeroed, apart, intact, counted. */
static void test_kmalloc(void **state)
{
	char *held[SLOTS] = { 0 };
	size_t sizes[SLOTS];

	srand(2);
	for (unsigned step = 0; step < 40000; step++) {
		unsigned i = (unsigned)rand() % SLOTS;

		fake_cpu = (unsigned)rand() % 3;
		if (held[i]) {
			assert_true(is_filled(held[i], sizes[i], (char)i));
			kfree(held[i]);
			held[i] = NULL;
			continue;
		}
		sizes[i] = (size_t)rand() % (rand() % 8 ? 2100 : 20000);
		held[i] = kmalloc(sizes[i]);
		assert_non_null(held[i]);
		assert_int_equal((uintptr_t)held[i] % 16, 0);
		assert_true(is_filled(held[i], sizes[i], 0));
		memset(held[i], (int)i, sizes[i]);
	}
	for (unsigned i = 0; i < SLOTS; i++)
		kfree(held[i]);
	fake_cpu = 0;
	assert_int_equal(object_count(), 0);
}

static void test_cache(void **state)
{
	struct object_cache *c = object_cache_create("test", 2696, 64);
	uint64_t pages_before = page_count_free(), used, pages;
	void *held[100];
	const char *name;
	unsigned index = 0;
	size_t size;

	for (unsigned i = 0; i < 100; i++) {
		held[i] = object_alloc(c);
		assert_non_null(held[i]);
		assert_int_equal((uintptr_t)held[i] % 64, 0);
	}
	assert_int_equal(object_count(), 100);
	do
		assert_true(object_cache_info(index++, &name, &size, &used, &pages));
	while (strcmp(name, "test") != 0);
	assert_int_equal(used, 100);
	assert_true(pages * PAGE_SIZE >= 100 * 2696);
	for (unsigned i = 0; i < 100; i++)
		object_free(c, held[i]);
	assert_int_equal(object_count(), 0);
	/* A magazine and one empty slab may stay. */
	assert_true(pages_before - page_count_free() <= 24);
}

static void test_no_memory(void **state)
{
	static void *held[FAKE_RAM_SIZE / PAGE_SIZE];
	unsigned n = 0;

	while ((held[n] = kmalloc(PAGE_SIZE)))
		n++;
	assert_null(kmalloc(5000));
	assert_null(kmalloc(SIZE_MAX));
	assert_null(kmalloc((PAGE_SIZE << PAGE_ORDER_MAX) + 1));
	assert_int_equal(object_count(), n);
	while (n-- > 0)
		kfree(held[n]);
	assert_int_equal(object_count(), 0);
}

/* Against a plain array of the places in use. */
static void test_index(void **state)
{
	uint64_t places[300], at;
	bool there[300] = { 0 };
	struct index x = { 0 };
	unsigned count = 0;

	srand(3);
	for (unsigned i = 0; i < 300; i++)
		places[i] = i < 100 ? i * 3
				    : ((uint64_t)rand() << 33 ^ (uint64_t)rand() << 7) >> (i % 60);
	for (unsigned step = 0; step < 20000; step++) {
		unsigned i = (unsigned)rand() % 300;
		void *found = index_find(&x, places[i]);

		if (found && !there[i]) /* two slots drew one place */
			continue;
		assert_ptr_equal(found, there[i] ? &places[i] : NULL);
		if (there[i])
			assert_ptr_equal(index_remove(&x, places[i]), &places[i]);
		else
			assert_true(index_insert(&x, places[i], &places[i]));
		there[i] = !there[i];
		count += there[i] ? 1 : -1u;
	}
	for (at = 0; index_next(&x, &at); count--)
		assert_int_equal(*(uint64_t *)index_remove(&x, at), at);
	assert_int_equal(count, 0);
	assert_null(x.root);
	assert_null(index_remove(&x, 5));
	assert_int_equal(object_count(), 0);
}

/* Running out in the middle of an insertion leaves nothing behind. */
static void test_index_no_memory(void **state)
{
	static void *held[FAKE_RAM_SIZE / PAGE_SIZE];
	struct index x = { 0 };
	uint64_t inserted = 0, at = 0;
	unsigned n = 0;

	while ((held[n] = kmalloc(PAGE_SIZE)))
		n++;
	while (index_insert(&x, inserted << 40 | inserted << 20, &x))
		inserted++;
	while (n-- > 0)
		kfree(held[n]);
	for (; index_next(&x, &at); inserted--)
		index_remove(&x, at);
	assert_int_equal(inserted, 0);
	assert_int_equal(object_count(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start), cmocka_unit_test(test_kmalloc),
		cmocka_unit_test(test_cache), cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_index), cmocka_unit_test(test_index_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
