/* Ring 3 stays ring 3: what only the kernel may do ends the process that tries, and
 * nobody else. */
#include "tests/abi/case.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KERNEL_ADDRESS 0xffffffff80000000ul
#define DIRECT_MAP     0xffff800000000000ul

static unsigned char store[16]; /* what the instructions load from or store to */

/* A function that executes the instruction with rax, rcx and rdx at hand. */
#define INSTRUCTION(name, text)                                                                    \
	static void do_##name(void)                                                                \
	{                                                                                          \
		__asm__ volatile(text ::"S"(store), "c"(MSR_LSTAR), "D"(&far_target)               \
				 : "rax", "rdx", "memory");                                        \
	}

#define MSR_LSTAR 0xc0000082

static const struct {
	unsigned offset;
	unsigned short selector;
} __attribute__((packed)) far_target = { 0, 8 };

INSTRUCTION(hlt, "hlt")
INSTRUCTION(cli, "cli")
INSTRUCTION(sti, "sti")
INSTRUCTION(in, "in $0x60, %%al")
INSTRUCTION(out, "out %%al, $0x80")
INSTRUCTION(read_cr0, "mov %%cr0, %%rax")
INSTRUCTION(read_cr3, "mov %%cr3, %%rax")
INSTRUCTION(write_cr3, "mov %%rax, %%cr3")
INSTRUCTION(write_cr4, "mov %%rax, %%cr4")
INSTRUCTION(read_dr7, "mov %%dr7, %%rax")
INSTRUCTION(clts, "clts")
INSTRUCTION(lgdt, "lgdt (%%rsi)")
INSTRUCTION(lidt, "lidt (%%rsi)")
INSTRUCTION(ltr, "ltr %%ax")
INSTRUCTION(invlpg, "invlpg (%%rsi)")
INSTRUCTION(wbinvd, "wbinvd")
INSTRUCTION(swapgs, "swapgs")
INSTRUCTION(sysret, "sysretq")
INSTRUCTION(rdmsr, "rdmsr")
INSTRUCTION(wrmsr, "xor %%eax, %%eax; xor %%edx, %%edx; wrmsr")
INSTRUCTION(sgdt, "sgdt (%%rsi)")
INSTRUCTION(sidt, "sidt (%%rsi)")
INSTRUCTION(sldt, "sldt (%%rsi)")
INSTRUCTION(str, "str (%%rsi)")
INSTRUCTION(smsw, "smsw (%%rsi)")
INSTRUCTION(int_page_fault, "int $14")
INSTRUCTION(int_double_fault, "int $8")
INSTRUCTION(int_nmi, "int $2")
INSTRUCTION(int_timer, "int $0xf0")
INSTRUCTION(iret_to_ring_0, "mov %%rsp, %%rax; push $0; push %%rax; pushfq; push $8;"
			    "lea 1f(%%rip), %%rax; push %%rax; iretq; 1:")
INSTRUCTION(far_call, "lcall *(%%rdi)")
INSTRUCTION(load_kernel_ss, "mov $0x10, %%eax; mov %%eax, %%ss")

struct attempt {
	const char *name;
	void (*act)(void);
	int signal;
};

static void attempts_run(const struct attempt *attempts, int count)
{
	for (int i = 0; i < count; i++) {
		pid_t pid = child();

		if (pid == 0) {
			attempts[i].act();
			_exit(0);
		}
		say("%s:", attempts[i].name);
		DIES(pid, attempts[i].signal);
	}
}

#define ATTEMPTS(list) attempts_run(list, sizeof(list) / sizeof(*list))
#define TRY(name)                                                                                  \
	{                                                                                          \
#name, do_##name, SIGSEGV                                                          \
	}

CASE(privileged_instructions)
{
	static const struct attempt attempts[] = {
		TRY(hlt),      TRY(cli),      TRY(sti),       TRY(in),        TRY(out),
		TRY(read_cr0), TRY(read_cr3), TRY(write_cr3), TRY(write_cr4), TRY(read_dr7),
		TRY(clts),     TRY(lgdt),     TRY(lidt),      TRY(ltr),       TRY(invlpg),
		TRY(wbinvd),   TRY(rdmsr),    TRY(wrmsr),     TRY(swapgs),    TRY(sysret),
	};

	ATTEMPTS(attempts);
}

CASE(descriptor_tables_hidden)
{
	static const struct attempt attempts[] = {
		TRY(sgdt), TRY(sidt), TRY(sldt), TRY(str), TRY(smsw),
	};

	ATTEMPTS(attempts);
}

CASE(ways_into_ring_0)
{
	static const struct attempt attempts[] = {
		TRY(iret_to_ring_0),   TRY(far_call), TRY(load_kernel_ss), TRY(int_page_fault),
		TRY(int_double_fault), TRY(int_nmi),  TRY(int_timer),
	};

	ATTEMPTS(attempts);
}

static void kernel_touch(unsigned long address)
{
	pid_t pid = child();

	if (pid == 0) {
		(void)*(volatile char *)address;
		_exit(0);
	}
	DIES(pid, SIGSEGV);
	pid = child();
	if (pid == 0) {
		*(volatile char *)address = 0;
		_exit(0);
	}
	DIES(pid, SIGSEGV);
	pid = child();
	if (pid == 0) {
		((void (*)(void))address)();
		_exit(0);
	}
	DIES(pid, SIGSEGV);
}

CASE(kernel_memory_closed)
{
	kernel_touch(KERNEL_ADDRESS);
	kernel_touch(KERNEL_ADDRESS + 0x100000);
	kernel_touch(DIRECT_MAP);
	kernel_touch(-4096ul);
	kernel_touch(1ul << 47);
}

/* gs belongs to the kernel on its side only; a program's own gs survives the kernel. */
CASE(gs_base_kept)
{
	static long word = 0x77;
	long value;

	GIVES(syscall(SYS_arch_prctl, 0x1001, &word), 0); /* ARCH_SET_GS */
	__asm__ volatile("mov %%gs:0, %0" : "=r"(value));
	GIVES(value, 0x77);
	for (int i = 0; i < 100; i++)
		CHECK(syscall(SYS_getpid) == getpid());
	sleep_ms(5);
	__asm__ volatile("mov %%gs:0, %0" : "=r"(value));
	GIVES(value, 0x77);
	FAILS(syscall(SYS_arch_prctl, 0x1001, KERNEL_ADDRESS), EPERM);
	FAILS(syscall(SYS_arch_prctl, 0x1002, 1ul << 63), EPERM);
}

CASE(segments_loaded)
{
	long value = 1;

	__asm__ volatile("mov %0, %%ds; mov %0, %%es" ::"r"(0));
	__asm__ volatile("xor %%eax, %%eax; mov %%eax, %%gs" ::: "eax");
	CHECK(syscall(SYS_getpid) == getpid());
	__asm__ volatile("mov %1, %0" : "=r"(value) : "m"(value));
	GIVES(value, 1);
}

CASE(calls_not_implemented)
{
	long got, absent = 0;

	for (int number = 335; number < 424; number++) { /* a gap in Linux's table */
		got = syscall(number, -1l, -1l, -1l, -1l, -1l, -1l);
		CHECK(got == -1 && errno == ENOSYS);
		absent++;
	}
	GIVES(absent, 89);
	FAILS(syscall(512), ENOSYS);
	FAILS(syscall(SYS_keyctl, 0, 0, 0, 0, 0), ENOSYS);
}

/* Every call number there is, with arguments that are no good: errors, no harm. */
CASE(calls_with_junk)
{
	static const long junk[] = { -1, 8, KERNEL_ADDRESS, 1l << 63, 0x7fffffff };
	static const int skipped[] = { SYS_exit, SYS_exit_group, SYS_pause, SYS_fork, SYS_vfork,
				       SYS_clone, SYS_rt_sigreturn, SYS_reboot, SYS_kill, SYS_tkill,
				       SYS_tgkill, SYS_close, SYS_rt_sigsuspend,
				       /* What they make stays. */
				       SYS_shmget, SYS_semget, SYS_msgget };
	long calls = 0;

	for (int kind = 0; kind < 5; kind++) {
		pid_t pid = child();

		if (pid == 0) {
			long j = junk[kind];

			alarm(20);
			for (int number = 0; number < 460; number++) {
				bool skip = false;

				for (size_t i = 0; i < sizeof(skipped) / sizeof(*skipped); i++)
					skip |= skipped[i] == number;
				if (!skip && number != SYS_alarm)
					syscall(number, j, j, j, j, j, j);
			}
			_exit(0);
		}
		CHECK(child_status(pid) == 0);
		calls++;
	}
	GIVES(calls, 5);
}
