/* synthetic_tale: what a shell's pipeline looks like at the boundary. */
#include <string.h>

#include "schemas/syscalls.h"
#include "tests/host/synthetic.h"

enum { INIT = 1, SHELL = 2 };

static void switch_to(struct synthetic *s, unsigned cpu, uint32_t next, unsigned reason,
		      unsigned wait)
{
	const uint32_t prev = s->cpu[cpu].tid;

	if (prev == next)
		return;
	SYNTHETIC_EMIT(s, cpu, context_switch, .prev = prev, .next = next, .reason = reason,
		       .wait = wait, .space = next != 0, .ready = 0);
}

static void fault(struct synthetic *s, unsigned cpu, uint64_t addr, unsigned error, unsigned cause)
{
	synthetic_wait(s, 500);
	SYNTHETIC_EMIT(s, cpu, page_fault, .addr = addr, .rip = 0x402000, .error = error);
	synthetic_wait(s, 800);
	SYNTHETIC_EMIT(s, cpu, page_fault_end, .frame = 0x1000 + (addr >> 12 & 0xfff),
		       .cause = cause, .way = WAY_IRET_USER);
}

static void timer(struct synthetic *s, unsigned cpu)
{
	const bool user = s->cpu[cpu].tid != 0;

	SYNTHETIC_EMIT(s, cpu, interrupt, .rip = 0x403000, .vector = 0xe0, .user = user);
	synthetic_wait(s, 1500);
	SYNTHETIC_EMIT(s, cpu, interrupt_end, .vector = 0xe0,
		       .way = user ? WAY_IRET_USER : WAY_IRET_KERNEL);
}

static void path_call(struct synthetic *s, unsigned cpu, unsigned nr, unsigned arg,
		      const char *path, uint64_t a0, uint64_t a1, uint64_t a2, unsigned args)
{
	synthetic_call(s, cpu, nr, args, a0, a1, a2, 0, 0, 0);
	synthetic_data(s, cpu, arg, DATA_PATH, path, strlen(path) + 1);
}

/* A new process's first moments on a CPU: exec of an applet, start-up calls. */
static void exec_applet(struct synthetic *s, unsigned cpu, uint32_t pid, const char *name,
			const char *argv, size_t argv_bytes)
{
	static const char path[] = "/usr/bin/busybox";

	SYNTHETIC_EMIT(s, cpu, user_enter, .rip = 0x401236, .way = WAY_SYSRET);
	fault(s, cpu, 0x7ffffffde000, 7, FAULT_COW);
	path_call(s, cpu, NR_execve, 0, path, 0x4a0000, 0x4b0000, 0x4c0000, 3);
	synthetic_data(s, cpu, 1, DATA_STRINGS, argv, argv_bytes);
	synthetic_wait(s, 20000);
	SYNTHETIC_TAIL(s, cpu, exec, path, sizeof(path), .entry = 0x401000);
	SYNTHETIC_TAIL(s, cpu, thread_name, name, strlen(name) + 1, .tid = pid);
	SYNTHETIC_TAIL(s, cpu, map, path, sizeof(path), .start = 0x400000, .length = 0x200000,
		       .prot = 5, .flags = 2);
	SYNTHETIC_EMIT(s, cpu, syscall_result, .result = 0);
	SYNTHETIC_EMIT(s, cpu, user_enter, .rip = 0x401000, .way = WAY_IRET_USER);
	fault(s, cpu, 0x401000, 20, FAULT_FILE);
	fault(s, cpu, 0x7ffffffdd000, 6, FAULT_STACK);
	synthetic_call(s, cpu, NR_brk, 1, 0, 0, 0, 0, 0, 0);
	synthetic_return(s, cpu, 0x5000000);
	fault(s, cpu, 0x5000010, 6, FAULT_DEMAND_ZERO);
}

static void process_make(struct synthetic *s, unsigned cpu, uint32_t pid, unsigned target)
{
	synthetic_call(s, cpu, NR_fork, 0, 0, 0, 0, 0, 0, 0);
	synthetic_wait(s, 15000);
	SYNTHETIC_TAIL(s, cpu, thread_create, "sh", 3, .tid = pid, .pid = pid, .parent = SHELL,
		       .flags = 0x1200011);
	SYNTHETIC_EMIT(s, cpu, wakeup, .tid = pid, .target = target, .wait = WAIT_NEW);
	synthetic_return(s, cpu, pid);
}

static void process_end(struct synthetic *s, unsigned cpu, uint32_t pid, int status)
{
	synthetic_call(s, cpu, NR_exit_group, 1, (uint64_t)status, 0, 0, 0, 0, 0);
	synthetic_wait(s, 9000);
	SYNTHETIC_EMIT(s, cpu, thread_exit, .tid = pid, .status = (uint32_t)status);
	SYNTHETIC_EMIT(s, cpu, process_exit, .pid = pid, .status = (uint64_t)status << 8);
	SYNTHETIC_EMIT(s, cpu, signal_send, .target = SHELL, .sig = 17, .code = 1);
	SYNTHETIC_EMIT(s, cpu, wakeup, .tid = SHELL, .target = 0, .wait = WAIT_CHILD);
	switch_to(s, cpu, 0, SWITCH_EXIT, WAIT_NONE);
}

static void shell_waits(struct synthetic *s, uint32_t pid)
{
	const uint32_t status = 0;

	synthetic_data(s, 0, 1, DATA_WAIT_STATUS, &status, sizeof(status));
	SYNTHETIC_EMIT(s, 0, reap, .pid = pid, .parent = SHELL);
	synthetic_return(s, 0, pid);
}

static void pipeline(struct synthetic *s, uint32_t echo, uint32_t tr)
{
	static const char echo_argv[] = "echo\0hello", tr_argv[] = "tr\0a-z\0A-Z";
	const int32_t fds[2] = { 3, 4 };

	synthetic_call(s, 0, NR_pipe2, 2, 0x7fff1000, 0, 0, 0, 0, 0);
	synthetic_data(s, 0, 0, DATA_INT_PAIR, fds, sizeof(fds));
	synthetic_return(s, 0, 0);
	process_make(s, 0, echo, 1);
	process_make(s, 0, tr, 0);
	synthetic_call(s, 0, NR_wait4, 4, UINT64_MAX, 0x7fff2000, 0, 0, 0, 0);
	switch_to(s, 0, tr, SWITCH_BLOCK, WAIT_CHILD);
	exec_applet(s, 0, tr, "tr", tr_argv, sizeof(tr_argv));
	synthetic_call(s, 0, NR_read, 3, 0, 0x5001000, 4096, 0, 0, 0);
	switch_to(s, 0, 0, SWITCH_BLOCK, WAIT_PIPE_READ);
	switch_to(s, 1, echo, SWITCH_IDLE, WAIT_NONE);
	exec_applet(s, 1, echo, "echo", echo_argv, sizeof(echo_argv));
	timer(s, 0);
	path_call(s, 1, NR_openat, 1, "/etc/passwd", (uint64_t)-100, 0x4d0000, 0, 4);
	synthetic_return(s, 1, -2);
	synthetic_call(s, 1, NR_write, 3, 1, 0x5002000, 6, 0, 0, 0);
	synthetic_data(s, 1, 1, DATA_BYTES_IN, "hello\n", 6);
	SYNTHETIC_EMIT(s, 1, wakeup, .tid = tr, .target = 0, .wait = WAIT_PIPE_READ);
	SYNTHETIC_EMIT(s, 1, ipi, .what = IPI_RESCHEDULE, .target = 0);
	synthetic_return(s, 1, 6);
	switch_to(s, 0, tr, SWITCH_IDLE, WAIT_NONE);
	synthetic_data(s, 0, 1, DATA_BYTES_OUT, "hello\n", 6);
	synthetic_return(s, 0, 6);
	timer(s, 1);
	process_end(s, 1, echo, 0);
	synthetic_call(s, 0, NR_write, 3, 1, 0x5003000, 6, 0, 0, 0);
	synthetic_data(s, 0, 1, DATA_BYTES_IN, "HELLO\n", 6);
	SYNTHETIC_EMIT(s, 0, device_io, .port = 3, .out = 1, .bytes = 6);
	synthetic_return(s, 0, 6);
	process_end(s, 0, tr, 0);
	switch_to(s, 0, SHELL, SWITCH_IDLE, WAIT_NONE);
	shell_waits(s, echo);
	synthetic_call(s, 0, NR_wait4, 4, UINT64_MAX, 0x7fff2000, 0, 0, 0, 0);
	shell_waits(s, tr);
	fault(s, 0, 0x5004000 + ((uint64_t)echo << 12), 6, FAULT_DEMAND_ZERO);
}

static void boot(struct synthetic *s)
{
	static const char line[] = "memory: 512 MiB", path[] = "/usr/bin/busybox";

	for (unsigned cpu = 0; cpu < s->cpus; cpu++)
		SYNTHETIC_EMIT(s, cpu, cpu_online, .cpu = cpu, .apic = cpu);
	SYNTHETIC_TAIL(s, 0, log, line, sizeof(line), .level = 6, .length = sizeof(line) - 1);
	SYNTHETIC_TAIL(s, 0, thread_create, "init", 5, .tid = INIT, .pid = INIT);
	switch_to(s, 0, INIT, SWITCH_IDLE, WAIT_NONE);
	SYNTHETIC_EMIT(s, 0, user_enter, .rip = 0x400100, .way = WAY_IRET_USER);
	synthetic_call(s, 0, NR_fork, 0, 0, 0, 0, 0, 0, 0);
	SYNTHETIC_TAIL(s, 0, thread_create, "init", 5, .tid = SHELL, .pid = SHELL, .parent = INIT,
		       .flags = 17);
	synthetic_return(s, 0, SHELL);
	synthetic_call(s, 0, NR_wait4, 4, UINT64_MAX, 0x7fff2000, 0, 0, 0, 0);
	switch_to(s, 0, SHELL, SWITCH_BLOCK, WAIT_CHILD);
	SYNTHETIC_TAIL(s, 0, exec, path, sizeof(path), .entry = 0x401000);
	SYNTHETIC_TAIL(s, 0, thread_name, "sh", 3, .tid = SHELL);
	SYNTHETIC_EMIT(s, 0, user_enter, .rip = 0x401000, .way = WAY_IRET_USER);
}

void synthetic_tale(struct synthetic *s, uint64_t records)
{
	uint32_t pid = SHELL;
	const uint32_t status = 0;

	boot(s);
	do {
		pipeline(s, pid + 1, pid + 2);
		pid += 2;
	} while (s->records + 20 < records);
	synthetic_call(s, 0, NR_exit_group, 1, 0, 0, 0, 0, 0, 0);
	SYNTHETIC_EMIT(s, 0, thread_exit, .tid = SHELL, .status = 0);
	SYNTHETIC_EMIT(s, 0, process_exit, .pid = SHELL, .status = 0);
	SYNTHETIC_EMIT(s, 0, wakeup, .tid = INIT, .target = 0, .wait = WAIT_CHILD);
	switch_to(s, 0, INIT, SWITCH_EXIT, WAIT_NONE);
	synthetic_data(s, 0, 1, DATA_WAIT_STATUS, &status, sizeof(status));
	synthetic_return(s, 0, SHELL);
}
