#include "viewer/crossing.h"

#include "viewer/label.h"

#define ERROR_MAX       4095 /* results from -4095 to -1 are errors: System V ABI, A.2.1 */
#define FAULT_FROM_USER 4    /* U/S bit of the error code: SDM vol. 3, 4.7 */

bool event_whole(const struct event *e)
{
	return e->kind < EV_LIMIT && e->words >= label_event_words(e->kind);
}

/* How an end event left the kernel; WAY_WORK if it did not. */
static int64_t way_of(const struct event *e)
{
	switch (e->kind) {
	case EV_syscall_return:
		return WAY_SYSRET;
	case EV_user_enter:
		return event_field(e, AT_user_enter_way);
	case EV_page_fault_end:
		return event_field(e, AT_page_fault_end_way);
	case EV_exception_end:
		return event_field(e, AT_exception_end_way);
	case EV_interrupt_end:
		return event_field(e, AT_interrupt_end_way);
	case EV_nmi_end:
		return event_field(e, AT_nmi_end_way);
	default:
		return WAY_WORK;
	}
}

static bool came_from_user(const struct event *e)
{
	switch (e->kind) {
	case EV_syscall_enter:
		return true;
	case EV_page_fault:
		return (event_field(e, AT_page_fault_error) & FAULT_FROM_USER) != 0;
	case EV_exception:
		return event_field(e, AT_exception_user) != 0;
	case EV_interrupt:
		return event_field(e, AT_interrupt_user) != 0;
	case EV_nmi:
		return event_field(e, AT_nmi_user) != 0;
	default:
		return false;
	}
}

enum direction event_direction(const struct event *e)
{
	int64_t way;

	if (!event_whole(e))
		return CROSS_NONE;
	if (came_from_user(e))
		return CROSS_DOWN;
	way = way_of(e);
	return e->kind == EV_user_enter || way == WAY_SYSRET || way == WAY_IRET_USER ? CROSS_UP
										     : CROSS_NONE;
}

enum part event_part(const struct event *e)
{
	switch (e->kind) {
	case EV_page_fault:
	case EV_page_fault_end:
	case EV_tlb_shootdown:
	case EV_map:
	case EV_unmap:
	case EV_protect:
		return PART_MEMORY;
	case EV_context_switch:
	case EV_wakeup:
	case EV_migrate:
	case EV_cpu_online:
		return PART_SCHED;
	case EV_thread_create:
	case EV_thread_exit:
	case EV_process_exit:
	case EV_exec:
	case EV_thread_name:
	case EV_reap:
	case EV_signal_send:
	case EV_signal_deliver:
	case EV_signal_return:
		return PART_PROCESS;
	case EV_exception:
	case EV_exception_end:
	case EV_interrupt:
	case EV_interrupt_end:
	case EV_nmi:
	case EV_nmi_end:
	case EV_ipi:
	case EV_device_io:
	case EV_panic:
		return PART_IRQ;
	default:
		return PART_CALLS;
	}
}

const char *event_mechanism(const struct event *e)
{
	switch (event_direction(e)) {
	case CROSS_DOWN:
		return e->kind == EV_syscall_enter ? "SYSCALL" : label_event(e->kind);
	case CROSS_UP:
		return way_of(e) == WAY_IRET_USER ? "IRET" : "SYSRET";
	default:
		return "";
	}
}

bool event_is_error(const struct event *e)
{
	int64_t value;

	if (!event_whole(e))
		return true;
	switch (e->kind) {
	case EV_syscall_return:
		value = event_field(e, AT_syscall_return_result);
		return value < 0 && value >= -ERROR_MAX;
	case EV_syscall_result:
		value = event_field(e, AT_syscall_result_result);
		return value < 0 && value >= -ERROR_MAX;
	case EV_page_fault_end:
		return event_field(e, AT_page_fault_end_cause) >= FAULT_NO_REGION;
	case EV_syscall_absent:
	case EV_exception:
	case EV_panic:
		return true;
	default:
		return false;
	}
}
