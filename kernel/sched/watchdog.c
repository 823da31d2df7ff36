#include "kernel/sched/watchdog.h"

#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/assert.h"
#include "kernel/sched/queue.h"
#include "schemas/salvage.h"

#define LOOKS_A_SECOND 10 /* sched.c: every BALANCE_TICKS of 10 ms */

volatile uint32_t watchdog_suspect;

static uint64_t patience = WATCHDOG_SECONDS * LOOKS_A_SECOND; /* [I] looks; 0: for ever */

/* What a CPU saw of each other one.  Looks are counted, not time: a machine that stood
 * still as a whole is not stuck. */
static struct sight {
	uint64_t mark;
	uint32_t looks;
} sights[CPU_MAX][CPU_MAX]; /* [o] the row of a CPU */

void watchdog_init(uint64_t seconds)
{
	patience = seconds * LOOKS_A_SECOND;
	spin_seconds = (seconds + 1) / 2; /* who waits for a lock knows more: it is first */
}

static bool is_in_kernel(const struct cpu *c)
{
	return c->online && !c->in_user && c->thread != c->queue->idle;
}

/* This CPU has its ticks, but the thread they strike does not come out of the kernel. */
static void own_look(const struct cpu *me)
{
	struct sight *s = &sights[me->id][me->id];
	const uint64_t mark = me->user_ticks ^ me->wait_ticks ^ (uint64_t)me->thread;

	if (s->mark != mark || !patience) {
		*s = (struct sight){ .mark = mark };
	} else if (++s->looks >= patience) {
		panic("hang: thread %u does not come out of the kernel, interrupts on",
		      me->thread->tid);
	}
}

void watchdog_look(void)
{
	const struct cpu *me = this_cpu();

	own_look(me);
	for (uint32_t i = 0; i < cpu_count; i++) {
		const struct cpu *c = cpus[i];
		struct sight *s = &sights[me->id][i];
		const uint64_t mark = c->mark ^ c->wait_ticks;

		if (c == me)
			continue;
		if (!is_in_kernel(c) || s->mark != mark) {
			*s = (struct sight){ .mark = mark };
			continue;
		}
		if (!patience || ++s->looks < patience)
			continue;
		if (s->looks >= patience + LOOKS_A_SECOND)
			panic("hang: CPU %u is stuck and does not even take an NMI", i);
		watchdog_suspect = i + 1;
		lapic_command(c->apic_id, LAPIC_COMMAND_NMI);
	}
}

void watchdog_nmi(const struct frame *f)
{
	const uint32_t suspect = watchdog_suspect;
	const struct cpu *me = this_cpu();
	const bool busy = is_in_kernel(me);
	const char *interrupts = f->rflags & RFLAGS_IF ? "on" : "off";

	if ((suspect & ~SALVAGE_SILENT) != me->id + 1)
		return;
	if (frame_from_user(f) || (!busy && !(suspect & SALVAGE_SILENT)))
		watchdog_suspect = 0; /* it came out meanwhile */
	else if (suspect & SALVAGE_SILENT)
		panic_at(f,
			 "hang: the kernel does not answer the recorder; CPU %u is %s at %lx,"
			 " interrupts %s",
			 me->id, busy ? "in the kernel" : "idle", f->rip, interrupts);
	else
		panic_at(f, "hang: CPU %u does not come out of the kernel at %lx, interrupts %s",
			 me->id, f->rip, interrupts);
}
