/* The page that tells others the way in this memory: schemas/salvage.h. */
#include "kernel/arch/x86_64/paging.h"
#include "kernel/debug/log.h"
#include "kernel/lib/string.h"
#include "kernel/main/inject.h"
#include "kernel/main/machine.h"
#include "kernel/proc/tree.h"
#include "kernel/sched/queue.h"
#include "kernel/sched/watchdog.h"
#include "kernel/sync/stop.h"
#include "kernel/trace/crc.h"
#include "kernel/trace/function.h"
#include "kernel/trace/trace.h"

extern char image_start[], image_end[], text_start[], text_end[];
extern char trap_called_user[], trap_called_kernel[], trap_called_paranoid[], syscall_called[];

static union {
	struct salvage_page page;
	char bytes[PAGE_SIZE];
} salvage __attribute__((aligned(PAGE_SIZE)));

_Static_assert(SALVAGE_HOOKS == FUNCTION_HOOKS, "function_returns[]");

static const struct salvage_field fields[SALVAGE_FIELDS] = {
#define FIELD(structure, member)                                                                   \
	[SALVAGE_##structure##_##member] = { offsetof(struct structure, member),                   \
					     sizeof(((struct structure *)0)->member) },
#define SIZE(structure) [SALVAGE_size_##structure] = { 0, sizeof(struct structure) },
#include "schemas/layout.def"
};

void salvage_destroy(void)
{
	memset(salvage.bytes, 0x5a, sizeof(salvage.bytes));
}

void salvage_init(void)
{
	struct salvage_page *p = &salvage.page;
	const uint64_t *log_end;
	size_t log_size;

	*p = (struct salvage_page){
		.version = SALVAGE_VERSION,
		.size = sizeof(*p),
		.fields = SALVAGE_FIELDS,
		.root = virt_to_phys(paging_kernel_root()).raw,
		.image_base = KERNEL_BASE,
		.image_start = (uint64_t)image_start,
		.image_end = (uint64_t)image_end,
		.text_start = (uint64_t)text_start,
		.text_end = (uint64_t)text_end,
		.direct_base = DIRECT_BASE,
		.mapped_base = MAPPED_BASE,
		.mapped_end = MAPPED_END,
		.stack_size = KERNEL_STACK_SIZE,
		.cpus = (uint64_t)cpus,
		.cpu_count = (uint64_t)&cpu_count,
		.cpu_states = (uint64_t)cpu_states,
		.panic = (uint64_t)&panic_state,
		.processes = (uint64_t)tree_list(),
		.suspect = (uint64_t)&watchdog_suspect,
		.log = (uint64_t)log_memory(&log_size, &log_end),
		.trap_user = (uint64_t)trap_called_user,
		.trap_kernel = (uint64_t)trap_called_kernel,
		.trap_paranoid = (uint64_t)trap_called_paranoid,
		.system_call = (uint64_t)syscall_called,
		.thread_begin = (uint64_t)thread_begin,
	};
	p->log_size = log_size;
	p->log_end = (uint64_t)log_end;
	trace_hello_fill(&p->hello);
	memcpy(p->field, fields, sizeof(fields));
	for (unsigned i = 0; i < SALVAGE_HOOKS; i++)
		p->function_returns[i] = (uint64_t)function_return_hooks[i];
	memcpy(p->magic, SALVAGE_MAGIC, sizeof(p->magic));
	p->checksum = crc32c(0, p, sizeof(*p));
}
