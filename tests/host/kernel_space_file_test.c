/* Files in address spaces: private and shared mappings, what a read maps around it, files
 * that grow, shrink and cannot be read.
 * Include: tests/host/fake_arch.h
 * Sources: tests/host/fake_arch.c tests/host/space_program.c kernel/lib/print.c kernel/mm/page.c
 * Sources: kernel/mm/object.c kernel/mm/index.c kernel/mm/pages.c kernel/mm/region.c
 * Sources: kernel/mm/table.c kernel/mm/tlb.c kernel/mm/change.c kernel/mm/space.c
 * Sources: kernel/mm/space_clone.c kernel/mm/space_copy.c kernel/mm/space_fault.c
 * Sources: kernel/mm/space_map.c kernel/mm/space_protect.c kernel/mm/space_remap.c
 * Sources: kernel/mm/space_truncate.c kernel/mm/space_limits.c kernel/mm/space_advise.c
 * Sources: kernel/mm/reclaim.c */
#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/arch/x86_64/frame.h"
#include "tests/host/space_program.h"

#undef noreturn /* cmocka.h spells the attribute */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static char file_name[] = "/bin/thing";
static unsigned file_refs, file_fills;

static int file_fill(void *owner, uint64_t index, struct page *p)
{
	file_fills++;
	memset(page_data(p), (int)(index + 1), PAGE_SIZE);
	return index == 7 ? -EIO : 0;
}

static void file_get(void *file)
{
	file_refs++;
}

static void file_put(void *file)
{
	file_refs--;
}

static void file_path(void *file, char *to, size_t size)
{
	string_copy(to, size, file);
}

static const struct pages_source file_source = { .fill = file_fill };

static struct map_file file_make(uint64_t size)
{
	return (struct map_file){
		.pages = pages_create(&file_source, NULL, size),
		.file = file_name,
		.get = file_get,
		.put = file_put,
		.path = file_path,
	};
}

static int after(void **state)
{
	return file_refs ? -1 : space_after(state);
}

static void test_file(void **state)
{
	struct map_file file = file_make(3 * PAGE_SIZE + 100);
	struct space *s = space_create(), *other = space_create();
	struct region_info info;
	int cause;

	file_fills = 0;
	run_on(0, s);
	assert_int_equal(space_map(s, P(0), 5 * PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, &file, 0),
			 -EACCES);
	file.may_write = true;
	space_map(s, P(0), 5 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_FIXED, &file, 0);
	space_map(s, P(8), 2 * PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, &file, PAGE_SIZE);
	assert_int_equal(get(s, P(1)), 2);
	assert_int_equal(get(s, P(8)), 2);
	assert_int_equal(file_fills, 1);
	assert_int_equal(put(s, P(8), 50), 0);
	assert_int_equal(get(s, P(1)), 50); /* not copied yet */
	assert_non_null(touch(s, P(1), PF_WRITE, &cause));
	assert_int_equal(cause, FAULT_COW);
	assert_int_equal(put(s, P(1), 60), 0);
	assert_int_equal(get(s, P(8)), 50);
	assert_int_equal(get(s, P(3) + 50), 4);
	assert_int_equal(get(s, P(4)), -FAULT_BUS);
	assert_true(space_region(s, P(0), &info));
	assert_string_equal(info.path, file_name);
	assert_int_equal(file_refs, 2);

	run_on(1, other);
	space_map(other, P(0), 4 * PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, &file, 0);
	assert_int_equal(get(other, P(2)), 3);
	assert_int_equal(space_protect(other, P(0), PAGE_SIZE, RW), 0);
	pages_resize(file.pages, PAGE_SIZE + 10);
	assert_int_equal(get(other, P(2)), -FAULT_BUS);
	assert_int_equal(get(other, P(1) + 9), 2);
	assert_int_equal(get(other, P(1) + 10), 0);
	run_on(0, s);
	assert_int_equal(get(s, P(3)), -FAULT_BUS);
	assert_int_equal(get(s, P(1)), 60); /* its own copy */
	pages_resize(file.pages, 100 * PAGE_SIZE);
	space_map(s, P(20), PAGE_SIZE, RW, MAP_PRIVATE | MAP_FIXED, &file, 7 * PAGE_SIZE);
	assert_int_equal(get(s, P(20)), -FAULT_BUS); /* a read error */
	space_put(s);
	run_on(1, NULL);
	space_put(other);
	pages_put(file.pages);
}

/* A read maps what the file has in memory around it: within the region, the file
 * and the 16 pages, and no more than for reading. */
static void test_around(void **state)
{
	struct space *s = space_create();
	struct map_file file = file_make(20 * PAGE_SIZE + 100);
	struct space_usage usage;
	int error;

	file.may_write = true;
	run_on(0, s);
	for (uint64_t i = 8; i < 21; i++)
		page_put(pages_find(file.pages, i, true, &error));
	space_map(s, P(0), 4 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_FIXED, &file, 10 * PAGE_SIZE);
	space_map(s, P(16), 32 * PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, &file, 3 * PAGE_SIZE);
	file_fills = 0;
	assert_int_equal(get(s, P(1)), 12);
	space_usage(s, &usage);
	assert_int_equal(usage.resident, 4);
	assert_int_equal(usage.shared, 4);
	assert_int_equal(put(s, P(2), 1), 0);
	assert_int_equal(get(s, P(3)), 14);
	space_usage(s, &usage);
	assert_int_equal(usage.shared, 3);
	assert_int_equal(get(s, P(24)), 12); /* pages 3 to 7 of the file are not in memory */
	space_usage(s, &usage);
	assert_int_equal(usage.resident, 4 + 11);
	assert_int_equal(get(s, P(33)), 21);
	space_usage(s, &usage);
	assert_int_equal(usage.resident, 4 + 11 + 2);
	assert_int_equal(get(s, P(34)), -FAULT_BUS);
	assert_int_equal(file_fills, 0);
	space_put(s);
	pages_put(file.pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_file, space_before, after),
		cmocka_unit_test_setup_teardown(test_around, space_before, after),
	};

	return cmocka_run_group_tests(tests, space_start, NULL);
}
