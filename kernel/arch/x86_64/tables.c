#include "kernel/arch/x86_64/tables.h"

#include "kernel/arch/x86_64/fpu.h"
#include "kernel/arch/x86_64/frame.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/assert.h"
#include "schemas/clock.h"

/* Descriptors: SDM vol. 3, 3.4.5 and 6.14.1. */
#define GDT_KERNEL_CODE 0x00af9b000000ffffull
#define GDT_KERNEL_DATA 0x00cf93000000ffffull
#define GDT_USER_CODE32 0x00cffb000000ffffull
#define GDT_USER_DATA   0x00cff3000000ffffull
#define GDT_USER_CODE   0x00affb000000ffffull
#define GDT_CPU_NUMBER  0x0040f10000000000ull /* read-only data, its limit is the number */
#define HAS_RDTSCP      (1u << 27)            /* CPUID.80000001:EDX; it gives MSR_TSC_AUX, too */
#define GATE_INTERRUPT  0x8e
#define GATE_USER       0x60 /* DPL 3: INT3 and INTO from ring 3 */

struct gate {
	uint16_t low, selector;
	uint8_t ist, type;
	uint16_t middle;
	uint32_t high, reserved;
};
_Static_assert(sizeof(struct gate) == 16, "IDT gate");

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

_Static_assert(offsetof(struct cpu, kernel_stack) == 8 && offsetof(struct cpu, user_stack) == 16 &&
		       offsetof(struct cpu, thread) == 24,
	       "entry.S and cpu.h reach these through GS");

extern const uint64_t trap_stubs[256];
extern char syscall_entry[];

struct cpu *cpus[CPU_MAX];
uint32_t cpu_count;

static struct gate idt[256];

static unsigned vector_ist(unsigned vector)
{
	switch (vector) {
	case VECTOR_DOUBLE_FAULT:
		return IST_DOUBLE_FAULT;
	case VECTOR_NMI:
		return IST_NMI;
	case VECTOR_MACHINE_CHECK:
		return IST_MACHINE_CHECK;
	default:
		return 0;
	}
}

void idt_init(void)
{
	for (unsigned v = 0; v < 256; v++) {
		uint64_t stub = trap_stubs[v];
		bool user = v == VECTOR_BREAKPOINT || v == VECTOR_OVERFLOW;

		idt[v] = (struct gate){
			.low = stub,
			.selector = SEL_KERNEL_CODE,
			.ist = vector_ist(v),
			.type = GATE_INTERRUPT | (user ? GATE_USER : 0),
			.middle = stub >> 16,
			.high = stub >> 32,
		};
	}
}

static void load_gdt(struct cpu_tables *t, uint32_t cpu)
{
	uint64_t base = (uint64_t)&t->tss;
	struct table_pointer p = { sizeof(t->gdt) - 1, (uint64_t)t->gdt };

	t->gdt[SEL_KERNEL_CODE / 8] = GDT_KERNEL_CODE;
	t->gdt[SEL_KERNEL_DATA / 8] = GDT_KERNEL_DATA;
	t->gdt[SEL_USER_DATA / 8 - 1] = GDT_USER_CODE32; /* SYSRET's base selector */
	t->gdt[SEL_USER_DATA / 8] = GDT_USER_DATA;
	t->gdt[SEL_USER_CODE / 8] = GDT_USER_CODE;
	t->gdt[SEL_TSS / 8] = (sizeof(struct tss) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 |
			      (base >> 24 & 0xff) << 56;
	t->gdt[SEL_TSS / 8 + 1] = base >> 32;
	t->gdt[SEL_CPU_NUMBER / 8] = GDT_CPU_NUMBER | cpu;
	asm volatile("lgdt %0\n\t"
		     "pushq %1\n\t"
		     "leaq 1f(%%rip), %%rax\n\t"
		     "pushq %%rax\n\t"
		     "lretq\n"
		     "1:\tmovw %w2, %%ss\n\t"
		     "movw %w2, %%ds\n\t"
		     "movw %w2, %%es\n\t"
		     "ltr %w3"
		     :
		     : "m"(p), "i"(SEL_KERNEL_CODE), "r"(SEL_KERNEL_DATA), "r"(SEL_TSS)
		     : "rax", "memory");
}

static void load_control_registers(void)
{
	struct cpuid seven = cpuid(7, 0);
	uint64_t cr4 = cr4_read();

	/* CPUID leaf 7: SDM vol. 2, CPUID. FSGSBASE stays off, so that only
	 * arch_prctl sets the bases and a kernel-half GS base means the kernel. */
	KASSERT(seven.b & 1 << 7 && seven.b & 1 << 20); /* -cpu max has them */
	cr4 |= CR4_SMEP | CR4_SMAP;
	if (seven.c & 1 << 2)
		cr4 |= CR4_UMIP;
	cr4_write(cr4);
	cr0_write((cr0_read() | CR0_WP | CR0_MP | CR0_NE | CR0_AM) & ~(uint64_t)CR0_EM);
}

static void load_syscall_registers(void)
{
	msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SCE | EFER_NXE);
	msr_write(MSR_STAR, (uint64_t)(SEL_USER_DATA - 8) << 48 | (uint64_t)SEL_KERNEL_CODE << 32);
	msr_write(MSR_LSTAR, (uint64_t)syscall_entry);
	msr_write(MSR_SFMASK, RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_IOPL | RFLAGS_NT |
				      RFLAGS_RF | RFLAGS_AC);
}

void cpu_set_kernel_stack(struct cpu *c, uint64_t top)
{
	c->kernel_stack = top;
	((struct tss *)c->tss)->rsp[0] = top;
}

void cpu_init(struct cpu *c, struct cpu_tables *t, const uint64_t ist_tops[IST_COUNT])
{
	struct table_pointer p = { sizeof(idt) - 1, (uint64_t)idt };

	c->self = c;
	c->tss = &t->tss;
	t->tss.io_map = sizeof(struct tss); /* no port is open to ring 3 */
	for (unsigned i = 0; i < IST_COUNT; i++)
		t->tss.ist[i] = ist_tops[i];
	load_gdt(t, c->id);
	if (cpuid(0x80000001, 0).d & HAS_RDTSCP)
		msr_write(MSR_TSC_AUX, c->id);
	asm volatile("lidt %0" : : "m"(p));
	msr_write(MSR_GS_BASE, (uint64_t)c);
	msr_write(MSR_KERNEL_GS_BASE, 0);
	msr_write(MSR_FS_BASE, 0);
	load_control_registers();
	load_syscall_registers();
	fpu_init_cpu();
}
