/* Who is chosen has the most memory, in frames, plus its oom_score_adj in thousandths of
 * all memory, as on Linux.  Its private memory is taken away at once, whatever it is
 * doing: it might be waiting for a lock that the very thread holds which needs memory.
 * A thread of it that comes to touch its memory before the signal ends it gets SIGBUS. */
#include "kernel/proc/oom.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/debug/log.h"
#include "kernel/mm/reclaim.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/tree.h"
#include "kernel/sched/timer.h"
#include "kernel/trace/trace.h"

#define WAIT_NS   1000000ull /* for what was ended to give back the rest */
#define WAITS_MAX 200
#define KB(pages) ((pages) * (uint64_t)(PAGE_SIZE / 1024))

static uint32_t choosing;     /* [a] one at a time */
static uint64_t ended_serial; /* [choosing] the space of who was chosen last */

/* Frames that would come back, adjusted; 0: not to be chosen.  Holds: tree lock. */
static uint64_t badness(const struct process *p)
{
	int64_t points, all = (int64_t)page_count_total();
	int adjust = __atomic_load_n(&p->oom_adjust, __ATOMIC_RELAXED);

	if (p == init_process || p->zombie || !p->space || adjust == OOM_ADJUST_MIN ||
	    space_reaped(p->space))
		return 0;
	points = (int64_t)space_frames(p->space) + adjust * all / 1000;
	return points > 0 ? (uint64_t)points : 1;
}

/* The process to be ended and its memory, both with references; NULL: nobody. */
static struct process *choose(struct space **space)
{
	struct process *p, *worst = NULL;
	uint64_t most = 0;

	tree_lock();
	tree_for_each(p)
	{
		uint64_t points = badness(p);

		if (points > most) {
			most = points;
			worst = p;
		}
	}
	if (worst) {
		process_get(worst);
		*space = worst->space;
		space_get(*space);
	}
	tree_unlock();
	return worst;
}

static void report(const struct process *p, struct space *s)
{
	struct space_usage u;
	struct thread *t = thread_find(p->pid);

	space_usage(s, &u);
	log_line(LOG_WARNING,
		 "Out of memory: Killed process %u (%s) total-vm:%lukB, anon-rss:%lukB, "
		 "file-rss:%lukB, UID:%u oom_score_adj:%d",
		 p->pid, t ? t->name : "", KB(u.size), KB(u.resident - u.shared), KB(u.shared),
		 p->credentials.uid, p->oom_adjust);
	if (t)
		thread_put(t);
	TRACE(oom_kill, .pid = p->pid, .adjust = p->oom_adjust, .pages = u.resident,
	      .free = page_count_free());
}

/* All processes that use s: memory is only free when all of them are gone. */
static void users_kill(const struct space *s)
{
	struct process *p;

	tree_lock();
	tree_for_each(p)
	{
		if (p->space == s && p != init_process)
			signal_process(p, SIGKILL, NULL);
	}
	tree_unlock();
}

/* Give who was ended last some time to give back what is not private. */
static void ended_wait(void)
{
	struct process *p;
	bool there = ended_serial;

	for (unsigned i = 0; i < WAITS_MAX && there; i++) {
		there = false;
		tree_lock();
		tree_for_each(p)
		{
			if (p->space && space_serial(p->space) == ended_serial)
				there = p != current_process();
		}
		tree_unlock();
		if (there && timer_sleep_until(clock_now() + WAIT_NS))
			break;
	}
}

/* End somebody; false: the caller's own process, or there is nobody. */
static bool end_somebody(void)
{
	struct space *space = NULL;
	struct process *p = choose(&space);
	bool own;

	if (!p) {
		log_line(LOG_WARNING, "Out of memory and nobody to end but who asks for it");
		return false;
	}
	own = space == current_process()->space;
	ended_serial = space_serial(space);
	report(p, space);
	users_kill(space);
	if (!own)
		space_reap(space);
	space_put(space);
	process_put(p);
	return !own;
}

bool oom_relieve(void)
{
	uint32_t idle = 0;
	bool again;

	if (signal_waiting(current()) & signal_bit(SIGKILL))
		return false;
	if (!__atomic_compare_exchange_n(&choosing, &idle, 1, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED)) {
		timer_sleep_until(clock_now() + WAIT_NS);
		return true;
	}
	ended_wait();
	again = memory_room() || end_somebody();
	__atomic_store_n(&choosing, 0, __ATOMIC_RELEASE);
	return again;
}
