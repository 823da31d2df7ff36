/* Random operations on a family of spaces against a model that keeps a byte and a
 * permission for each page: what programs see must always agree.
 * Include: tests/host/fake_arch.h
 * Sources: tests/host/fake_arch.c tests/host/space_program.c kernel/lib/print.c kernel/mm/page.c
 * Sources: kernel/mm/object.c kernel/mm/index.c kernel/mm/pages.c kernel/mm/region.c
 * Sources: kernel/mm/table.c kernel/mm/tlb.c kernel/mm/change.c kernel/mm/space.c
 * Sources: kernel/mm/space_clone.c kernel/mm/space_copy.c kernel/mm/space_fault.c
 * Sources: kernel/mm/space_map.c kernel/mm/space_protect.c kernel/mm/space_remap.c
 * Sources: kernel/mm/space_truncate.c kernel/mm/space_limits.c kernel/mm/space_advise.c
 * Sources: kernel/mm/reclaim.c */
#include <linux/mman.h>

#include "kernel/arch/x86_64/frame.h"
#include "tests/host/space_program.h"

#undef noreturn /* cmocka.h spells the attribute */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PAGES   48
#define SPACES  4
#define CPUS    3
#define STEPS   60000
#define WINDOW  0x7fffe0000000ull /* it crosses a last-level table */
#define ADDR(i) (WINDOW + 0x1f0000 + (uint64_t)(i)*PAGE_SIZE)

struct model_page {
	bool mapped;
	int prot, value;
	int *shared; /* where the value is, of shared memory */
	int fork;    /* MADV_*FORK that holds */
};

static struct space *spaces[SPACES];
static struct model_page model[SPACES][PAGES];
static int shared_values[STEPS * 2];
static unsigned shared_count;
static unsigned running[CPUS]; /* the space whose threads a CPU runs */
static bool idle[CPUS];        /* or it rests from that */

static int *value_of(struct model_page *m)
{
	return m->shared ? m->shared : &m->value;
}

/* One access; what the program sees must be what the model says. */
static void check_access(unsigned n, unsigned i, bool write, int value)
{
	struct model_page *m = &model[n][i];
	bool allowed = m->mapped && m->prot & (write ? PROT_WRITE : PROT_READ | PROT_WRITE);
	unsigned error;
	uint64_t frame;
	uint8_t *byte;
	int cause;

	while (!(byte = (uint8_t *)fake_mmu(ADDR(i), write ? PF_WRITE : 0, &error))) {
		cause = space_fault(spaces[n], ADDR(i), error, &frame);
		if (cause > FAULT_SPURIOUS) {
			assert_false(allowed);
			assert_int_equal(cause, m->mapped ? FAULT_PROTECTION : FAULT_NO_REGION);
			return;
		}
	}
	assert_true(allowed);
	if (write)
		*value_of(m) = *byte = (uint8_t)value;
	else
		assert_int_equal(*byte, *value_of(m));
}

static void model_map(unsigned n, unsigned i, unsigned count, int prot, bool shared)
{
	for (unsigned k = i; k < i + count; k++) {
		model[n][k] = (struct model_page){ .mapped = true, .prot = prot };
		if (shared) {
			model[n][k].shared = &shared_values[shared_count % (STEPS * 2)];
			*model[n][k].shared = 0;
			shared_count++;
		}
	}
}

static bool model_whole(unsigned n, unsigned i, unsigned count)
{
	for (unsigned k = i; k < i + count; k++)
		if (!model[n][k].mapped)
			return false;
	return true;
}

static int random_prot(void)
{
	static const int prots[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
				     PROT_READ | PROT_WRITE };

	return prots[rand() % 4];
}

static void do_map(unsigned n, unsigned i, unsigned count)
{
	bool shared = rand() % 3 == 0;
	int prot = random_prot();

	assert_int_equal(space_map(spaces[n], ADDR(i), count * PAGE_SIZE, prot,
				   (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS | MAP_FIXED |
					   (rand() % 4 ? 0 : MAP_POPULATE),
				   NULL, 0),
			 ADDR(i));
	model_map(n, i, count, prot, shared);
}

static void do_protect(unsigned n, unsigned i, unsigned count)
{
	int prot = random_prot();
	int error = space_protect(spaces[n], ADDR(i), count * PAGE_SIZE, prot);

	assert_int_equal(!error, model_whole(n, i, count));
	for (unsigned k = i; !error && k < i + count; k++)
		model[n][k].prot = prot;
}

static void do_advise(unsigned n, unsigned i, unsigned count)
{
	static const int advices[] = { MADV_DONTNEED, MADV_DONTFORK, MADV_DOFORK };
	int advice = advices[rand() % 3];
	int error = space_advise(spaces[n], ADDR(i), count * PAGE_SIZE, advice);

	assert_int_equal(!error, model_whole(n, i, count));
	for (unsigned k = i; k < i + count; k++) {
		if (advice != MADV_DONTNEED)
			model[n][k].fork = advice;
		else
			model[n][k].value = 0;
	}
}

/* One mapping is moved as a whole or not at all. */
static void do_remap(unsigned n, unsigned i, unsigned count, unsigned to)
{
	struct model_page moved[PAGES];
	int64_t result = space_remap(spaces[n], ADDR(i), count * PAGE_SIZE, count * PAGE_SIZE,
				     MREMAP_MAYMOVE | MREMAP_FIXED, ADDR(to));

	if (result < 0)
		return;
	assert_int_equal(result, ADDR(to));
	assert_true(model_whole(n, i, count));
	memcpy(moved, &model[n][i], count * sizeof(moved[0]));
	memset(&model[n][i], 0, count * sizeof(moved[0]));
	memcpy(&model[n][to], moved, count * sizeof(moved[0]));
}

/* Space n is replaced by a copy of space `from`. */
static void do_fork(unsigned n, unsigned from)
{
	struct space *copy = space_clone(spaces[from]);

	assert_non_null(copy);
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		if (running[cpu] != n)
			continue;
		run_on(cpu, NULL);
		idle[cpu] = true;
	}
	space_put(spaces[n]);
	spaces[n] = copy;
	memcpy(model[n], model[from], sizeof(model[n]));
	for (unsigned i = 0; i < PAGES; i++)
		if (model[n][i].fork == MADV_DONTFORK)
			model[n][i] = (struct model_page){ 0 };
}

static void step(void)
{
	unsigned i = (unsigned)rand() % PAGES, to = (unsigned)rand() % PAGES;
	unsigned cpu = (unsigned)rand() % CPUS, count = 1 + (unsigned)rand() % 8, n;

	count = MIN(count, PAGES - i);
	/* Mostly a CPU goes on with its space, so that its TLB has something to forget. */
	n = rand() % 100 ? running[cpu] : (unsigned)rand() % SPACES;
	fake_cpu = cpu;
	if (idle[cpu] || n != running[cpu])
		run_on(cpu, spaces[n]);
	idle[cpu] = false;
	running[cpu] = n;
	switch (rand() % 40) {
	case 0:
	case 1:
		do_map(n, i, count);
		break;
	case 2:
		assert_int_equal(space_unmap(spaces[n], ADDR(i), count * PAGE_SIZE), 0);
		memset(&model[n][i], 0, count * sizeof(model[n][i]));
		break;
	case 3:
	case 4:
		do_protect(n, i, count);
		break;
	case 5:
		do_advise(n, i, count);
		break;
	case 6:
		if (to + count <= PAGES)
			do_remap(n, i, count, to);
		break;
	case 7:
		do_fork(n, (n + 1) % SPACES);
		break;
	case 8:
		run_on(cpu, NULL);
		idle[cpu] = true;
		break;
	default:
		check_access(n, i, rand() % 2, rand() % 128);
	}
}

static void test_random(void **state)
{
	srand(4);
	for (unsigned n = 0; n < SPACES; n++)
		spaces[n] = space_create();
	memset(idle, true, sizeof(idle));
	for (unsigned i = 0; i < STEPS; i++)
		step();
	for (unsigned n = 0; n < SPACES; n++) {
		run_on(0, spaces[n]);
		for (unsigned i = 0; i < PAGES; i++)
			check_access(n, i, false, 0);
	}
	for (unsigned n = 0; n < SPACES; n++)
		space_put(spaces[n]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(
		test_random, space_before, space_after) };

	return cmocka_run_group_tests(tests, space_start, NULL);
}
