/* A buddy allocator with a stack of single frames for each CPU in front of it.
 * Nearly all traffic is single frames: it touches no lock, only this CPU's stack
 * with interrupts off.  Frames on the stacks count as free. */
#include "kernel/mm/page.h"

#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/kasan.h"
#include "kernel/sync/spinlock.h"

#define STACK_SIZE  64
#define STACK_BATCH 32 /* frames moved between a stack and the buddy lists at once */

struct page_stack {
	uint32_t count; /* written by its own CPU, interrupts off */
	struct page *pages[STACK_SIZE];
};

static struct page *frames;               /* [I] one for each frame in [first, first + count) */
static uint64_t frame_first, frame_count; /* [I] */
static uint64_t total;                    /* [I] */
static struct page_stack stacks[CPU_MAX];

static struct spinlock lock = SPINLOCK_INIT(RANK_PAGE, "page"); /* taken with interrupts off */
static struct page *free_blocks[PAGE_ORDER_MAX + 1];            /* [lock] */
static uint64_t block_frames;                                   /* [lock] frames in the lists */

bool page_low;            /* [lock] to change */
static uint64_t low_mark; /* [I] */

phys_t page_phys(const struct page *p)
{
	return (phys_t){ (frame_first + (uint64_t)(p - frames)) << PAGE_SHIFT };
}

struct page *page_of(phys_t phys)
{
	uint64_t i = (phys.raw >> PAGE_SHIFT) - frame_first;

	return i < frame_count && frames[i].flags & PAGE_RAM ? &frames[i] : NULL;
}

/* --- free blocks; all hold `lock` ------------------------------------------- */

static void block_insert(struct page *p, unsigned order)
{
	p->order = order;
	p->flags = PAGE_RAM | PAGE_FREE;
	p->owner = NULL;
	p->next = free_blocks[order];
	if (p->next)
		p->next->owner = p;
	free_blocks[order] = p;
}

static void block_remove(struct page *p)
{
	struct page *before = p->owner;

	if (before)
		before->next = p->next;
	else
		free_blocks[p->order] = p->next;
	if (p->next)
		p->next->owner = before;
	p->flags = PAGE_RAM;
	p->owner = p->next = NULL;
}

/* The free block of this order that p could be joined with, or NULL. */
static struct page *block_buddy(const struct page *p, unsigned order)
{
	struct page *buddy = page_of((phys_t){ page_phys(p).raw ^ PAGE_SIZE << order });

	if (buddy && buddy->flags & PAGE_FREE && buddy->order == order)
		return buddy;
	return NULL;
}

static void block_free(struct page *p, unsigned order)
{
	struct page *buddy;

	KASSERT(spin_held(&lock));
	block_frames += 1ull << order;
	while (order < PAGE_ORDER_MAX && (buddy = block_buddy(p, order))) {
		block_remove(buddy);
		p = MIN(p, buddy);
		order++;
	}
	block_insert(p, order);
}

static struct page *block_alloc(unsigned order)
{
	unsigned from = order;
	struct page *p;

	KASSERT(spin_held(&lock));
	while (from <= PAGE_ORDER_MAX && !free_blocks[from])
		from++;
	if (from > PAGE_ORDER_MAX)
		return NULL;
	p = free_blocks[from];
	block_remove(p);
	while (from > order) {
		from--;
		block_insert(p + (1ull << from), from);
	}
	p->order = order;
	block_frames -= 1ull << order;
	return p;
}

static void low_update(void)
{
	bool low = block_frames < low_mark;

	if (low != page_low)
		__atomic_store_n(&page_low, low, __ATOMIC_RELAXED);
}

void page_low_mark_set(uint64_t mark)
{
	low_mark = mark;
}

/* --- this CPU's stack; interrupts off ----------------------------------------- */

static void stack_fill(struct page_stack *s)
{
	struct page *p;

	spin_lock(&lock);
	while (s->count < STACK_BATCH && (p = block_alloc(0)))
		s->pages[s->count++] = p;
	low_update();
	spin_unlock(&lock);
}

static void stack_drain(struct page_stack *s)
{
	spin_lock(&lock);
	while (s->count > STACK_SIZE - STACK_BATCH)
		block_free(s->pages[--s->count], 0);
	low_update();
	spin_unlock(&lock);
}

struct page *page_alloc_raw(void)
{
	uint64_t flags = irq_save();
	struct page_stack *s = &stacks[this_cpu()->id];
	struct page *p = NULL;

	if (!s->count)
		stack_fill(s);
	if (s->count)
		p = s->pages[--s->count];
	irq_restore(flags);
	if (!p)
		return NULL;
	KASSERT_DEBUG(ref_count(&p->refs) == 0 && p->flags == PAGE_RAM);
	p->order = 0;
	p->owner = p->next = NULL;
	ref_init(&p->refs, 1);
	kasan_allow(page_data(p), PAGE_SIZE);
	return p;
}

struct page *page_alloc(void)
{
	struct page *p = page_alloc_raw();

	if (p)
		memset(page_data(p), 0, PAGE_SIZE);
	return p;
}

struct page *page_alloc_order(unsigned order)
{
	struct page *p;
	uint64_t flags;

	KASSERT(order <= PAGE_ORDER_MAX);
	if (!order)
		return page_alloc();
	flags = spin_lock_irq(&lock);
	p = block_alloc(order);
	low_update();
	spin_unlock_irq(&lock, flags);
	if (!p)
		return NULL;
	ref_init(&p->refs, 1);
	kasan_allow(page_data(p), PAGE_SIZE << order);
	memset(page_data(p), 0, PAGE_SIZE << order);
	return p;
}

static void page_free(struct page *p)
{
	uint64_t flags = irq_save();

	kasan_forbid(page_data(p), PAGE_SIZE << p->order, KASAN_PAGE_FREE);
	if (p->order) {
		spin_lock(&lock);
		block_free(p, p->order);
		low_update();
		spin_unlock(&lock);
	} else {
		struct page_stack *s = &stacks[this_cpu()->id];

		p->flags = PAGE_RAM;
		if (s->count == STACK_SIZE)
			stack_drain(s);
		s->pages[s->count++] = p;
	}
	irq_restore(flags);
}

void page_put(struct page *p)
{
	KASSERT(ref_count(&p->refs));
	if (ref_put(&p->refs))
		page_free(p);
}

void *page_table_alloc(void)
{
	struct page *p = page_alloc();

	return p ? page_data(p) : NULL;
}

void page_table_free(void *table)
{
	page_put(page_of(virt_to_phys(table)));
}

uint64_t page_count_total(void)
{
	return total;
}

uint64_t page_count_free(void)
{
	uint64_t flags = spin_lock_irq(&lock);
	uint64_t n = block_frames;

	spin_unlock_irq(&lock, flags);
	for (unsigned i = 0; i < CPU_MAX; i++)
		n += __atomic_load_n(&stacks[i].count, __ATOMIC_RELAXED);
	return n;
}

/* --- boot ------------------------------------------------------------------- */

/* The whole frames [*first, *end) of a range. */
static void range_frames(const struct memory_range *r, uint64_t *first, uint64_t *end)
{
	*first = ALIGN_UP(r->start.raw, PAGE_SIZE) >> PAGE_SHIFT;
	*end = MAX(*first, (r->start.raw + r->size) >> PAGE_SHIFT);
}

/* Hand over the frames [first, end) in the largest aligned blocks, from the end
 * down: lists give the last inserted first, so low memory is used first. */
static void frames_release(uint64_t first, uint64_t end)
{
	for (uint64_t i = first; i < end; i++)
		frames[i - frame_first].flags = PAGE_RAM;
	kasan_forbid(phys_to_virt((phys_t){ first << PAGE_SHIFT }), (end - first) << PAGE_SHIFT,
		     KASAN_PAGE_FREE);
	total += end - first;
	while (first < end) {
		unsigned order = 0;

		while (order < PAGE_ORDER_MAX && !(end & 1ull << order) &&
		       end - first >= 2ull << order)
			order++;
		end -= 1ull << order;
		block_frames += 1ull << order;
		block_insert(&frames[end - frame_first], order);
	}
}

void page_init(const struct memory_range *free, unsigned count)
{
	uint64_t lowest = UINT64_MAX, highest = 0, first, end, array_frames, shadow_frames;
	unsigned home = 0;

	for (unsigned i = 0; i < count; i++) {
		range_frames(&free[i], &first, &end);
		lowest = MIN(lowest, first);
		highest = MAX(highest, end);
	}
	KASSERT(lowest < highest);
	frame_first = lowest;
	frame_count = highest - lowest;
	array_frames = ALIGN_UP(frame_count * sizeof(struct page), PAGE_SIZE) >> PAGE_SHIFT;
	shadow_frames = KERNEL_KASAN ? ALIGN_UP(frame_count, 8) / 8 : 0;
	for (;; home++) {
		KASSERT(home < count);
		range_frames(&free[home], &first, &end);
		if (end - first >= array_frames + shadow_frames)
			break;
	}
	frames = phys_to_virt((phys_t){ first << PAGE_SHIFT });
	memset(frames, 0, (array_frames + shadow_frames) << PAGE_SHIFT);
	if (shadow_frames)
		kasan_init((uint8_t *)frames + (array_frames << PAGE_SHIFT),
			   phys_to_virt((phys_t){ frame_first << PAGE_SHIFT }),
			   frame_count << PAGE_SHIFT);
	for (unsigned i = count; i-- > 0;) {
		range_frames(&free[i], &first, &end);
		frames_release(i == home ? first + array_frames + shadow_frames : first, end);
	}
	paging_table_source(page_table_alloc);
}
