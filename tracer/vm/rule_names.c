#include "tracer/vm/rule_names.h"

#include <stddef.h>
#include <string.h>

#include "schemas/events.h"
#include "tracer/schema.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

struct name {
	const char *name;
	int number;
};

static const struct name calls[] = {
#define SYSCALL0(nr, name, ...) { #name, nr },
#define SYSCALL1(nr, name, ...) { #name, nr },
#define SYSCALL2(nr, name, ...) { #name, nr },
#define SYSCALL3(nr, name, ...) { #name, nr },
#define SYSCALL4(nr, name, ...) { #name, nr },
#define SYSCALL5(nr, name, ...) { #name, nr },
#define SYSCALL6(nr, name, ...) { #name, nr },
#include "schemas/syscalls.def"
};

static const struct name signals[] = {
#define SIGNAL(number, name, action, text) { #name, number },
#include "schemas/signals.def"
};

static const struct name errors[] = {
#define ERROR(number, name, text) { #name, number },
#include "schemas/errors.def"
};

/* Events that belong together: group, event. */
static const struct {
	const char *group;
	enum event_id event;
} groups[] = {
	{ "syscall", EV_syscall_enter },
	{ "syscall", EV_syscall_return },
	{ "syscall", EV_syscall_result },
	{ "syscall", EV_syscall_data },
	{ "syscall", EV_syscall_absent },
	{ "syscall", EV_user_enter },
	{ "fault", EV_page_fault },
	{ "fault", EV_page_fault_end },
	{ "exception", EV_exception },
	{ "exception", EV_exception_end },
	{ "interrupt", EV_interrupt },
	{ "interrupt", EV_interrupt_end },
	{ "interrupt", EV_ipi },
	{ "interrupt", EV_tlb_shootdown },
	{ "nmi", EV_nmi },
	{ "nmi", EV_nmi_end },
	{ "sched", EV_context_switch },
	{ "sched", EV_wakeup },
	{ "sched", EV_migrate },
	{ "signal", EV_signal_send },
	{ "signal", EV_signal_deliver },
	{ "signal", EV_signal_return },
	{ "memory", EV_map },
	{ "memory", EV_unmap },
	{ "memory", EV_protect },
	{ "memory", EV_page_fault },
	{ "memory", EV_page_fault_end },
};

static int number_find(const struct name *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].number;
	return -1;
}

static bool event_add(uint64_t events[4], unsigned id)
{
	events[id / 64] |= 1ull << (id % 64);
	return id != EV_syscall_enter || event_add(events, EV_syscall_late);
}

bool rule_event_add(uint64_t events[4], const char *name)
{
	bool found = false;

	for (size_t i = 0; i < COUNT(groups); i++)
		if (strcmp(groups[i].group, name) == 0)
			found = event_add(events, groups[i].event);
	for (unsigned id = 0; id < EV_LIMIT && !found; id++)
		if (event_info(id) && strcmp(event_info(id)->name, name) == 0)
			found = event_add(events, id);
	return found;
}

int rule_call_number(const char *name)
{
	return number_find(calls, COUNT(calls), name);
}

int rule_signal_number(const char *name)
{
	const int number = number_find(signals, COUNT(signals), name);

	for (size_t i = 0; number < 0 && i < COUNT(signals); i++)
		if (strcmp(signals[i].name + 3, name) == 0)
			return signals[i].number;
	return number;
}

int rule_error_number(const char *name)
{
	return number_find(errors, COUNT(errors), name);
}
