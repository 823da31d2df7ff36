#include "tests/viewer/fake_story.h"

#include <stdlib.h>
#include <string.h>

static struct event *fake_add(struct story *f, unsigned cpu, unsigned kind)
{
	struct event *e;

	f->events = realloc(f->events, (f->count + 1) * sizeof(*f->events));
	if (f->events == NULL)
		abort();
	f->time += 700 + (int64_t)(f->count * 7919 % 2300);
	e = &f->events[f->count++];
	memset(e, 0, sizeof(*e));
	*e = (struct event){ .id = f->count,
			     .time = f->time,
			     .cpu = cpu,
			     .tid = f->running[cpu],
			     .pid = f->running[cpu],
			     .kind = (uint16_t)kind };
	return e;
}

/* Add one event with its fields, as in events.def. */
#define ADD(f, cpu, name, ...)                                                                     \
	do {                                                                                       \
		struct event *added = fake_add(f, cpu, EV_##name);                                 \
		struct ev_##name payload = { __VA_ARGS__ };                                        \
		memcpy(added->payload, &payload, sizeof(payload));                                 \
		added->words = sizeof(payload) / 8;                                                \
	} while (0)

static void fake_tail(struct story *f, const void *bytes, size_t size)
{
	struct event *e = &f->events[f->count - 1];

	memcpy(&e->payload[e->words], bytes, size);
	e->words = (uint16_t)(e->words + (size + 7) / 8);
}

static void fake_call(struct story *f, unsigned cpu, unsigned nr, uint64_t a, uint64_t b,
		      uint64_t c)
{
	uint64_t args[3] = { a, b, c };

	ADD(f, cpu, syscall_enter, .rip = 0x401000 + nr * 16, .nr = nr);
	fake_tail(f, args, sizeof(args));
}

static void fake_data(struct story *f, unsigned cpu, unsigned what, const char *bytes)
{
	ADD(f, cpu, syscall_data, .arg = 1, .what = what, .length = strlen(bytes),
	    .total = strlen(bytes));
	fake_tail(f, bytes, strlen(bytes));
}

static void fake_return(struct story *f, unsigned cpu, int64_t result)
{
	ADD(f, cpu, syscall_return, .result = (uint64_t)result);
}

static void fake_fault(struct story *f, unsigned cpu, uint64_t addr, unsigned error, unsigned cause)
{
	ADD(f, cpu, page_fault, .addr = addr, .rip = 0x401234, .error = error);
	ADD(f, cpu, page_fault_end, .frame = addr / 4096 % 5000, .cause = cause,
	    .way = error & 4 ? WAY_IRET_USER : WAY_IRET_KERNEL);
}

static void fake_switch(struct story *f, unsigned cpu, uint32_t next, unsigned reason,
			unsigned wait)
{
	ADD(f, cpu, context_switch, .prev = f->running[cpu], .next = next, .reason = reason,
	    .wait = wait, .space = 1, .ready = 0);
	f->running[cpu] = next;
}

static void fake_create(struct story *f, unsigned cpu, uint32_t tid, const char *name)
{
	ADD(f, cpu, thread_create, .tid = tid, .pid = tid, .parent = f->running[cpu],
	    .kernel = tid == KWORK, .flags = 0x1200011);
	fake_tail(f, name, strlen(name));
}

static void fake_exec(struct story *f, unsigned cpu, const char *path, uint64_t heap)
{
	fake_call(f, cpu, 59, 0x602000, 0x602100, 0x602200);
	fake_data(f, cpu, DATA_PATH, path);
	ADD(f, cpu, map, .start = 0x400000, .length = 0x210000, .offset = 0, .prot = 7, .flags = 2);
	fake_tail(f, path, strlen(path));
	ADD(f, cpu, exec, .entry = 0x401000);
	fake_tail(f, path, strlen(path));
	ADD(f, cpu, syscall_result, .result = 0);
	ADD(f, cpu, user_enter, .rip = 0x401000, .way = WAY_IRET_USER);
	fake_fault(f, cpu, 0x401000, 0x14, FAULT_FILE);
	fake_fault(f, cpu, heap, 0x6, FAULT_DEMAND_ZERO);
}

static void fake_timer(struct story *f, unsigned cpu)
{
	ADD(f, cpu, interrupt, .rip = 0x401777, .vector = 0x20, .user = f->running[cpu] != 0);
	ADD(f, cpu, interrupt_end, .vector = 0x20,
	    .way = f->running[cpu] != 0 ? WAY_IRET_USER : WAY_IRET_KERNEL);
}

static void fake_boot(struct story *f)
{
	ADD(f, 0, cpu_online, .cpu = 0, .apic = 0);
	fake_create(f, 0, INIT, "init");
	fake_create(f, 0, KWORK, "kwork");
	ADD(f, 1, cpu_online, .cpu = 1, .apic = 1);
	fake_switch(f, 0, INIT, SWITCH_IDLE, 0);
	ADD(f, 0, user_enter, .rip = 0x401000, .way = WAY_IRET_USER);
	fake_fault(f, 0, 0x401000, 0x14, FAULT_FILE);
	fake_call(f, 0, 56, 0x1200011, 0, 0);
	fake_create(f, 0, SH, "init");
	ADD(f, 0, wakeup, .tid = SH, .target = 0, .wait = WAIT_NEW);
	fake_return(f, 0, SH);
	fake_call(f, 0, 61, (uint64_t)-1, 0, 0);
	fake_switch(f, 0, SH, SWITCH_BLOCK, WAIT_CHILD);
	ADD(f, 0, user_enter, .rip = 0x401100, .way = WAY_IRET_USER);
	fake_fault(f, 0, 0x602010, 0x7, FAULT_COW);
	fake_exec(f, 0, "/bin/sh", 0x605000);
}

static void fake_fork(struct story *f, uint32_t child)
{
	fake_call(f, 0, 57, 0, 0, 0);
	fake_create(f, 0, child, "sh");
	ADD(f, 0, wakeup, .tid = child, .target = child == WC, .wait = WAIT_NEW);
	if (child == WC)
		ADD(f, 0, ipi, .what = IPI_RESCHEDULE, .target = 1);
	fake_return(f, 0, child);
}

static void fake_start(struct story *f)
{
	fake_call(f, 0, 2, 0x403000, 0, 0);
	fake_data(f, 0, DATA_PATH, "/etc/profile");
	fake_return(f, 0, -2);
	fake_call(f, 0, 22, 0x7fff0010, 0, 0);
	fake_return(f, 0, 0);
	fake_fork(f, CAT);
	fake_fault(f, 0, 0x605000, 0x7, FAULT_COW);
	fake_fork(f, WC);
	ADD(f, 1, interrupt, .rip = 0, .vector = 0x21, .user = 0);
	ADD(f, 1, interrupt_end, .vector = 0x21, .way = WAY_IRET_KERNEL);
	fake_switch(f, 1, WC, SWITCH_IDLE, 0);
	ADD(f, 1, user_enter, .rip = 0x401100, .way = WAY_IRET_USER);
	fake_call(f, 0, 61, CAT, 0x7fff0020, 0);
	fake_exec(f, 1, "/bin/wc", 0x609000);
	fake_switch(f, 0, CAT, SWITCH_BLOCK, WAIT_CHILD);
	ADD(f, 0, user_enter, .rip = 0x401100, .way = WAY_IRET_USER);
	fake_call(f, 1, 0, 0, 0x609010, 4096);
	fake_exec(f, 0, "/bin/cat", 0x608000);
	fake_switch(f, 1, 0, SWITCH_BLOCK, WAIT_PIPE_READ);
}

/* cat reads a file and writes it to the pipe; wc wakes up and counts. */
static void fake_pump(struct story *f, const char *line)
{
	fake_call(f, 0, 0, 3, 0x608010, 4096);
	fake_fault(f, 0, 0x608010, 0x2, FAULT_DEMAND_ZERO);
	fake_return(f, 0, (int64_t)strlen(line));
	fake_call(f, 0, 1, 1, 0x608010, strlen(line));
	fake_data(f, 0, DATA_BYTES_IN, line);
	ADD(f, 0, wakeup, .tid = WC, .target = 1, .wait = WAIT_PIPE_READ);
	ADD(f, 0, ipi, .what = IPI_RESCHEDULE, .target = 1);
	fake_return(f, 0, (int64_t)strlen(line));
	ADD(f, 1, interrupt, .rip = 0, .vector = 0x21, .user = 0);
	ADD(f, 1, interrupt_end, .vector = 0x21, .way = WAY_IRET_KERNEL);
	fake_switch(f, 1, WC, SWITCH_IDLE, 0);
	fake_timer(f, 0);
	fake_return(f, 1, (int64_t)strlen(line));
	fake_call(f, 1, 0, 0, 0x609010, 4096);
	fake_switch(f, 1, 0, SWITCH_BLOCK, WAIT_PIPE_READ);
}

static void fake_signal(struct story *f)
{
	ADD(f, 0, page_fault, .addr = 0x18, .rip = 0x401077, .error = 4);
	ADD(f, 0, signal_send, .target = CAT, .sig = 11, .code = 1);
	ADD(f, 0, page_fault_end, .cause = FAULT_NO_REGION, .way = WAY_WORK);
	ADD(f, 0, signal_deliver, .handler = 0, .sig = 11);
	ADD(f, 0, thread_exit, .tid = CAT, .status = 139);
	ADD(f, 0, process_exit, .pid = CAT, .status = 11);
	ADD(f, 0, signal_send, .target = SH, .sig = 17, .code = 2);
	ADD(f, 0, wakeup, .tid = SH, .target = 0, .wait = WAIT_CHILD);
	fake_switch(f, 0, SH, SWITCH_EXIT, 0);
	ADD(f, 0, reap, .pid = CAT, .parent = SH);
	fake_return(f, 0, CAT);
	fake_call(f, 0, 61, WC, 0x7fff0020, 0);
	fake_timer(f, 1);
	fake_switch(f, 0, 0, SWITCH_BLOCK, WAIT_CHILD);
	ADD(f, 0, syscall_absent, .nr = 334);
	ADD(f, 0, tlb_shootdown, .pages = 3, .cpus = 3);
	ADD(f, 0, log, .level = 6, .length = 33);
	fake_tail(f, "cat[8]: segfault at 18 rip 401077", 33);
}

void story_build(struct story *f)
{
	fake_boot(f);
	fake_start(f);
	fake_pump(f, "hello\n");
	fake_pump(f, "ring 3 to ring 0\n");
	fake_signal(f);
}
