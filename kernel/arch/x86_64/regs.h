/* One accessor per register or instruction.  Numbers are from the Intel SDM. */
#ifndef KERNEL_ARCH_REGS_H
#define KERNEL_ARCH_REGS_H

#include "kernel/lib/types.h"

/* Model-specific registers: SDM vol. 4. */
#define MSR_APIC_BASE      0x01b
#define MSR_TSC_DEADLINE   0x6e0
#define MSR_EFER           0xc0000080
#define MSR_STAR           0xc0000081
#define MSR_LSTAR          0xc0000082
#define MSR_CSTAR          0xc0000083
#define MSR_SFMASK         0xc0000084
#define MSR_FS_BASE        0xc0000100
#define MSR_GS_BASE        0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX        0xc0000103
#define EFER_SCE           0x001
#define EFER_LME           0x100
#define EFER_NXE           0x800

/* RFLAGS: SDM vol. 1, 3.4.3. */
#define RFLAGS_CF    0x000001
#define RFLAGS_FIXED 0x000002
#define RFLAGS_TF    0x000100
#define RFLAGS_IF    0x000200
#define RFLAGS_DF    0x000400
#define RFLAGS_IOPL  0x003000
#define RFLAGS_NT    0x004000
#define RFLAGS_RF    0x010000
#define RFLAGS_VM    0x020000
#define RFLAGS_AC    0x040000
#define RFLAGS_VIF   0x080000
#define RFLAGS_VIP   0x100000
#define RFLAGS_ID    0x200000

/* Control registers: SDM vol. 3, 2.5. */
#define CR0_WP         0x00010000
#define CR0_MP         0x00000002
#define CR0_EM         0x00000004
#define CR0_NE         0x00000020
#define CR0_AM         0x00040000
#define CR4_TSD        0x00000004
#define CR4_OSFXSR     0x00000200
#define CR4_OSXMMEXCPT 0x00000400
#define CR4_UMIP       0x00000800
#define CR4_PGE        0x00000080
#define CR4_FSGSBASE   0x00010000
#define CR4_OSXSAVE    0x00040000
#define CR4_SMEP       0x00100000
#define CR4_SMAP       0x00200000

static inline uint64_t msr_read(uint32_t msr)
{
	uint32_t lo, hi;

	asm volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (uint64_t)hi << 32 | lo;
}

static inline void msr_write(uint32_t msr, uint64_t v)
{
	asm volatile("wrmsr" : : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)) : "memory");
}

#define CONTROL_REGISTER(n)                                                                        \
	static inline uint64_t cr##n##_read(void)                                                  \
	{                                                                                          \
		uint64_t v;                                                                        \
		asm volatile("mov %%cr" #n ", %0" : "=r"(v));                                      \
		return v;                                                                          \
	}                                                                                          \
	static inline void cr##n##_write(uint64_t v)                                               \
	{                                                                                          \
		asm volatile("mov %0, %%cr" #n : : "r"(v) : "memory");                             \
	}
CONTROL_REGISTER(0)
CONTROL_REGISTER(2)
CONTROL_REGISTER(3)
CONTROL_REGISTER(4)
#undef CONTROL_REGISTER

struct cpuid {
	uint32_t a, b, c, d;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t sub)
{
	struct cpuid r;

	asm volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(sub));
	return r;
}

static inline void port_write8(uint16_t port, uint8_t v)
{
	asm volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline void port_write16(uint16_t port, uint16_t v)
{
	asm volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static inline void port_write32(uint16_t port, uint32_t v)
{
	asm volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint8_t port_read8(uint16_t port)
{
	uint8_t v;

	asm volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint16_t port_read16(uint16_t port)
{
	uint16_t v;

	asm volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint32_t port_read32(uint16_t port)
{
	uint32_t v;

	asm volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void tlb_flush_page(uint64_t addr)
{
	asm volatile("invlpg (%0)" : : "r"(addr) : "memory");
}

static inline void cpu_pause(void)
{
	asm volatile("pause" ::: "memory");
}

/* Interrupts on this CPU. */
static inline uint64_t irq_save(void)
{
	uint64_t flags;

	asm volatile("pushf; pop %0; cli" : "=r"(flags) : : "memory");
	return flags;
}

static inline void irq_restore(uint64_t flags)
{
	if (flags & RFLAGS_IF)
		asm volatile("sti" ::: "memory");
}

static inline void irq_enable(void)
{
	asm volatile("sti" ::: "memory");
}

static inline void irq_disable(void)
{
	asm volatile("cli" ::: "memory");
}

/* Interrupts on, and rest until one came. */
static inline void irq_wait(void)
{
	asm volatile("sti; hlt" ::: "memory");
}

static inline bool irq_enabled(void)
{
	uint64_t flags;

	asm volatile("pushf; pop %0" : "=r"(flags));
	return flags & RFLAGS_IF;
}

/* SMAP: user pages are reachable between the two (mm/user.c only). */
static inline void user_access_begin(void)
{
	asm volatile("stac" ::: "memory");
}

static inline void user_access_end(void)
{
	asm volatile("clac" ::: "memory");
}

#endif
