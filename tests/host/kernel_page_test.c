/* The page allocator: zeroed, disjoint, aligned, counted, joined again when freed.
 * Include: tests/host/fake_arch.h
 * Sources: tests/host/fake_arch.c kernel/mm/page.c */
#include "kernel/mm/page.h"

#undef noreturn /* cmocka.h spells the attribute */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FRAMES (FAKE_RAM_SIZE / PAGE_SIZE)

static struct page *held[FRAMES];

static bool is_zero(const struct page *p, size_t bytes)
{
	const char *data = page_data(p);

	return data[0] == 0 && !memcmp(data, data + 1, bytes - 1);
}

static void test_boot(void **state)
{
	/* 0x3000 and what does not fill a page at the end of the first range, the array. */
	uint64_t ram = ((7 << 20) - 0x1000 + (16 << 20) - 0x5000 + 0x1000) / PAGE_SIZE;

	fake_memory();
	assert_in_range(page_count_total(), ram - 40, ram);
	assert_int_equal(page_count_free(), page_count_total());
	assert_null(page_of((phys_t){ 0 }));
	assert_null(page_of((phys_t){ FAKE_RAM + (7 << 20) + 0x8000 }));
	assert_null(page_of((phys_t){ FAKE_RAM + FAKE_RAM_SIZE }));
	assert_non_null(page_of((phys_t){ FAKE_RAM + (9 << 20) }));
}

static void test_one(void **state)
{
	uint64_t free_before = page_count_free();
	struct page *p = page_alloc();

	assert_non_null(p);
	assert_true(is_zero(p, PAGE_SIZE));
	assert_ptr_equal(page_of(page_phys(p)), p);
	assert_int_equal(page_count_free(), free_before - 1);
	memset(page_data(p), 0xff, PAGE_SIZE);
	page_get(p);
	page_put(p);
	assert_int_equal(page_count_free(), free_before - 1);
	page_put(p);
	assert_int_equal(page_count_free(), free_before);
}

static void test_all(void **state)
{
	uint64_t total = page_count_free();
	unsigned n = 0;

	while ((held[n] = page_alloc())) {
		assert_true(is_zero(held[n], PAGE_SIZE));
		*(unsigned *)page_data(held[n]) = n;
		n++;
	}
	assert_int_equal(n, total);
	assert_int_equal(page_count_free(), 0);
	assert_null(page_alloc_order(1));
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(*(unsigned *)page_data(held[i]), i);
		page_put(held[i]);
	}
	assert_int_equal(page_count_free(), total);
}

/* After all that the largest blocks are there again, but for the frames that the
 * CPU's stack keeps. */
static void test_orders(void **state)
{
	uint64_t free_before = page_count_free();

	for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++) {
		struct page *p = page_alloc_order(order);

		assert_non_null(p);
		assert_int_equal(page_phys(p).raw & ((PAGE_SIZE << order) - 1), 0);
		assert_true(is_zero(p, PAGE_SIZE << order));
		memset(page_data(p), 0xee, PAGE_SIZE << order);
		assert_int_equal(page_count_free(), free_before - (1ull << order));
		page_put(p);
		assert_int_equal(page_count_free(), free_before);
	}
}

/* Blocks of all sizes come and go on several CPUs; none overlaps another. */
static void test_random(void **state)
{
	static uint8_t owned[FRAMES];
	uint64_t free_before = page_count_free();

	srand(1);
	memset(held, 0, sizeof(held));
	for (unsigned step = 0; step < 20000; step++) {
		unsigned slot = (unsigned)rand() % 500, order = (unsigned)rand() % 5;
		struct page *p = held[slot];
		uint64_t first;

		fake_cpu = (unsigned)rand() % 4;
		if (!p) {
			p = held[slot] = page_alloc_order(rand() % 2 ? order : 0);
			if (!p)
				continue;
			first = (page_phys(p).raw - FAKE_RAM) / PAGE_SIZE;
			for (unsigned i = 0; i < 1u << p->order; i++)
				assert_int_equal(owned[first + i]++, 0);
			continue;
		}
		first = (page_phys(p).raw - FAKE_RAM) / PAGE_SIZE;
		for (unsigned i = 0; i < 1u << p->order; i++)
			owned[first + i]--;
		page_put(p);
		held[slot] = NULL;
	}
	for (unsigned i = 0; i < 500; i++)
		if (held[i])
			page_put(held[i]);
	fake_cpu = 0;
	assert_int_equal(page_count_free(), free_before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boot),   cmocka_unit_test(test_one),
		cmocka_unit_test(test_all),    cmocka_unit_test(test_orders),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
