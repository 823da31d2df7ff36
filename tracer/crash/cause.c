#include "tracer/crash/cause.h"

#include <string.h>
#include <sys/mman.h>

#include "tracer/payload.h"
#include "tracer/crash/lineage.h"

#define NULL_PAGES  (64u << 10) /* Linux's mmap_min_addr: nothing is ever mapped below */
#define STACK_NEAR  (64u << 10) /* an access so near to rsp is one to the stack */
#define STACK_MOST  (1ull << 30)
#define LOOK_AHEAD  64u
#define LOOK_BEHIND 20000u

/* How far addr is below the top of the stack, whose regions adjoin; 0: no stack is above. */
static uint64_t stack_depth(const struct state_space *space, uint64_t addr)
{
	uint64_t top = 0;

	for (uint32_t i = 0; space && i < space->count; i++) {
		const struct state_region *g = &space->region[i];

		if (g->start + g->length > addr && strcmp(g->path, "[stack]") == 0 &&
		    (!top || g->start == top))
			top = g->start + g->length;
	}
	return top > addr && top - addr < STACK_MOST ? top - addr : 0;
}

void circumstances_look(struct circumstances *c, const struct state_space *space, uint64_t rsp)
{
	const struct state_region *g = space ? state_region_find(space, c->addr) : NULL;
	const uint64_t distance = c->addr > rsp ? c->addr - rsp : rsp - c->addr;

	c->mapped = g;
	c->prot = g ? g->prot : 0;
	c->near_stack = rsp && distance < STACK_NEAR;
	c->depth = stack_depth(space, c->addr);
}

const struct cause *cause_find(const struct circumstances *c)
{
#define CAUSE(number, name, condition, fact, conclusion)                                           \
	if (condition) {                                                                           \
		static const struct cause cause = { number, name, fact, conclusion };              \
		return &cause;                                                                     \
	}
#include "tracer/crash/causes.def"
#undef CAUSE
	return NULL;
}

/* The stack pointer of a thread that ends soon; 0: not told. */
static uint64_t stack_pointer(struct reader *r, const struct event *e)
{
	struct event next;

	for (uint64_t id = e->id + 1; id <= e->id + LOOK_AHEAD; id++) {
		if (!reader_event(r, id, &next, NULL))
			return 0;
		if (next.kind == EV_fatal_state && next.tid == e->tid)
			return payload_fatal_state(&next).rsp;
	}
	return 0;
}

static bool fault_look(struct circumstances *c, struct reader *r, const struct event *e)
{
	const struct state_process *p;
	struct state then = { 0 };
	struct lineage before;
	struct event begin;
	struct span span;

	c->fault = payload_page_fault_end(e).cause;
	if ((c->fault != FAULT_NO_REGION && c->fault != FAULT_PROTECTION && c->fault != FAULT_BUS &&
	     c->fault != FAULT_NO_MEMORY) ||
	    !reader_span(r, e->id, &span) || !reader_event(r, span.begin, &begin, NULL) ||
	    begin.kind != EV_page_fault || !reader_state(r, e->id, &then, NULL))
		return false;
	c->addr = payload_page_fault(&begin).addr;
	c->error = (unsigned)payload_page_fault(&begin).error;
	p = state_process_find(&then, e->pid);
	circumstances_look(c, p ? state_space_find(&then, p->space) : NULL, stack_pointer(r, e));
	state_free(&then);
	lineage_look(&before, r, e->id + 1, e->pid, c->addr, LOOK_BEHIND);
	c->unmapped = before.unmap.event;
	return true;
}

const struct cause *cause_of_event(struct reader *r, const struct event *e)
{
	struct circumstances c = { 0 };

	if (e->kind == EV_page_fault_end)
		return fault_look(&c, r, e) ? cause_find(&c) : NULL;
	if (e->kind != EV_exception || !payload_exception(e).user)
		return NULL;
	c.exception = true;
	c.vector = payload_exception(e).vector;
	return cause_find(&c);
}
