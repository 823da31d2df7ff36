#include "kernel/trace/payload.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/smp.h"

static struct {
	uint32_t cpus, blocks, block_bytes;
} shape; /* set before the port is there */

void payload_init(unsigned blocks, size_t block_bytes)
{
	shape.cpus = smp_cpus_present(); /* cpu_count is still growing when HELLO is sent */
	shape.blocks = blocks;
	shape.block_bytes = block_bytes;
}

extern const unsigned char build_id_start[], build_id_end[]; /* kernel.ld */

/* The GNU build id is the end of its ELF note. */
static void build_id_copy(uint8_t to[20])
{
	size_t note = (uintptr_t)build_id_end - (uintptr_t)build_id_start;

	if (note >= 20)
		memcpy(to, build_id_start + (note - 20), 20);
}

void trace_hello_fill(struct trace_hello *to)
{
	*to = (struct trace_hello){
		.schema = RINGSCOPE_SCHEMA_HASH,
		.tsc_hz = clock_tsc_hz(),
		.boot_tsc = clock_boot_tsc(),
		.realtime_ns = clock_realtime_base(),
		.cpus = shape.cpus,
		.block_bytes = shape.block_bytes,
		.blocks_per_cpu = shape.blocks,
		.mode = trace_mode,
		.tsc_error_ppm = clock_tsc_error_ppm(),
		.flags = trace_vdso ? HELLO_VDSO : 0,
	};
	build_id_copy(to->build_id);
}

void payload_stats(struct trace_stats *to, const struct cpu *c)
{
	const struct ring *r = c->ring;

	*to = (struct trace_stats){
		.cpu = c->id,
		.events = EV_LIMIT,
		.user_ticks = c->user_ticks,
		.kernel_ticks = c->kernel_ticks,
		.idle_ticks = c->idle_ticks,
		.wait_ticks = c->wait_ticks,
		.blocks = r->taken / shape.block_bytes,
	};
	memcpy(to->lost, r->lost, sizeof(to->lost));
	for (unsigned id = 0; id < RING_EVENTS; id++) {
		to->emitted[id] = ring_emitted(r, id, &to->filtered[id]);
		to->lost[LOSS_PORT_CLOSED][id] += r->discarded[id];
	}
}
