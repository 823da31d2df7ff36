#include "kernel/sched/thread.h"

#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/fpu.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mapped.h"
#include "kernel/mm/object.h"
#include "kernel/mm/page.h"
#include "kernel/sched/queue.h"
#include "kernel/trace/function.h"
#include "kernel/trace/trace.h"

#define ID_MAX 32768 /* Linux's default pid_max */

static struct spinlock id_lock = SPINLOCK_INIT(RANK_PAGE, "thread ids");
static uint64_t ids_used[ID_MAX / 64] = { 3 }; /* 0 is the idle threads', 1 is init's */
static uint32_t id_last = 1;
static struct list kernel_threads = LIST_INIT(kernel_threads); /* by process_link; id_lock */
static uint32_t threads_alive;                                 /* [a] */

uint32_t thread_limit(void)
{
	uint64_t n = page_count_total() * PAGE_SIZE / (8 * KERNEL_STACK_SIZE);

	return (uint32_t)MIN(n, (uint64_t)ID_MAX);
}

uint32_t thread_id_alloc(void)
{
	uint64_t flags = spin_lock_irq(&id_lock);
	uint32_t id = 0;

	for (uint32_t i = 1; i < ID_MAX && !id; i++) {
		uint32_t candidate = (id_last + i) % ID_MAX;

		/* After a wrap, low numbers are left to what was started at boot. */
		if (id_last + i >= ID_MAX && candidate < 300)
			continue;
		if (!(ids_used[candidate / 64] >> candidate % 64 & 1))
			id = candidate;
	}
	if (id) {
		ids_used[id / 64] |= 1ull << id % 64;
		id_last = id;
	}
	spin_unlock_irq(&id_lock, flags);
	return id;
}

int thread_id_take(uint32_t id)
{
	uint64_t flags, *word = &ids_used[id / 64 % ARRAY_SIZE(ids_used)];
	bool used;

	if (!id || id >= ID_MAX)
		return -EINVAL;
	flags = spin_lock_irq(&id_lock);
	used = *word >> id % 64 & 1;
	*word |= 1ull << id % 64;
	spin_unlock_irq(&id_lock, flags);
	return used ? -EEXIST : 0;
}

void thread_id_free(uint32_t id)
{
	uint64_t flags = spin_lock_irq(&id_lock);

	KASSERT(ids_used[id / 64] >> id % 64 & 1);
	ids_used[id / 64] &= ~(1ull << id % 64);
	spin_unlock_irq(&id_lock, flags);
}

uint32_t thread_count(void)
{
	return __atomic_load_n(&threads_alive, __ATOMIC_RELAXED);
}

/* The stack as context_switch leaves it: six registers, then where to return. */
struct first_frame {
	uint64_t r15, r14, r13, r12, rbx, rbp, rip, unused;
};

static void stack_prepare(struct thread *t, uint64_t top, void (*run)(void *), void *argument)
{
	struct first_frame *f = (struct first_frame *)(top - sizeof(*f));

	f->rbx = (uint64_t)run;
	f->r12 = (uint64_t)argument;
	f->rip = (uint64_t)thread_begin;
	t->stack_pointer = (uint64_t)f;
}

static bool stacks_alloc(struct thread *t)
{
	t->stack = mapped_alloc(KERNEL_STACK_SIZE);
	if (!t->stack || !function_wanted)
		return t->stack;
	t->trace.functions = mapped_alloc(FUNCTION_FRAMES_SIZE);
	if (t->trace.functions)
		return true;
	mapped_free(t->stack, KERNEL_STACK_SIZE);
	return false;
}

static struct thread *thread_create(const char *name)
{
	struct thread *t = kmalloc(sizeof(*t));

	if (!t)
		return NULL;
	if (!stacks_alloc(t)) {
		kfree(t);
		return NULL;
	}
	ref_init(&t->refs, 1);
	string_copy(t->name, sizeof(t->name), name);
	t->trace.name = t->name;
	t->state = THREAD_NEW;
	t->last_cpu = CPU_MAX;
	t->cpu = this_cpu()->id;
	t->affinity = UINT64_MAX;
	t->inherited = 19;
	t->wait_reason = WAIT_NEW;
	t->start_ns = clock_now();
	list_init(&t->queue_link);
	list_init(&t->process_link);
	__atomic_fetch_add(&threads_alive, 1, __ATOMIC_RELAXED);
	return t;
}

struct thread *thread_create_kernel(const char *name, void (*run)(void *), void *argument)
{
	struct thread *t = thread_create(name);
	uint64_t flags;
	uint32_t id;

	if (!t)
		return NULL;
	id = thread_id_alloc();
	if (!id) {
		thread_put(t);
		return NULL;
	}
	t->tid = t->trace.pid = id;
	t->kernel_only = true;
	stack_prepare(t, (uint64_t)t->stack + KERNEL_STACK_SIZE, run, argument);
	flags = spin_lock_irq(&id_lock);
	TRACE_TAIL(thread_create, name, strlen(name), .tid = id, .pid = id, .kernel = 1);
	list_append(&kernel_threads, &t->process_link);
	spin_unlock_irq(&id_lock, flags);
	return t;
}

void thread_each_kernel(void (*each)(const struct thread *t))
{
	uint64_t flags = spin_lock_irq(&id_lock);
	const struct thread *t;

	list_for_each_entry(t, &kernel_threads, process_link)
		each(t);
	spin_unlock_irq(&id_lock, flags);
}

/* Its number may be somebody else's from now on. */
static void kernel_thread_forget(struct thread *t)
{
	uint64_t flags = spin_lock_irq(&id_lock);

	list_remove(&t->process_link);
	spin_unlock_irq(&id_lock, flags);
	thread_id_free(t->tid);
}

static void begin_user(void *unused)
{
	thread_user_start();
}

struct thread *thread_create_user(uint32_t tid, const char *name, const struct frame *frame)
{
	struct thread *t = thread_create(name);

	if (!t)
		return NULL;
	t->fpu = kmalloc(ALIGN_UP(fpu_size(), 64) + 64);
	if (!t->fpu) {
		thread_put(t);
		return NULL;
	}
	t->fpu_memory = t->fpu;
	t->fpu = (void *)ALIGN_UP((uint64_t)t->fpu, 64);
	fpu_area_init(t->fpu);
	t->tid = tid;
	t->frame = (struct frame *)((uint64_t)t->stack + KERNEL_STACK_SIZE) - 1;
	*t->frame = *frame;
	stack_prepare(t, (uint64_t)t->frame, begin_user, NULL);
	return t;
}

void thread_start(struct thread *t)
{
	uint64_t flags = irq_save();

	KASSERT(t->state == THREAD_NEW);
	t->state = THREAD_READY;
	t->cpu = queue_choose(t);
	t->virtual_time = run_queues[t->cpu].least;
	TRACE(wakeup, .tid = t->tid, .target = t->cpu, .wait = WAIT_NEW);
	queue_place(t);
	irq_restore(flags);
}

void thread_get(struct thread *t)
{
	ref_get(&t->refs);
}

void thread_put(struct thread *t)
{
	if (!ref_put(&t->refs))
		return;
	KASSERT(t->state == THREAD_DEAD || t->state == THREAD_NEW);
	if (t->task)
		thread_released(t);
	if (t->kernel_only && t->tid)
		kernel_thread_forget(t);
	mapped_free(t->stack, KERNEL_STACK_SIZE);
	if (t->trace.functions)
		mapped_free(t->trace.functions, FUNCTION_FRAMES_SIZE);
	kfree(t->fpu_memory);
	kfree(t);
	__atomic_fetch_sub(&threads_alive, 1, __ATOMIC_RELAXED);
}
