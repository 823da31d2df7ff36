#include "viewer/tally.h"

#include "viewer/crossing.h"

static void tally_actor(struct tally *tally, uint32_t tid, uint32_t down, uint32_t up)
{
	unsigned i = 0;

	while (i < tally->actors && tally->by[i].tid != tid)
		i++;
	if (i == TALLY_ACTORS)
		return;
	if (i == tally->actors) {
		tally->by[i].tid = tid;
		tally->by[i].down = tally->by[i].up = 0;
		tally->actors++;
	}
	tally->by[i].down += down;
	tally->by[i].up += up;
}

void tally_add(struct tally *tally, const struct event *e)
{
	enum direction way = event_direction(e);

	tally->events++;
	tally->down += way == CROSS_DOWN;
	tally->up += way == CROSS_UP;
	tally->calls += e->kind == EV_syscall_enter;
	tally->faults += e->kind == EV_page_fault;
	tally->switches += e->kind == EV_context_switch;
	tally->wakeups += e->kind == EV_wakeup;
	tally->irqs += e->kind == EV_interrupt || e->kind == EV_nmi;
	if (way != CROSS_NONE && e->tid != 0)
		tally_actor(tally, e->tid, way == CROSS_DOWN, way == CROSS_UP);
}

void tally_join(struct tally *sum, const struct tally *other)
{
	sum->events += other->events;
	sum->down += other->down;
	sum->up += other->up;
	sum->calls += other->calls;
	sum->faults += other->faults;
	sum->switches += other->switches;
	sum->wakeups += other->wakeups;
	sum->irqs += other->irqs;
	for (unsigned i = 0; i < other->actors; i++)
		tally_actor(sum, other->by[i].tid, other->by[i].down, other->by[i].up);
}

void tally_of(const struct tally *tally, uint32_t tid, uint32_t *down, uint32_t *up)
{
	*down = *up = 0;
	for (unsigned i = 0; i < tally->actors; i++) {
		if (tally->by[i].tid == tid) {
			*down = tally->by[i].down;
			*up = tally->by[i].up;
		}
	}
}
