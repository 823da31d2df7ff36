#include "kernel/sched/barrier.h"

#include "kernel/arch/x86_64/frame.h"
#include "kernel/sync/ipi.h"

/* Locks: [a] atomic. */
static struct {
	uint64_t asked;    /* [a] number of the newest request */
	uint64_t answered; /* [a] written by its own CPU */
	uint32_t restart;  /* [a] a request wants sequences restarted */
} states[CPU_MAX];

uint64_t barrier_space(void)
{
	const struct space *s = current()->space;
	uint64_t set = 0;

	/* What the program stored before is seen by a CPU that comes to its space later. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < cpu_count; i++) {
		if (__atomic_load_n(&cpus[i]->space, __ATOMIC_RELAXED) == s)
			set |= 1ull << i;
	}
	return set;
}

void barrier_run(uint64_t cpu_set, bool restart)
{
	uint64_t want[CPU_MAX] = { 0 };

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < cpu_count; i++) {
		if (!(cpu_set >> i & 1) || !cpus[i]->online || cpus[i] == this_cpu())
			continue;
		if (restart)
			__atomic_store_n(&states[i].restart, 1, __ATOMIC_SEQ_CST);
		want[i] = __atomic_add_fetch(&states[i].asked, 1, __ATOMIC_SEQ_CST);
		ipi_send(i, VECTOR_IPI_BARRIER);
	}
	for (uint32_t i = 0; i < cpu_count; i++) {
		while (__atomic_load_n(&states[i].answered, __ATOMIC_ACQUIRE) < want[i])
			cpu_pause();
	}
}

void barrier_interrupt(void)
{
	uint32_t id = this_cpu()->id;
	uint64_t asked = __atomic_load_n(&states[id].asked, __ATOMIC_SEQ_CST);

	if (__atomic_exchange_n(&states[id].restart, 0, __ATOMIC_SEQ_CST))
		current()->resumed = current()->sequences;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&states[id].answered, asked, __ATOMIC_RELEASE);
}
