/* Virtqueues against a device that finishes buffers in any order.
 * Sources: kernel/drivers/virtqueue.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/drivers/virtqueue.h"

enum { ENTRIES = 16 };

/* The device's side: what it has seen, and chains it holds. */
struct device {
	struct virtqueue queue;
	uint16_t notify, seen;
	uint16_t held[ENTRIES];
	unsigned held_count;
	void *page;
};

static void device_make(struct device *d)
{
	*d = (struct device){ .page = aligned_alloc(4096, 4096) };
	assert_non_null(d->page);
	memset(d->page, 0, 4096);
	queue_init(&d->queue, d->page, ENTRIES);
	d->queue.notify = &d->notify;
	d->queue.index = 7;
}

static void device_fetch(struct device *d)
{
	while (d->seen != d->queue.available->idx)
		d->held[d->held_count++] = d->queue.available->ring[d->seen++ % ENTRIES];
}

static void device_finish(struct device *d, unsigned which, uint32_t written)
{
	volatile struct vring_used *used = d->queue.used;

	used->ring[used->idx % ENTRIES].id = d->held[which];
	used->ring[used->idx % ENTRIES].len = written;
	used->idx = used->idx + 1;
	d->held[which] = d->held[--d->held_count];
}

static void test_layout(void **state)
{
	struct device d;
	char *end;

	(void)state;
	device_make(&d);
	assert_ptr_equal(d.queue.descriptors, d.page);
	assert_int_equal((uintptr_t)d.queue.used % 4, 0);
	queue_init(&d.queue, d.page, QUEUE_ENTRIES_MAX);
	end = (char *)(uintptr_t)&d.queue.used->ring[QUEUE_ENTRIES_MAX];
	assert_true(end <= (char *)d.page + 4096);
	free(d.page);
}

/* Chains of one and two, finished in random order: each cookie comes back once. */
static void test_any_order(void **state)
{
	static char cookies[100000];
	struct queue_buffer buffers[2] = { { { 0x1000 }, 10 }, { { 0x2000 }, 20 } };
	unsigned added = 0, taken = 0;
	struct device d;
	uint32_t written;
	char *cookie;

	(void)state;
	srandom(3);
	device_make(&d);
	while (taken < sizeof(cookies)) {
		if (added < sizeof(cookies) &&
		    queue_add(&d.queue, buffers, 1 + random() % 2, false, &cookies[added])) {
			added++;
			continue;
		}
		queue_kick(&d.queue);
		assert_int_equal(d.notify, 7);
		device_fetch(&d);
		for (unsigned n = 1 + random() % d.held_count; n; n--)
			device_finish(&d, random() % d.held_count, 5);
		assert_true(queue_pending(&d.queue));
		while ((cookie = queue_take(&d.queue, &written))) {
			assert_int_equal(written, 5);
			assert_int_equal(*cookie, 0);
			*cookie = 1;
			taken++;
		}
	}
	assert_int_equal(d.queue.free_count, ENTRIES);
	free(d.page);
}

/* A device that finishes in order, but leaves some out: they come back with the next. */
static void test_left_out(void **state)
{
	struct queue_buffer buffers[2] = { { { 0x1000 }, 10 }, { { 0x2000 }, 20 } };
	static char cookies[20000];
	unsigned added = 0, taken = 0;
	struct device d;
	uint32_t written;
	char *cookie;

	(void)state;
	srandom(5);
	device_make(&d);
	d.queue.ordered = true;
	while (added < sizeof(cookies)) {
		while (added < sizeof(cookies) &&
		       queue_add(&d.queue, buffers, 1 + random() % 2, false, &cookies[added]))
			added++;
		device_fetch(&d);
		for (unsigned n = 0; n < d.held_count; n++) {
			struct vring_used_elem *e =
				(void *)(uintptr_t)&d.queue.used->ring[d.queue.used->idx % ENTRIES];

			if (random() % 4 == 0 && n + 1 < d.held_count)
				continue;
			e->id = d.held[n];
			e->len = 5;
			d.queue.used->idx = d.queue.used->idx + 1;
		}
		d.held_count = 0;
		while ((cookie = queue_take(&d.queue, &written)))
			assert_ptr_equal(cookie, &cookies[taken++]);
		assert_int_equal(taken, added);
		assert_int_equal(d.queue.free_count, ENTRIES);
	}
	free(d.page);
}

static void test_full(void **state)
{
	struct queue_buffer buffers[2] = { { { 0x1000 }, 10 }, { { 0x2000 }, 20 } };
	struct device d;

	(void)state;
	device_make(&d);
	for (unsigned i = 0; i < ENTRIES / 2; i++)
		assert_true(queue_add(&d.queue, buffers, 2, true, &d));
	assert_false(queue_add(&d.queue, buffers, 1, true, &d));
	assert_int_equal(d.queue.descriptors[d.queue.available->ring[0]].flags,
			 VRING_DESC_F_WRITE | VRING_DESC_F_NEXT);
	free(d.page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
