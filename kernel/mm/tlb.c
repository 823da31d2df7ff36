#include "kernel/mm/tlb.h"

#include "kernel/arch/x86_64/frame.h"
#include "kernel/lib/assert.h"
#include "kernel/sync/ipi.h"
#include "kernel/trace/trace.h"

#define SINGLE_MAX 16 /* more pages than that: reload CR3 instead of INVLPG for each */
#define SPINS_MAX  4096

static struct tlb_state {
	uint64_t asked;       /* [a] number of the newest request */
	uint64_t answered;    /* [a] written by its own CPU, interrupts off */
	uint64_t flushes;     /* own CPU: space->flushes when the space was last loaded */
	uint32_t lazy;        /* [a] written by its own CPU: no thread here uses the space */
	uint8_t pad[64 - 28]; /* a cache line each */
} states[CPU_MAX];

/* Go to the kernel's tables.  Interrupts off. */
static void drop(struct cpu *c)
{
	struct space *s = c->space;

	if (!s)
		return;
	paging_load(paging_kernel_root());
	c->space = NULL;
	__atomic_fetch_and(&s->loaded, ~(1ull << c->id), __ATOMIC_SEQ_CST);
}

/* Load the tables that c->space names.  Interrupts off. */
static void load(struct cpu *c)
{
	states[c->id].flushes = __atomic_load_n(&c->space->flushes, __ATOMIC_SEQ_CST);
	paging_load(c->space->root);
}

void space_activate(struct space *s)
{
	struct cpu *c = this_cpu();
	struct tlb_state *state = &states[c->id];
	struct space *old = c->space;

	KASSERT_DEBUG(!irq_enabled());
	if (!s) {
		__atomic_store_n(&state->lazy, 1, __ATOMIC_RELEASE);
		return;
	}
	/* Visible before the tables are looked at: who changes them from now on either
	 * asks this CPU to flush, or has counted its flush already. */
	__atomic_exchange_n(&state->lazy, 0, __ATOMIC_SEQ_CST);
	if (s == old) {
		if (state->flushes != __atomic_load_n(&s->flushes, __ATOMIC_SEQ_CST))
			load(c);
		return;
	}
	__atomic_fetch_or(&s->loaded, 1ull << c->id, __ATOMIC_SEQ_CST);
	c->space = s;
	load(c);
	if (old)
		__atomic_fetch_and(&old->loaded, ~(1ull << c->id), __ATOMIC_SEQ_CST);
}

/* As space_activate, from thread context; what was active before. */
static struct space *activate(struct space *s)
{
	uint64_t flags = irq_save();
	struct cpu *c = this_cpu();
	struct space *before = states[c->id].lazy ? NULL : c->space;

	space_activate(s);
	irq_restore(flags);
	return before;
}

static bool lock_spin(struct spinlock *l)
{
	for (unsigned i = 0; i < SPINS_MAX; i++) {
		if (spin_try(l))
			return true;
		cpu_pause();
	}
	return false;
}

/* A holder that waits for many CPUs to flush holds it for long.  With more virtual
 * CPUs than real ones those may lack the very time that is spent here, so after a
 * while this CPU rests, at most until the next timer interrupt. */
void space_lock(struct space *s)
{
	struct space *active;

	if (likely(spin_try(&s->lock)))
		return;
	active = activate(NULL);
	while (!lock_spin(&s->lock))
		irq_wait();
	activate(active);
}

/* Answer what was asked of this CPU.  Interrupts off. */
static void answer(void)
{
	struct cpu *c = this_cpu();
	struct tlb_state *state = &states[c->id];
	uint64_t asked = __atomic_load_n(&state->asked, __ATOMIC_SEQ_CST);

	if (asked == state->answered)
		return;
	if (c->space && __atomic_load_n(&c->space->dying, __ATOMIC_ACQUIRE))
		drop(c);
	else if (c->space)
		load(c);
	__atomic_store_n(&state->answered, asked, __ATOMIC_RELEASE);
}

void space_tlb_interrupt(void)
{
	answer();
}

/* Have the CPUs in mask (not this one) flush, and wait for them. */
static void ask(uint64_t mask, uint32_t pages)
{
	uint64_t want[CPU_MAX];

	TRACE(tlb_shootdown, .pages = pages, .cpus = (uint32_t)mask);
	for (uint64_t left = mask; left; left &= left - 1) {
		unsigned id = (unsigned)__builtin_ctzll(left);

		want[id] = __atomic_add_fetch(&states[id].asked, 1, __ATOMIC_SEQ_CST);
		ipi_send(id, VECTOR_IPI_TLB);
	}
	for (uint64_t left = mask; left; left &= left - 1) {
		unsigned id = (unsigned)__builtin_ctzll(left);

		while (__atomic_load_n(&states[id].answered, __ATOMIC_ACQUIRE) < want[id]) {
			uint64_t flags = irq_save();

			answer();
			irq_restore(flags);
			cpu_pause();
		}
	}
}

void tlb_flush_here(struct space *s, uint64_t addr)
{
	if (this_cpu()->space == s)
		tlb_flush_page(addr);
}

/* The CPUs but this one that have s loaded.  The full barrier: a CPU that sets its
 * bit after that finds the changed tables. */
static uint64_t others(const struct space *s)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(&s->loaded, __ATOMIC_SEQ_CST) & ~(1ull << this_cpu()->id);
}

/* Those of mask that run the program. */
static uint64_t active(uint64_t mask)
{
	for (uint64_t left = mask; left; left &= left - 1) {
		unsigned id = (unsigned)__builtin_ctzll(left);

		if (__atomic_load_n(&states[id].lazy, __ATOMIC_SEQ_CST))
			mask &= ~(1ull << id);
	}
	return mask;
}

/* number: of this flush. */
static void flush_here(struct space *s, uint64_t start, uint64_t end, uint64_t number)
{
	uint64_t flags = irq_save();
	struct tlb_state *state = &states[this_cpu()->id];

	if (this_cpu()->space == s && end - start > SINGLE_MAX * PAGE_SIZE)
		load(this_cpu());
	else if (this_cpu()->space == s)
		for (uint64_t at = start; at < end; at += PAGE_SIZE)
			tlb_flush_page(at);
	if (this_cpu()->space == s && state->flushes == number - 1)
		state->flushes = number;
	irq_restore(flags);
}

void tlb_flush(struct space *s, uint64_t start, uint64_t end, uint32_t changed)
{
	uint64_t number, mask;

	KASSERT(spin_held(&s->lock));
	number = __atomic_add_fetch(&s->flushes, 1, __ATOMIC_SEQ_CST);
	flush_here(s, start, end, number);
	mask = active(others(s));
	if (mask)
		ask(mask, changed);
}

void tlb_release(struct space *s)
{
	uint64_t flags, mask;

	__atomic_store_n(&s->dying, true, __ATOMIC_SEQ_CST);
	flags = irq_save();
	if (this_cpu()->space == s)
		drop(this_cpu());
	irq_restore(flags);
	mask = others(s);
	if (mask)
		ask(mask, 0);
	KASSERT(!__atomic_load_n(&s->loaded, __ATOMIC_SEQ_CST));
}
