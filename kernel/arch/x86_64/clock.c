#include "kernel/arch/x86_64/clock.h"

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/local.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/assert.h"
#include "schemas/clock.h"
#include "schemas/trace.h"

/* 8254 timer, channel 2, which can be polled: its gate and output are in port
 * 0x61 (Intel ICH datasheets, "NMI status and control"). */
#define PIT_HZ        1193182ull
#define PIT_CHANNEL_2 0x42
#define PIT_COMMAND   0x43
#define PIT_GATE_PORT 0x61
#define PIT_OUTPUT    0x20
#define MEASURE_COUNT 4772 /* 4 ms */
#define MEASURE_TRIES 25   /* on a busy host most are spoilt */

uint64_t local_time_stopped;

static uint64_t tsc_hz, lapic_hz, boot_tsc;
static uint64_t origin_tsc; /* what local_time showed at time 0 */
static bool exact;
static uint64_t exact_began;
static uint64_t stopped_at;        /* of the clock that stands still */
static uint32_t stopped_count;     /* what was left on the timer */
static uint64_t stopped_functions; /* cpu.functions */
static uint32_t tsc_error_ppm;
static uint64_t ticks_per_ns_32; /* 32.32 fixed point */

/* What programs are told of the clock. */
static struct clock_page before_memory;
static struct clock_page *clock = &before_memory;

struct measurement {
	uint64_t tsc, lapic, gap; /* ticks over MEASURE_COUNT; uncertainty of tsc */
};

static struct measurement measure(void)
{
	struct measurement m;
	uint64_t before, start, clear, poll, end;
	uint32_t lapic_start;
	bool expired;

	port_write8(PIT_GATE_PORT, (port_read8(PIT_GATE_PORT) & ~2) | 1);
	port_write8(PIT_COMMAND, 0xb0); /* channel 2, both bytes, mode 0 */
	port_write8(PIT_CHANNEL_2, MEASURE_COUNT & 0xff);
	lapic_start = lapic_count_start();
	before = local_time();
	port_write8(PIT_CHANNEL_2, MEASURE_COUNT >> 8);
	start = poll = local_time();
	/* It expires between the last poll that found it clear and the end: this CPU
	 * may lose the host's at any place, so nothing narrower is sure. */
	do {
		clear = poll;
		cpu_pause();
		poll = local_time();
		expired = port_read8(PIT_GATE_PORT) & PIT_OUTPUT;
		end = local_time();
	} while (!expired);
	m.lapic = lapic_start - lapic_count();
	m.tsc = end - start;
	m.gap = (start - before) + (end - clear);
	return m;
}

/* Programs read the TSC itself: to them the ticks without time are before the origin. */
static void origin_tell(void)
{
	__atomic_fetch_add(&clock->sequence, 1, __ATOMIC_ACQ_REL);
	__atomic_store_n(&clock->origin_tsc, origin_tsc + local_time_stopped, __ATOMIC_RELAXED);
	__atomic_fetch_add(&clock->sequence, 1, __ATOMIC_RELEASE);
}

static void scale_set(uint64_t tsc, uint64_t lapic, uint32_t error_ppm)
{
	tsc_hz = tsc;
	lapic_hz = lapic;
	tsc_error_ppm = error_ppm;
	clock->ns_per_tick_32 = (uint64_t)(((unsigned __int128)1000000000 << 32) / tsc_hz);
	ticks_per_ns_32 = (uint64_t)(((unsigned __int128)tsc_hz << 32) / 1000000000);
}

void clock_init(void)
{
	struct measurement best = { .gap = UINT64_MAX };

	boot_tsc = origin_tsc = local_time();
	origin_tell();
	for (int i = 0; i < MEASURE_TRIES; i++) {
		struct measurement m = measure();

		if (m.gap < best.gap)
			best = m;
		if (best.gap * 2000 < best.tsc) /* 500 ppm will do */
			break;
	}
	scale_set(best.tsc * PIT_HZ / MEASURE_COUNT, best.lapic * PIT_HZ / MEASURE_COUNT,
		  best.gap * 1000000 / best.tsc + 1);
}

void clock_exact_init(uint64_t began)
{
	exact = true;
	exact_began = began;
	scale_set(1000000000, 1000000000, 0);
}

uint64_t clock_exact_began(void)
{
	return exact_began;
}

bool clock_is_exact(void)
{
	return exact;
}

/* How often the host is asked meanwhile is no part of the run: functions are not recorded,
 * and these two are none (what is entered in between has left before clock_go_on). */
unhooked void clock_stop(void)
{
	KASSERT(exact && !irq_enabled());
	stopped_functions = this_cpu()->functions;
	this_cpu()->functions = 0;
	this_cpu()->functions_paused = true;
	stopped_at = local_time();
	stopped_count = lapic_count();
	lapic_count_set(0);
}

unhooked void clock_go_on(void)
{
	struct cpu *c = this_cpu();
	uint64_t ticks;

	/* One that was spent has fired, or is about to. */
	if (stopped_count)
		lapic_count_set(stopped_count);
	ticks = local_time() - stopped_at;
	local_time_stopped += ticks;
	c->enter_word -= ticks << TRACE_TIME_SHIFT;
	c->exit_word -= ticks << TRACE_TIME_SHIFT;
	c->functions = stopped_functions;
	c->functions_paused = false;
	origin_tell();
}

uint64_t clock_tsc_hz(void)
{
	return tsc_hz;
}

uint32_t clock_tsc_error_ppm(void)
{
	return tsc_error_ppm;
}

uint64_t clock_boot_tsc(void)
{
	return boot_tsc;
}

uint64_t clock_lapic_hz(void)
{
	return lapic_hz;
}

uint64_t clock_from_ticks(uint64_t ticks)
{
	return clock_ticks_ns(ticks, clock->ns_per_tick_32);
}

uint64_t clock_now(void)
{
	return clock_from_ticks(local_time() - origin_tsc);
}

uint64_t clock_tsc_at(uint64_t ns)
{
	return origin_tsc + (uint64_t)((unsigned __int128)ns * ticks_per_ns_32 >> 32) + 1;
}

uint64_t clock_realtime_base(void)
{
	return clock->realtime_base;
}

void clock_realtime_base_set(uint64_t ns)
{
	__atomic_fetch_add(&clock->sequence, 1, __ATOMIC_ACQ_REL);
	__atomic_store_n(&clock->realtime_base, ns, __ATOMIC_RELAXED);
	__atomic_fetch_add(&clock->sequence, 1, __ATOMIC_RELEASE);
}

void clock_move(struct clock_page *to)
{
	*to = *clock;
	__atomic_store_n(&clock, to, __ATOMIC_RELEASE);
}
