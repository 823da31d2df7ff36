/* Address spaces on a fake machine whose TLBs forget only what they are told to:
 * what programs see after every kind of mapping, on several CPUs, and that nothing
 * leaks.
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
#include <stddef.h>

#include <cmocka.h>

static void test_anonymous(void **state)
{
	struct space *s = space_create();
	uint64_t frame;
	int cause = 0;

	run_on(0, s);
	assert_int_equal(map_at(s, P(0), 4, RW, ANON), P(0));
	assert_non_null(touch(s, P(0), 0, &cause));
	assert_int_equal(cause, FAULT_DEMAND_ZERO);
	assert_int_equal(get(s, P(1)), 0);
	assert_int_equal(put(s, P(1) + 5, 77), 0);
	assert_int_equal(get(s, P(1) + 5), 77);
	assert_int_equal(get(s, P(4)), -FAULT_NO_REGION);
	assert_int_equal(get(s, P(0) - 1), -FAULT_NO_REGION);
	assert_null(touch(s, P(0), PF_FETCH, &cause));
	assert_int_equal(cause, FAULT_PROTECTION);
	assert_int_equal(space_fault(s, USER_END, PF_USER, &frame), FAULT_NO_REGION);

	assert_int_equal(space_unmap(s, P(1), PAGE_SIZE), 0);
	assert_int_equal(get(s, P(1)), -FAULT_NO_REGION);
	assert_int_equal(get(s, P(2)), 0);
	assert_int_equal(space_advise(s, P(2), PAGE_SIZE, MADV_DONTNEED), 0);
	assert_int_equal(map_at(s, P(1), 1, RW, ANON), P(1));
	assert_int_equal(get(s, P(1) + 5), 0);
	space_put(s);
}

static void test_placement(void **state)
{
	struct space *s = space_create();
	struct region_info info;
	int64_t a, b;

	assert_int_equal(space_map_stack(s, USER_END, 0x4000, 8 << 20, false), 0);
	a = space_map(s, 0, 100, RW, ANON, NULL, 0);
	b = space_map(s, 0, PAGE_SIZE, RW, ANON, NULL, 0);
	assert_true(a > 0 && (uint64_t)a < USER_END - (128 << 20));
	assert_int_equal(b, a - (int64_t)PAGE_SIZE);
	assert_true(space_region(s, (uint64_t)b, &info)); /* neighbours alike are one */
	assert_int_equal(info.end - info.start, 2 * PAGE_SIZE);
	assert_int_equal(space_map(s, P(3) + 1, PAGE_SIZE, RW, ANON, NULL, 0), P(4));
	assert_int_equal(space_map(s, 0, 1ull << 45, PROT_NONE, ANON | MAP_NORESERVE, NULL, 0) > 0,
			 1);
	assert_true(space_map(s, 0, PAGE_SIZE, RW, ANON | MAP_32BIT, NULL, 0) < 0x80000000);

	assert_int_equal(space_map(s, P(4), PAGE_SIZE, RW, ANON | MAP_FIXED_NOREPLACE, NULL, 0),
			 -EEXIST);
	assert_int_equal(space_map(s, 0, 0, RW, ANON, NULL, 0), -EINVAL);
	assert_int_equal(space_map(s, 0, PAGE_SIZE, RW, MAP_ANONYMOUS, NULL, 0), -EINVAL);
	assert_int_equal(space_map(s, 1, PAGE_SIZE, RW, ANON | MAP_FIXED, NULL, 0), -EINVAL);
	assert_int_equal(space_map(s, 0, PAGE_SIZE, RW, ANON | MAP_FIXED, NULL, 0), -EPERM);
	assert_int_equal(space_map(s, 0, USER_END, RW, ANON, NULL, 0), -ENOMEM);
	assert_int_equal(space_map(s, 0, -1ull, RW, ANON, NULL, 0), -ENOMEM);
	assert_int_equal(
		space_map(s, USER_END - PAGE_SIZE, 2 * PAGE_SIZE, RW, ANON | MAP_FIXED, NULL, 0),
		-ENOMEM);
	assert_int_equal(space_unmap(s, P(0), 0), -EINVAL);
	assert_int_equal(space_unmap(s, P(0) + 1, 1), -EINVAL);
	assert_int_equal(space_unmap(s, P(0), -1ull), -EINVAL);
	assert_int_equal(space_unmap(s, P(100), PAGE_SIZE), 0);
	space_put(s);
}

static void test_protect(void **state)
{
	struct space *s = space_create();
	struct region_info info;

	run_on(0, s);
	map_at(s, P(0), 8, RW, ANON);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(put(s, P(i), (int)i + 1), 0);
	assert_int_equal(space_protect(s, P(2), 2 * PAGE_SIZE, PROT_READ), 0);
	assert_int_equal(put(s, P(2), 9), -FAULT_PROTECTION);
	assert_int_equal(get(s, P(2)), 3);
	assert_int_equal(space_protect(s, P(3), PAGE_SIZE, PROT_NONE), 0);
	assert_int_equal(get(s, P(3)), -FAULT_PROTECTION);
	assert_int_equal(put(s, P(4), 40), 0);
	assert_true(space_region(s, P(3), &info));
	assert_int_equal(info.start, P(3));
	assert_int_equal(info.end, P(4));
	assert_int_equal(space_protect(s, P(2), 2 * PAGE_SIZE, RW), 0);
	assert_int_equal(get(s, P(3)), 4); /* kept behind PROT_NONE */
	assert_int_equal(put(s, P(3), 5), 0);
	assert_true(space_region(s, P(0), &info)); /* one again */
	assert_int_equal(info.end, P(8));
	assert_int_equal(space_protect(s, P(7), 2 * PAGE_SIZE, PROT_READ), -ENOMEM);
	assert_int_equal(space_protect(s, P(0) + 1, PAGE_SIZE, PROT_READ), -EINVAL);
	assert_int_equal(space_protect(s, P(0), PAGE_SIZE, 0x40), -EINVAL);
	assert_int_equal(space_protect(s, P(0), -1ull, PROT_READ), -ENOMEM);
	space_put(s);
}

static void test_fork(void **state)
{
	struct space *parent = space_create(), *child;
	int cause;

	run_on(0, parent);
	map_at(parent, P(0), 4, RW, ANON);
	map_at(parent, P(4), 1, RW, MAP_SHARED | MAP_ANONYMOUS);
	map_at(parent, P(5), 1, RW, ANON);
	assert_int_equal(space_advise(parent, P(5), PAGE_SIZE, MADV_DONTFORK), 0);
	for (unsigned i = 0; i < 6; i++)
		put(parent, P(i), 10 + (int)i);
	child = space_clone(parent);
	assert_non_null(child);
	assert_int_equal(get(parent, P(0)), 10);
	assert_int_equal(put(parent, P(0), 20), 0); /* copied */
	assert_int_equal(put(parent, P(4), 24), 0);
	run_on(1, child);
	assert_int_equal(get(child, P(0)), 10);
	assert_int_equal(get(child, P(4)), 24);
	assert_int_equal(get(child, P(5)), -FAULT_NO_REGION);
	assert_non_null(touch(child, P(0), PF_WRITE, &cause));
	assert_int_equal(cause, FAULT_COW_REUSE);
	assert_non_null(touch(child, P(1), PF_WRITE, &cause));
	assert_int_equal(cause, FAULT_COW);
	assert_int_equal(put(child, P(1), 31), 0);
	run_on(0, parent);
	assert_int_equal(get(parent, P(1)), 11);
	run_on(1, NULL);
	space_put(child);
	run_on(0, parent);
	assert_non_null(touch(parent, P(2), PF_WRITE, &cause));
	assert_int_equal(cause, FAULT_COW_REUSE);
	run_on(0, NULL);
	space_put(parent);
}

static void test_stack_and_heap(void **state)
{
	struct space *s = space_create();
	uint64_t top = USER_END, start = P(0);
	int cause;

	run_on(0, s);
	space_map_stack(s, top, 0x4000, 1 << 20, false);
	assert_int_equal(put(s, top - 8, 1), 0);
	assert_non_null(touch(s, top - 0x9000, PF_WRITE, &cause));
	assert_int_equal(cause, FAULT_STACK);
	assert_int_equal(get(s, top - 0x8000), 0);
	assert_int_equal(get(s, top - (1 << 20) - 1), -FAULT_NO_REGION);
	assert_int_equal(get(s, top - (1 << 20)), 0);

	space_set_heap(s, start + 0x10);
	assert_int_equal(space_brk(s, 0), start + 0x10);
	assert_int_equal(space_brk(s, start + 0x2010), start + 0x2010);
	assert_int_equal(get(s, start), -FAULT_NO_REGION); /* the program's own last page */
	assert_int_equal(put(s, start + 0x2000, 3), 0);
	assert_int_equal(space_brk(s, start + 0x1800), start + 0x1800);
	assert_int_equal(get(s, start + 0x2000), -FAULT_NO_REGION);
	map_at(s, P(5), 1, RW, ANON);
	assert_int_equal(space_brk(s, P(6)), start + 0x1800);
	assert_int_equal(space_brk(s, start), start + 0x1800);
	space_put(s);
}

static void test_remap(void **state)
{
	struct space *s = space_create();
	int64_t to;

	run_on(0, s);
	map_at(s, P(0), 4, RW, ANON);
	for (unsigned i = 0; i < 4; i++)
		put(s, P(i), 1 + (int)i);
	assert_int_equal(space_remap(s, P(0), 4 * PAGE_SIZE, 3 * PAGE_SIZE, 0, 0), P(0));
	assert_int_equal(get(s, P(3)), -FAULT_NO_REGION);
	assert_int_equal(space_remap(s, P(0), 3 * PAGE_SIZE, 6 * PAGE_SIZE, 0, 0), P(0));
	assert_int_equal(get(s, P(3)), 0);
	map_at(s, P(6), 1, PROT_READ, ANON);
	assert_int_equal(space_remap(s, P(0), 6 * PAGE_SIZE, 7 * PAGE_SIZE, 0, 0), -ENOMEM);
	to = space_remap(s, P(1), 2 * PAGE_SIZE, 7 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
	assert_true(to > 0);
	assert_int_equal(get(s, (uint64_t)to), 2);
	assert_int_equal(get(s, (uint64_t)to + PAGE_SIZE), 3);
	assert_int_equal(get(s, P(1)), -FAULT_NO_REGION);
	assert_int_equal(get(s, P(0)), 1);
	assert_int_equal(
		space_remap(s, P(0), PAGE_SIZE, PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, P(6)),
		P(6));
	assert_int_equal(get(s, P(6)), 1);
	assert_int_equal(put(s, P(6), 5), 0);
	assert_int_equal(space_remap(s, P(6), PAGE_SIZE, PAGE_SIZE, MREMAP_FIXED, P(8)), -EINVAL);
	assert_int_equal(space_remap(s, P(50), PAGE_SIZE, PAGE_SIZE, 0, 0), -EFAULT);
	assert_int_equal(space_remap(s, P(6), PAGE_SIZE, 0, 0, 0), -EINVAL);
	space_put(s);
}

/* Copies to a space that runs nowhere, with and without force. */
static void test_copy(void **state)
{
	struct space *s = space_create(), *child;
	char text[] = "across two pages", back[sizeof(text)];

	map_at(s, P(0), 2, PROT_READ, ANON);
	assert_int_equal(space_write(s, P(1) - 5, text, sizeof(text), false), 0);
	assert_int_equal(space_write(s, P(1) - 5, text, sizeof(text), true), sizeof(text));
	child = space_clone(s);
	assert_int_equal(space_write(s, P(1) - 5, "A", 1, true), 1);
	assert_int_equal(space_read(child, P(1) - 5, back, sizeof(back), false), sizeof(back));
	assert_string_equal(back, text);
	assert_int_equal(space_read(s, P(1) - 5, back, 3, false), 3);
	assert_memory_equal(back, "Acr", 3);
	assert_int_equal(space_read(s, P(2) - 4, back, sizeof(back), true), 4);
	run_on(0, s);
	assert_int_equal(put(s, P(0), 1), -FAULT_PROTECTION);
	space_put(s);
	space_put(child);
}

/* Threads on three CPUs: removals reach the TLBs of those that run, lazy ones are
 * left alone and find out when they come back. */
static void test_cpus(void **state)
{
	struct space *s = space_create();

	run_on(0, s);
	map_at(s, P(0), 4, RW, ANON);
	for (unsigned cpu = 0; cpu < 3; cpu++) {
		run_on(cpu, s);
		put(s, P(0), 1);
		put(s, P(1), 2);
	}
	run_on(2, NULL);
	fake_cpu = 0;
	fake_ipis = 0;
	assert_int_equal(space_protect(s, P(0), PAGE_SIZE, PROT_READ), 0);
	assert_int_equal(fake_ipis, 1);
	assert_int_equal(put(s, P(0), 9), -FAULT_PROTECTION);
	fake_cpu = 1;
	assert_int_equal(put(s, P(0), 9), -FAULT_PROTECTION);
	assert_int_equal(space_unmap(s, P(1), PAGE_SIZE), 0);
	run_on(2, s);
	assert_int_equal(get(s, P(1)), -FAULT_NO_REGION);
	assert_int_equal(put(s, P(0), 9), -FAULT_PROTECTION);
	for (unsigned cpu = 0; cpu < 3; cpu++)
		run_on(cpu, NULL);
	fake_cpu = 3;
	space_put(s);
	for (unsigned cpu = 0; cpu < 3; cpu++)
		assert_null(fake_cpus[cpu].space);
}

static void test_no_memory(void **state)
{
	static struct page *held[FAKE_RAM_SIZE / PAGE_SIZE];
	struct space *s = space_create();
	unsigned n = 0;

	run_on(0, s);
	map_at(s, P(0), 600, RW, ANON);
	put(s, P(0), 1);
	while ((held[n] = page_alloc_raw()))
		n++;
	assert_int_equal(put(s, P(1), 1), -FAULT_NO_MEMORY);
	assert_int_equal(put(s, P(599), 1), -FAULT_NO_MEMORY);
	assert_null(space_clone(s));
	assert_int_equal(get(s, P(0)), 1);
	while (n-- > 0)
		page_put(held[n]);
	assert_int_equal(put(s, P(1), 1), 0);
	assert_int_equal(put(s, P(0), 2), 0);
	space_put(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_anonymous, space_before, space_after),
		cmocka_unit_test_setup_teardown(test_placement, space_before, space_after),
		cmocka_unit_test_setup_teardown(test_protect, space_before, space_after),
		cmocka_unit_test_setup_teardown(test_fork, space_before, space_after),
		cmocka_unit_test_setup_teardown(test_stack_and_heap, space_before, space_after),
		cmocka_unit_test_setup_teardown(test_remap, space_before, space_after),
		cmocka_unit_test_setup_teardown(test_copy, space_before, space_after),
		cmocka_unit_test_setup_teardown(test_cpus, space_before, space_after),
		cmocka_unit_test_setup_teardown(test_no_memory, space_before, space_after),
	};

	return cmocka_run_group_tests(tests, space_start, NULL);
}
