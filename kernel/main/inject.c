/* Ways for the kernel to die, on request: to see what is told of each.  Off unless the
 * command line says inject=1 (`ringscope run --inject`); then a program picks one by
 * writing its name to /proc/ringscope.  Each way is a function of its name, so that a
 * story that names the function names the right culprit.  tests/trace/panic_test.sh has
 * the table of what must be told. */
#include "kernel/main/inject.h"

#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/paging.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/debug/log.h"
#include "kernel/fs/procfs.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/page.h"
#include "kernel/proc/process.h"
#include "kernel/sched/timer.h"
#include "kernel/sched/wait.h"
#include "kernel/sched/watchdog.h"
#include "kernel/sync/stop.h"
#include "kernel/trace/trace.h"

#define WILD_ADDRESS   0xffff899999999000ull /* of the direct map, behind all memory */
#define BROKEN_ADDRESS 0x8000000000000000ull /* not canonical */
#define LATER_NS       2000000ull

#define DIE static __attribute__((noinline)) void

/* --- Processor exceptions ------------------------------------------------------- */

DIE inject_divide(void)
{
	asm volatile("xorl %%edx, %%edx\n\tmovl $1, %%eax\n\txorl %%ecx, %%ecx\n\tdivl %%ecx" ::
			     : "eax", "ecx", "edx");
}

DIE inject_debug(void)
{
	asm volatile("int $1");
}

DIE inject_breakpoint(void)
{
	asm volatile("int3");
}

DIE inject_opcode(void)
{
	asm volatile("ud2");
}

DIE inject_no_fpu(void)
{
	cr0_write(cr0_read() | 8); /* TS */
	asm volatile("fnop");
}

DIE inject_double_fault(void)
{
	asm volatile("movq %0, %%rsp\n\tpushq %%rax" : : "r"(BROKEN_ADDRESS) : "memory");
}

DIE inject_segment(void)
{
	asm volatile("movw %w0, %%ds" : : "r"(0x7b));
}

DIE inject_protection(void)
{
	*(volatile uint64_t *)BROKEN_ADDRESS = 1;
}

DIE inject_fpu(void)
{
	static const uint16_t unmasked = 0x37b; /* all but division by zero masked */

	cr0_write(cr0_read() & ~8ull);
	asm volatile("fninit\n\tfldcw %0\n\tfldz\n\tfld1\n\tfdivp\n\tfwait" : : "m"(unmasked));
}

/* QEMU raises none by itself. */
DIE inject_simd(void)
{
	asm volatile("int $19");
}

DIE inject_machine_check(void)
{
	asm volatile("int $18");
}

DIE inject_triple_fault(void)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) none;

	asm volatile("lidt %0\n\tint3" : : "m"(none));
}

/* --- Memory ----------------------------------------------------------------------- */

DIE inject_null_read(void)
{
	uint64_t *volatile nothing = NULL;

	(void)*(volatile uint64_t *)(nothing + 1);
}

DIE inject_null_write(void)
{
	uint64_t *volatile nothing = NULL;

	*(volatile uint64_t *)nothing = 1;
}

DIE inject_null_call(void)
{
	void (*volatile nowhere)(void) = NULL;

	nowhere();
	asm volatile("");
}

DIE inject_wild_write(void)
{
	*(volatile uint64_t *)WILD_ADDRESS = 1;
}

DIE inject_write_code(void)
{
	*(volatile uint8_t *)(uint64_t)inject_write_code = 0xcc;
}

DIE inject_execute_data(void)
{
	static const uint8_t ret = 0xc3;
	void (*volatile data)(void) = (void (*)(void))(uint64_t)&ret;

	data();
	asm volatile("");
}

DIE inject_user_read(void)
{
	(void)*(volatile uint8_t *)current()->frame->rsp;
}

DIE inject_user_call(void)
{
	void (*volatile program)(void) = (void (*)(void))current()->frame->rip;

	program();
	asm volatile("");
}

DIE inject_stack_overflow(void)
{
	static volatile uint32_t depth;
	volatile char room[512];

	room[0] = 1;
	if (++depth != UINT32_MAX) /* never: the stack is smaller */
		inject_stack_overflow();
	depth += room[0];
}

DIE inject_use_after_free(void)
{
	volatile uint64_t *object = kmalloc(64);

	kfree((void *)object);
	object[1] = 1;
	panic("nobody noticed: this kernel has no address checks");
}

DIE inject_double_free(void)
{
	void *object = kmalloc(64);

	kfree(object);
	kfree(object);
	panic("nobody noticed: this kernel has no address checks");
}

DIE inject_out_of_memory(void)
{
	uint64_t pages = 0;

	while (page_alloc())
		pages++;
	panic("no page is left after %lu", pages);
}

/* --- Locks, hangs -------------------------------------------------------------------- */

static struct spinlock first_lock = SPINLOCK_INIT(RANK_DEVICE, "inject first");
static struct spinlock second_lock = SPINLOCK_INIT(RANK_CACHE, "inject second");

DIE inject_lock_twice(void)
{
	spin_lock(&first_lock);
	spin_lock(&first_lock);
	asm volatile("");
}

DIE inject_lock_order(void)
{
	spin_lock(&second_lock);
	spin_lock(&first_lock);
	panic("nobody noticed: this kernel does not check the order of locks");
}

static volatile bool second_taken;

static void take_second_first(void *unused)
{
	spin_lock(&second_lock);
	second_taken = true;
	spin_lock(&first_lock);
	asm volatile(""); /* no jump in place of the last call: it is to be on the stack */
}

/* On two CPUs; on one, the other thread never runs, and this one hangs. */
DIE inject_deadlock(void)
{
	struct thread *t = thread_create_kernel("second", take_second_first, NULL);

	spin_lock(&first_lock);
	thread_start(t);
	while (!second_taken)
		cpu_pause();
	spin_lock(&second_lock);
	asm volatile("");
}

DIE inject_hang(void)
{
	irq_disable();
	for (;;)
		cpu_pause();
}

DIE inject_halt(void)
{
	irq_disable();
	for (;;)
		asm volatile("hlt");
}

DIE inject_loop(void)
{
	for (;;)
		cpu_pause();
}

DIE inject_lost_wakeup(void)
{
	static struct wait_queue nobody;
	struct wait w;

	wait_queue_init(&nobody);
	wait_begin_uninterruptible(&w, &nobody, WAIT_PORT);
	for (;;)
		wait_sleep(&w);
}

/* --- Where it is hard to tell ------------------------------------------------------------ */

DIE inject_assertion(void)
{
	volatile int truth = 0;

	KASSERT(truth);
}

DIE inject_panic(void)
{
	panic("as asked");
}

static __attribute__((noinline)) void inject_fire(struct timer *t)
{
	*(volatile uint64_t *)WILD_ADDRESS = 1;
}

DIE inject_in_interrupt(void)
{
	static struct timer timer;

	timer_init(&timer, inject_fire);
	timer_start(&timer, clock_now() + LATER_NS);
	for (;;)
		cpu_pause();
}

DIE inject_in_nmi(void)
{
	watchdog_suspect = this_cpu()->id + 1;
	asm volatile("int $2");
}

/* A record is reserved, its header is there, and it is never committed. */
DIE inject_in_trace(void)
{
	struct ring *r = this_cpu()->ring;

	if (ring_attempt(r, EV_thread_exit) && ring_reserve(r, EV_thread_exit, 2))
		*(volatile uint64_t *)WILD_ADDRESS = 1;
}

DIE inject_in_panic(void)
{
	log_sink_port = (void (*)(const char *, size_t))WILD_ADDRESS;
	panic("whose telling fails");
}

DIE inject_ring_overwritten(void)
{
	irq_disable();
	memset(this_cpu()->ring, 0x5a, 128);
	panic("with a ring that is overwritten");
}

DIE inject_block_overwritten(void)
{
	struct ring *r = this_cpu()->ring;

	irq_disable();
	memset((char *)ring_block(r, r->head) + sizeof(struct trace_block), 0x5a, 1024);
	panic("with a block that is overwritten");
}

/* Nobody is left who could throw away what is not sent before the end. */
DIE inject_port_closed(void)
{
	irq_disable();
	stop_others();
	trace_detach();
	panic("with nobody at the trace port");
}

/* Nothing is wrong but that nobody is answered any more. */
DIE inject_deaf(void)
{
	static struct wait_queue nobody;
	struct wait w;

	trace_detach();
	wait_queue_init(&nobody);
	wait_begin_uninterruptible(&w, &nobody, WAIT_PORT);
	for (;;)
		wait_sleep(&w);
}

DIE inject_page_overwritten(void)
{
	salvage_destroy();
	panic("with nothing that tells the way in memory");
}

/* --- The table ------------------------------------------------------------------------------ */

#define WAYS(W)                                                                                    \
	W(divide)                                                                                  \
	W(debug)                                                                                   \
	W(breakpoint)                                                                              \
	W(opcode)                                                                                  \
	W(no_fpu)                                                                                  \
	W(double_fault)                                                                            \
	W(segment)                                                                                 \
	W(protection)                                                                              \
	W(fpu)                                                                                     \
	W(simd)                                                                                    \
	W(machine_check)                                                                           \
	W(triple_fault)                                                                            \
	W(null_read)                                                                               \
	W(null_write)                                                                              \
	W(null_call)                                                                               \
	W(wild_write)                                                                              \
	W(write_code)                                                                              \
	W(execute_data)                                                                            \
	W(user_read)                                                                               \
	W(user_call)                                                                               \
	W(stack_overflow)                                                                          \
	W(use_after_free)                                                                          \
	W(double_free)                                                                             \
	W(out_of_memory)                                                                           \
	W(lock_twice)                                                                              \
	W(lock_order)                                                                              \
	W(deadlock)                                                                                \
	W(hang)                                                                                    \
	W(halt)                                                                                    \
	W(loop)                                                                                    \
	W(lost_wakeup)                                                                             \
	W(assertion)                                                                               \
	W(panic)                                                                                   \
	W(in_interrupt)                                                                            \
	W(in_nmi)                                                                                  \
	W(in_trace)                                                                                \
	W(in_panic)                                                                                \
	W(ring_overwritten)                                                                        \
	W(block_overwritten)                                                                       \
	W(port_closed)                                                                             \
	W(deaf)                                                                                    \
	W(page_overwritten)

static const struct {
	const char *name;
	void (*die)(void);
} ways[] = {
#define W(name) { #name, inject_##name },
	WAYS(W)
#undef W
};

static int inject(const char *name)
{
	for (unsigned i = 0; i < ARRAY_SIZE(ways); i++) {
		if (strcmp(ways[i].name, name) == 0) {
			ways[i].die();
			return 0;
		}
	}
	return -EINVAL;
}

void inject_init(void)
{
	procfs_inject = inject;
}
