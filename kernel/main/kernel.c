/* The order in which the kernel comes up: kernel_main on the boot CPU, ap_main on
 * the others, then system_start in a thread, which ends in the first program. */
#include "kernel/main/kernel.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/smp.h"
#include "kernel/arch/x86_64/tables.h"
#include "kernel/lib/assert.h"
#include "kernel/debug/log.h"
#include "kernel/drivers/answers.h"
#include "kernel/drivers/port.h"
#include "kernel/fs/console.h"
#include "kernel/fs/cpio.h"
#include "kernel/fs/host.h"
#include "kernel/fs/mount.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"
#include "kernel/main/boot_info.h"
#include "kernel/main/inject.h"
#include "kernel/main/machine.h"
#include "kernel/mm/mapped.h"
#include "kernel/mm/object.h"
#include "kernel/mm/reclaim.h"
#include "kernel/mm/space.h"
#include "kernel/proc/core.h"
#include "kernel/proc/process.h"
#include "kernel/proc/stack_trace.h"
#include "kernel/proc/vdso.h"
#include "kernel/sched/timer.h"
#include "kernel/sched/turns.h"
#include "kernel/sched/watchdog.h"
#include "kernel/trace/function.h"
#include "kernel/trace/trace.h"

/* A CPU with all that it stands on. */
struct processor {
	struct cpu cpu; /* first: ap_main gets its address */
	struct cpu_tables tables;
	uint64_t ist_tops[IST_COUNT];
};

extern char boot_stack[], boot_stack_guard[];

static struct boot_info boot_info;
static struct processor boot_processor;
static char boot_ist[IST_COUNT][IST_STACK_SIZE] __attribute__((aligned(16)));

/* Before the page allocator: tables from the start of the first range, which the
 * boot tables map. */
static void *early_table(void)
{
	struct memory_range *r = &boot_info.ram[0];
	void *page = phys_to_virt(r->start);

	KASSERT(boot_info.ram_count && r->size >= PAGE_SIZE);
	r->start.raw += PAGE_SIZE;
	r->size -= PAGE_SIZE;
	return memset(page, 0, PAGE_SIZE);
}

static void boot_cpu_init(void)
{
	struct processor *p = &boot_processor;

	for (unsigned i = 0; i < IST_COUNT; i++)
		p->ist_tops[i] = (uint64_t)boot_ist[i] + IST_STACK_SIZE;
	cpus[0] = &p->cpu;
	cpu_count = 1;
	idt_init();
	cpu_init(&p->cpu, &p->tables, p->ist_tops);
}

/* An exact run that is to be run again has more memory than it shall know of: the host's
 * answers are kept there. */
static void answers_start(void)
{
	struct memory_range r;
	char text[24];

	if (!boot_option(&boot_info, "answers", text, sizeof(text)))
		return;
	r = boot_info_split(&boot_info, string_number(text, NULL) << 20);
	answers_init(phys_to_virt(r.start), r.size);
}

static void memory_init(void)
{
	paging_table_source(early_table);
	paging_init(boot_info.ram_end);
	paging_unmap_kernel((uint64_t)boot_stack_guard, PAGE_SIZE);
	answers_start();
	lapic_map();
	page_init(boot_info.ram, boot_info.ram_count);
	reclaim_init();
	object_init();
	space_init();
}

static void clock_start(void)
{
	char text[24];

	lapic_init_cpu();
	clock_init();
	if (boot_option(&boot_info, "exact", text, sizeof(text))) {
		clock_exact_init(string_number(text, NULL));
		cr4_write(cr4_read() | CR4_TSD); /* programs see the clock through trap.c */
	}
	if (boot_option(&boot_info, "realtime", text, sizeof(text)))
		clock_realtime_base_set(string_number(text, NULL));
	boot_processor.cpu.mark = clock_boot_tsc(); /* each tick since then is somebody's */
}

/* The functions to record are a member of the initramfs: they are needed before anything
 * could be a file. */
static void functions_start(void)
{
	const uint8_t *archive = phys_to_virt(boot_info.initrd);
	struct cpio_member m;
	size_t offset = 0;
	char text[4];

	if (!boot_option(&boot_info, "functions", text, sizeof(text)))
		return;
	while (cpio_next(archive, boot_info.initrd_size, &offset, &m) == 1) {
		if (strcmp(m.name, "run/ringscope/functions"))
			continue;
		function_init(m.data, m.size);
		return;
	}
	panic("functions= and no list of them");
}

static void watchdog_start(void)
{
	char text[24];

	if (boot_option(&boot_info, "inject", text, sizeof(text)))
		inject_init();
	if (boot_option(&boot_info, "watchdog", text, sizeof(text)))
		watchdog_init(string_number(text, NULL));
}

static void random_start(void)
{
	char text[40] = "";
	uint64_t seed = local_time();

	if (boot_option(&boot_info, "seed", text, sizeof(text)))
		seed = string_number(text, NULL);
	random_init(seed);
	if (boot_option(&boot_info, "turns", text, sizeof(text)))
		turns_init(string_number(text, NULL));
}

static void cpu_announce(const struct cpu *c)
{
	TRACE(cpu_online, .cpu = c->id, .apic = c->apic_id);
}

/* The hook of functions looks at this CPU's data, which is not there yet. */
unhooked void ap_main(struct cpu *c)
{
	struct processor *p = container_of(c, struct processor, cpu);

	cpu_init(c, &p->tables, p->ist_tops);
	lapic_init_cpu();
	c->mark = local_time();
	cpu_announce(c);
	__atomic_store_n(&c->online, true, __ATOMIC_RELEASE);
	lapic_timer_start();
	sched_idle();
}

static void processor_start(uint32_t id)
{
	struct processor *p = kmalloc(sizeof(*p));
	void *stack = mapped_alloc(KERNEL_STACK_SIZE);

	KASSERT(p && stack);
	for (unsigned i = 0; i < IST_COUNT; i++) {
		void *ist = mapped_alloc(IST_STACK_SIZE);

		KASSERT(ist);
		p->ist_tops[i] = (uint64_t)ist + IST_STACK_SIZE;
	}
	p->cpu.id = id;
	p->cpu.apic_id = id;
	trace_cpu_init(&p->cpu);
	sched_init_cpu(&p->cpu, stack);
	cpus[id] = &p->cpu;
	cpu_count = id + 1;
	if (!smp_start_cpu(&p->cpu, (uint64_t)stack + KERNEL_STACK_SIZE))
		panic("CPU %u does not start", id);
}

/* The first files, and where init is among them: in a tree of the host's the archive
 * is for the memory mounted on it. */
static const char *files_start(void)
{
	char tree[8] = "";
	bool host = boot_option(&boot_info, "root", tree, sizeof(tree)) && !strcmp(tree, "host");
	struct path root;

	mount_init();
	if (host)
		host_mount_root();
	mount_root(&root);
	if (!boot_info.initrd_size)
		panic("no initramfs: nothing to run");
	if (cpio_unpack(phys_to_virt(boot_info.initrd), boot_info.initrd_size, &root))
		panic("the initramfs is broken");
	path_put(&root);
	mount_standard();
	return host ? "/run/ringscope/init" : "/init";
}

static void core_start(void)
{
	char text[24] = "";

	if (boot_option(&boot_info, "core", text, sizeof(text)))
		core_limit_set(string_number(text, NULL));
}

static void system_start(void *unused)
{
	const char *init;
	bool ports;

	machine_init();
	ports = port_init();

	for (uint32_t id = 1; id < smp_cpus_present(); id++)
		processor_start(id);
	init = files_start();
	if (trace_vdso)
		vdso_init();
	if (!ports)
		log_line(LOG_WARNING, "no virtio-serial device: nobody hears the program");
	core_start();
	console_start(boot_info.command_line);
	trace_rules_wait();
	process_start_init(init);
	thread_exit();
}

void kernel_main(uint64_t start_info)
{
	struct thread *t;

	boot_cpu_init();
	boot_info_read(&boot_info, start_info);
	memory_init();
	clock_start();
	random_start();
	trace_init(boot_info.command_line);
	stack_trace_init(boot_info.command_line);
	functions_start();
	salvage_init();
	watchdog_start();
	sched_init_cpu(&boot_processor.cpu, boot_stack);
	boot_processor.cpu.apic_id = lapic_id();
	boot_processor.cpu.online = true;
	cpu_announce(&boot_processor.cpu);
	t = thread_create_kernel("boot", system_start, NULL);
	KASSERT(t);
	thread_start(t);
	lapic_timer_start();
	sched_idle();
}
