/* Pages derived from faults: a family of processes whose pages are known, and any jump
 * against walking there.
 * Sources: tests/host/synthetic.c tests/host/synthetic_tale.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/host/synthetic.h"
#include "tracer/analysis/pages.h"
#include "schemas/syscalls.h"

#define FAMILY "tracer_pages_test.db"
#define TALE   "tracer_pages_test_tale.db"

enum { PARENT = 10, CHILD = 11, OTHER = 12, HEAP = 0x600000, TEXT = 0x400000 };

static struct synthetic s;

static void fault(uint64_t addr, unsigned error, unsigned cause, uint64_t frame)
{
	SYNTHETIC_EMIT(&s, 0, page_fault, .addr = addr, .rip = TEXT, .error = error);
	SYNTHETIC_EMIT(&s, 0, page_fault_end, .frame = frame, .cause = cause, .way = WAY_IRET_USER);
}

static void run(uint32_t tid)
{
	SYNTHETIC_EMIT(&s, 0, context_switch, .prev = s.cpu[0].tid, .next = tid,
		       .reason = SWITCH_YIELD);
}

static void make(uint32_t pid, uint32_t flags)
{
	SYNTHETIC_TAIL(&s, 0, thread_create, "x", 2, .tid = pid, .pid = pid, .parent = s.cpu[0].tid,
		       .flags = flags);
}

/* A parent touches three pages and forks; the child writes one; then the parent does;
 * the child ends.  Another shares the parent's space until it executes something. */
static void family_make(void)
{
	unlink(FAMILY);
	assert_true(synthetic_open(&s, FAMILY, 1));
	make(PARENT, 0);
	run(PARENT);
	fault(TEXT, 0x14, FAULT_FILE, 0x100);
	fault(HEAP, 6, FAULT_DEMAND_ZERO, 0x201);
	fault(HEAP + 0x1000, 6, FAULT_DEMAND_ZERO, 0x202);
	make(CHILD, 17);
	run(CHILD);
	fault(HEAP, 7, FAULT_COW, 0x301);
	fault(0, 6, FAULT_NO_REGION, 0);
	run(PARENT);
	make(OTHER, 0x4111); /* CLONE_VM | CLONE_VFORK */
	run(OTHER);
	fault(HEAP + 0x2000, 6, FAULT_DEMAND_ZERO, 0x203);
	synthetic_call(&s, 0, NR_execve, 3, 0, 0, 0, 0, 0, 0);
	SYNTHETIC_EMIT(&s, 0, map, .start = HEAP, .length = 0x1000, .prot = 3, .flags = 2);
	SYNTHETIC_TAIL(&s, 0, exec, "/x", 3, .entry = TEXT);
	run(PARENT);
	fault(HEAP, 7, FAULT_COW_REUSE, 0x201);
	SYNTHETIC_EMIT(&s, 0, unmap, .start = HEAP + 0x1000, .length = 0x1000);
	synthetic_call(&s, 0, NR_madvise, 3, HEAP, 0x1000, 4, 0, 0, 0);
	synthetic_return(&s, 0, 0);
	SYNTHETIC_EMIT(&s, 0, process_exit, .pid = CHILD, .status = 0);
	assert_true(synthetic_close(&s, true, 0));
}

static struct reader *reader_make(const char *path)
{
	struct error why = { 0 };
	struct reader *r;

	assert_int_equal(reader_open(&r, path, &why), 0);
	return r;
}

/* The id of the n-th event of a kind, from 1. */
static uint64_t event_nth(struct reader *r, unsigned kind, unsigned n)
{
	struct event e;

	for (uint64_t id = 1; id <= reader_count(r); id++) {
		assert_true(reader_event(r, id, &e, NULL));
		if (e.kind == kind && --n == 0)
			return id;
	}
	fail_msg("no such event");
	return 0;
}

static void seek(struct pages *p, struct reader *r, uint64_t id)
{
	struct error why;

	assert_int_equal(pages_seek(p, r, id, NULL, NULL, NULL, &why), 0);
	assert_int_equal(pages_event(p), id);
	assert_false(pages_short(p));
}

static const struct page *page(const struct pages *p, uint32_t pid, uint64_t addr)
{
	const struct page_table *t = pages_of(p, pid);

	return t == NULL ? NULL : page_find(t, addr);
}

static void test_family(void **state)
{
	struct reader *r = reader_make(FAMILY);
	struct pages *p = pages_new();
	uint32_t owner[4] = { 0 };

	(void)state;
	/* Nothing is there before its fault has ended. */
	seek(p, r, event_nth(r, EV_page_fault, 2));
	assert_non_null(page(p, PARENT, TEXT));
	assert_null(page(p, PARENT, HEAP));
	seek(p, r, event_nth(r, EV_page_fault_end, 2));
	assert_true(page(p, PARENT, HEAP + 0xfff)->write);
	assert_int_equal(pages_owners(p, 0x201, NULL, 0), 1);
	/* A fork: the same frames, nobody may write. */
	seek(p, r, event_nth(r, EV_thread_create, 2));
	assert_int_equal(page(p, CHILD, HEAP)->frame, 0x201);
	assert_false(page(p, PARENT, HEAP)->write);
	assert_int_equal(pages_owners(p, 0x201, owner, 4), 2);
	assert_int_equal(owner[0], PARENT);
	assert_int_equal(owner[1], CHILD);
	/* The child's copy; the bad fault changes nothing. */
	seek(p, r, event_nth(r, EV_page_fault_end, 5));
	assert_int_equal(page(p, CHILD, HEAP)->frame, 0x301);
	assert_true(page(p, CHILD, HEAP)->copied);
	assert_int_equal(page(p, PARENT, HEAP)->frame, 0x201);
	assert_int_equal(pages_owners(p, 0x201, NULL, 0), 1);
	assert_int_equal(pages_owners(p, 0x202, NULL, 0), 2);
	assert_null(page(p, CHILD, 0));
	/* One space, two processes, until one executes. */
	seek(p, r, event_nth(r, EV_page_fault_end, 6));
	assert_ptr_equal(page(p, PARENT, HEAP + 0x2000), page(p, OTHER, HEAP + 0x2000));
	seek(p, r, event_nth(r, EV_exec, 1));
	assert_null(page(p, OTHER, HEAP));
	assert_non_null(page(p, PARENT, HEAP)); /* what exec maps is not the parent's */
	seek(p, r, event_nth(r, EV_page_fault_end, 7));
	assert_true(page(p, PARENT, HEAP)->write);
	seek(p, r, event_nth(r, EV_unmap, 1));
	assert_null(page(p, PARENT, HEAP + 0x1000));
	assert_int_equal(pages_owners(p, 0x202, NULL, 0), 1);
	/* MADV_DONTNEED, and the child's end. */
	seek(p, r, reader_count(r));
	assert_null(page(p, PARENT, HEAP));
	assert_null(pages_of(p, CHILD));
	assert_int_equal(pages_owners(p, 0x202, NULL, 0), 0);
	assert_int_equal(pages_owners(p, 0x301, NULL, 0), 0);
	/* And back to the beginning. */
	seek(p, r, event_nth(r, EV_page_fault_end, 2));
	assert_true(page(p, PARENT, HEAP)->write);
	pages_free(p);
	reader_close(r);
}

static void expect_equal(const struct pages *a, const struct pages *b)
{
	for (uint32_t pid = 0; pid < 64; pid++) {
		const struct page_table *x = pages_of(a, pid), *y = pages_of(b, pid);

		assert_int_equal(x == NULL, y == NULL);
		if (x == NULL || y == NULL)
			continue;
		assert_int_equal(x->count, y->count);
		for (uint32_t i = 0; i < x->size; i++) {
			const struct page *one = &x->slot[i], *same;

			if (one->number == 0)
				continue;
			same = page_find(y, page_address(one));
			assert_non_null(same);
			assert_memory_equal(one, same, sizeof(*one));
			assert_int_equal(pages_owners(a, one->frame, NULL, 0),
					 pages_owners(b, same->frame, NULL, 0));
		}
	}
}

/* From anywhere to anywhere is as walking there from the start. */
static void test_seek(void **state)
{
	struct reader *r = reader_make(TALE);
	struct pages *jump = pages_new();

	(void)state;
	srandom(9);
	for (int i = 0; i < 200; i++) {
		const uint64_t id = 1 + (uint64_t)random() % reader_count(r);
		struct pages *walk = pages_new();

		seek(jump, r, id);
		seek(walk, r, id);
		expect_equal(jump, walk);
		pages_free(walk);
	}
	pages_free(jump);
	reader_close(r);
}

/* A removal keeps every other page in its place. */
static void test_table(void **state)
{
	struct page_table t = { 0 };

	(void)state;
	srandom(3);
	for (int round = 0; round < 20000; round++) {
		const uint64_t addr = (uint64_t)(random() % 300) << 12;
		struct page *p = page_find(&t, addr);

		if (p != NULL && random() % 2)
			page_remove(&t, p);
		else
			page_put(&t, addr)->frame = addr >> 12;
		if (round % 100)
			continue;
		for (uint32_t i = 0, n = 0; i < t.size || n != t.count; i++) {
			assert_true(i < t.size);
			if (t.slot[i].number == 0)
				continue;
			n++;
			assert_ptr_equal(page_find(&t, page_address(&t.slot[i])), &t.slot[i]);
			assert_int_equal(t.slot[i].frame, page_address(&t.slot[i]) >> 12);
		}
	}
	page_table_free(&t);
}

static int setup(void **state)
{
	(void)state;
	family_make();
	unlink(TALE);
	assert_true(synthetic_open(&s, TALE, 2));
	synthetic_tale(&s, 3000);
	assert_true(synthetic_close(&s, true, 0));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_seek),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
