/* What is counted of the whole machine. */
#include "tracer/state/parts.h"

static bool from_user(const struct event *e)
{
	switch (e->kind) {
	case EV_syscall_enter:
		return true;
	case EV_page_fault:
		return payload_page_fault(e).error >> 2 & 1;
	case EV_exception:
		return payload_exception(e).user != 0;
	case EV_interrupt:
		return payload_interrupt(e).user != 0;
	case EV_nmi:
		return payload_nmi(e).user != 0;
	default:
		return false;
	}
}

static bool to_user(const struct event *e)
{
	unsigned way;

	switch (e->kind) {
	case EV_syscall_return:
	case EV_user_enter:
		return true;
	case EV_page_fault_end:
		way = payload_page_fault_end(e).way;
		break;
	case EV_exception_end:
		way = payload_exception_end(e).way;
		break;
	case EV_interrupt_end:
		way = payload_interrupt_end(e).way;
		break;
	case EV_nmi_end:
		way = payload_nmi_end(e).way;
		break;
	default:
		return false;
	}
	return way == WAY_SYSRET || way == WAY_IRET_USER;
}

void sums_take(struct state_sums *sums, const struct event *e)
{
	sums->down += from_user(e);
	sums->up += to_user(e);
	if (e->kind == EV_page_fault_end)
		sums->fault[payload_page_fault_end(e).cause % STATE_CAUSES]++;
	else if (e->kind == EV_context_switch)
		sums->preempted += payload_context_switch(e).reason == SWITCH_PREEMPT;
	else if (e->kind == EV_interrupt)
		sums->timer += payload_interrupt(e).vector == VECTOR_TIMER;
	sums->interrupted += (e->kind == EV_interrupt || e->kind == EV_nmi) && from_user(e);
}
