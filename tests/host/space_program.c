#include "tests/host/space_program.h"

#include <linux/mman.h>

#include "kernel/arch/x86_64/frame.h"
#include "kernel/mm/object.h"

#undef noreturn /* cmocka.h spells the attribute */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static uint64_t pages_before, objects_before;

void run_on(unsigned cpu, struct space *s)
{
	fake_cpu = cpu;
	fake_irq = false;
	space_activate(s);
	fake_irq = true;
}

char *touch(struct space *s, uint64_t addr, unsigned access, int *cause)
{
	unsigned error;
	uint64_t frame;
	char *byte;

	for (unsigned tries = 0; tries < 3; tries++) {
		byte = fake_mmu(addr, access, &error);
		if (byte)
			return byte;
		*cause = space_fault(s, addr, error, &frame);
		if (*cause > FAULT_SPURIOUS)
			return NULL;
		assert_int_not_equal(frame, 0);
	}
	fail_msg("fault handled, and yet no access");
	return NULL;
}

int get(struct space *s, uint64_t addr)
{
	int cause = 0;
	const char *byte = touch(s, addr, 0, &cause);

	return byte ? (unsigned char)*byte : -cause;
}

int put(struct space *s, uint64_t addr, int value)
{
	int cause = 0;
	char *byte = touch(s, addr, PF_WRITE, &cause);

	if (!byte)
		return -cause;
	*byte = (char)value;
	return 0;
}

int64_t map_at(struct space *s, uint64_t addr, uint64_t n, int prot, int flags)
{
	return space_map(s, addr, n * PAGE_SIZE, prot, flags | MAP_FIXED, NULL, 0);
}

int space_start(void **state)
{
	fake_memory();
	object_init();
	space_init();
	fake_ipi = space_tlb_interrupt;
	for (unsigned cpu = 0; cpu < 4; cpu++) { /* each has its magazines */
		fake_cpu = cpu;
		kfree(kmalloc(1));
	}
	return 0;
}

int space_before(void **state)
{
	run_on(0, NULL);
	pages_before = page_count_free();
	objects_before = object_count();
	return 0;
}

/* Slabs may keep a page of each cache. */
int space_after(void **state)
{
	if (object_count() != objects_before)
		return -1;
	return page_count_free() + 24 < pages_before;
}
