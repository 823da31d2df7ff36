/* Page faults, exceptions, interrupts, NMIs: from begin to end, nested. */
#include <string.h>

#include "tracer/schema.h"
#include "tracer/tables/builder.h"

void crossing_row(struct builder *b, const char *cause, const char *way, uint64_t rip)
{
	const struct event *e = &b->now->e;

	ROW(b, crossing_rest, "iiiiitti", I(e->id), e->time, I(e->cpu), I(b->thread->tid),
	    I(b->thread->pid), cause, way, I(rip));
}

static const char *trap_name(unsigned kind)
{
	switch (kind) {
	case EV_page_fault:
		return "page fault";
	case EV_exception:
		return "exception";
	case EV_interrupt:
		return "interrupt";
	default:
		return "nmi";
	}
}

static const char *access_name(uint64_t error)
{
	if (error & 16) /* SDM vol. 3, page-fault error code: bit 4 I/D, bit 1 W/R */
		return "execute";
	return error & 2 ? "write" : "read";
}

/* exit 0: it never ended, or its end was not recorded; then cause is NULL, way and frame
 * SQL_NULL. */
static void trap_row(struct builder *b, struct thread *t, const struct trap *trap, uint64_t exit,
		     int64_t way, const char *cause, int64_t frame)
{
	const int64_t cpu = exit ? I(b->now->e.cpu) : SQL_NULL;
	const int64_t time = exit ? b->now->e.time : SQL_NULL;
	const int64_t duration = exit ? b->now->e.time - trap->time : SQL_NULL;
	const int64_t end = exit ? I(exit) : SQL_NULL;

	if (trap->kind == EV_page_fault)
		ROW(b, page_fault, "iiiiiiiiiititiiiii", I(trap->id), I(t->tid), I(t->pid),
		    I(trap->cpu), trap->time, time, duration, I(trap->addr), I(trap->rip),
		    I(trap->error), access_name(trap->error), I(trap->user), cause, frame,
		    I(trap->id), end, cpu, way);
	else
		ROW(b, trap, "itiiiiiiiiiiiiii", I(trap->id), trap_name(trap->kind), I(t->tid),
		    I(t->pid), I(trap->cpu), trap->time, time, duration, I(trap->vector),
		    I(trap->rip), I(trap->user),
		    trap->kind == EV_exception ? I(trap->error) : SQL_NULL, I(trap->id), end, cpu,
		    way);
}

void traps_abandon(struct builder *b, struct thread *t)
{
	while (t->trap_depth)
		trap_row(b, t, &t->traps[--t->trap_depth], 0, SQL_NULL, NULL, SQL_NULL);
}

static void trap_begin(struct builder *b, struct trap trap)
{
	struct thread *t = b->thread;

	trap.id = b->now->e.id;
	trap.time = b->now->e.time;
	trap.kind = b->now->e.kind;
	trap.cpu = b->now->e.cpu;
	if (t->trap_depth == TRAP_DEPTH) {
		trap_row(b, t, &t->traps[0], 0, SQL_NULL, NULL, SQL_NULL);
		memmove(&t->traps[0], &t->traps[1], sizeof(trap) * --t->trap_depth);
	}
	t->traps[t->trap_depth++] = trap;
	if (!trap.user)
		return;
	t->entered = trap_name(trap.kind);
	t->user_rip = trap.rip;
}

/* The innermost trap of this kind ends; what is nested deeper lost its end. */
static void trap_end(struct builder *b, unsigned kind, unsigned way, const char *cause,
		     int64_t frame)
{
	struct thread *t = b->thread;
	unsigned depth = t->trap_depth;
	struct trap trap;

	while (depth && t->traps[depth - 1].kind != kind)
		depth--;
	if (depth) {
		while (t->trap_depth > depth)
			trap_row(b, t, &t->traps[--t->trap_depth], 0, SQL_NULL, NULL, SQL_NULL);
		trap = t->traps[--t->trap_depth];
		trap_row(b, t, &trap, b->now->e.id, I(way), cause, frame);
	}
	if (!depth && (way == WAY_SYSRET || way == WAY_IRET_USER))
		crossing_row(b, trap_name(kind), way == WAY_SYSRET ? "sysret" : "iret",
			     t->user_rip);
}

static void fault_begin(struct builder *b)
{
	const struct ev_page_fault f = PAYLOAD(b, page_fault);

	b->thread->faults++;
	trap_begin(b, (struct trap){
			      .addr = f.addr,
			      .rip = payload_address(f.rip),
			      .error = f.error,
			      .user = f.error >> 2 & 1, /* bit 2: U/S */
			      .vector = 14,
		      });
}

static void fault_end(struct builder *b)
{
	const struct ev_page_fault_end end = PAYLOAD(b, page_fault_end);

	trap_end(b, EV_page_fault, end.way, enum_label(KIND_FAULT, end.cause), I(end.frame));
}

static void exception_begin(struct builder *b)
{
	const struct ev_exception e = PAYLOAD(b, exception);

	trap_begin(b, (struct trap){ .rip = payload_address(e.rip),
				     .vector = e.vector,
				     .user = e.user,
				     .error = e.error });
}

static void interrupt_begin(struct builder *b)
{
	const struct ev_interrupt i = PAYLOAD(b, interrupt);

	trap_begin(b, (struct trap){
			      .rip = payload_address(i.rip), .vector = i.vector, .user = i.user });
}

static void nmi_begin(struct builder *b)
{
	const struct ev_nmi n = PAYLOAD(b, nmi);

	trap_begin(b, (struct trap){
			      .rip = payload_address(n.rip), .vector = 2, .user = n.user != 0 });
}

void traps_event(struct builder *b)
{
	switch (b->now->e.kind) {
	case EV_page_fault:
		fault_begin(b);
		break;
	case EV_page_fault_end:
		fault_end(b);
		break;
	case EV_exception:
		exception_begin(b);
		break;
	case EV_exception_end:
		trap_end(b, EV_exception, PAYLOAD(b, exception_end).way, NULL, SQL_NULL);
		break;
	case EV_interrupt:
		interrupt_begin(b);
		break;
	case EV_interrupt_end:
		trap_end(b, EV_interrupt, PAYLOAD(b, interrupt_end).way, NULL, SQL_NULL);
		break;
	case EV_nmi:
		nmi_begin(b);
		break;
	case EV_nmi_end:
		trap_end(b, EV_nmi, PAYLOAD(b, nmi_end).way, NULL, SQL_NULL);
		break;
	}
}
