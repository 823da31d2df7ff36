#include "kernel/sync/stop.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/trace/function.h"
#include "kernel/trace/trace.h"

#define STOP_POLITE_NS 20000000  /* for what a CPU is amidst of */
#define STOP_NS        200000000 /* a CPU that has not stopped by then is given up */
#define ASK_AGAIN_NS   1000000

_Static_assert(sizeof(struct salvage_registers) == sizeof(struct frame) &&
		       offsetof(struct salvage_registers, rip) == offsetof(struct frame, rip) &&
		       offsetof(struct salvage_registers, rdi) == offsetof(struct frame, rdi),
	       "salvage.h lists the registers as struct frame does");
_Static_assert(SALVAGE_CPUS == CPU_MAX, "cpus[]");

enum stop { STOP_NO, STOP_WHEN_QUIET, STOP_AT_ONCE };

struct salvage_cpu cpu_states[CPU_MAX];
static uint32_t asked;   /* [a] enum stop */
static uint32_t stopped; /* [a] CPUs in stop_here */
static uint32_t struck;  /* [a] of these, amidst a record */

void cpu_state_save(const struct frame *f)
{
	struct salvage_cpu *s = &cpu_states[this_cpu()->id];

	s->cr2 = cr2_read();
	s->cr3 = cr3_read();
	s->functions = (uint64_t)function_walk_from(f->rbp).next;
	memcpy(&s->registers, f, sizeof(s->registers));
	__atomic_store_n(&s->valid, 1, __ATOMIC_RELEASE);
}

static uint32_t ask_others(void)
{
	uint32_t others = 0;

	for (uint32_t i = 0; i < cpu_count; i++) {
		if (!cpus[i]->online || cpus[i] == this_cpu())
			continue;
		others++;
		lapic_command(cpus[i]->apic_id, LAPIC_COMMAND_NMI);
	}
	return others;
}

static bool others_stop(uint32_t how, uint64_t ns)
{
	uint64_t now = clock_now(), deadline = now + ns, next = now + ASK_AGAIN_NS;
	uint32_t others;

	__atomic_store_n(&asked, how, __ATOMIC_SEQ_CST);
	others = ask_others();
	while (__atomic_load_n(&stopped, __ATOMIC_ACQUIRE) < others && now < deadline) {
		cpu_pause();
		now = clock_now();
		if (now >= next) {
			ask_others();
			next = now + ASK_AGAIN_NS;
		}
	}
	return __atomic_load_n(&stopped, __ATOMIC_ACQUIRE) >= others;
}

bool stop_others(void)
{
	if (!others_stop(STOP_WHEN_QUIET, STOP_POLITE_NS) && !others_stop(STOP_AT_ONCE, STOP_NS))
		return false;
	return !__atomic_load_n(&struck, __ATOMIC_RELAXED);
}

void stop_here(void)
{
	__atomic_fetch_add(&stopped, 1, __ATOMIC_RELEASE);
	for (;;) {
		irq_disable();
		asm volatile("hlt");
	}
}

bool stop_nmi(const struct frame *f)
{
	uint32_t how = __atomic_load_n(&asked, __ATOMIC_ACQUIRE);
	bool quiet;

	if (how == STOP_NO)
		return false;
	cpu_state_save(f); /* first: the ring may be what is broken */
	quiet = !this_cpu()->ring || trace_quiet();
	if (!quiet && how == STOP_WHEN_QUIET)
		return true;
	if (!quiet)
		__atomic_fetch_add(&struck, 1, __ATOMIC_RELAXED);
	stop_here();
}
