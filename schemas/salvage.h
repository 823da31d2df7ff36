/* How a stranger finds his way in the guest's memory when nothing in the guest works any
 * more: a page of the kernel's image, found by its magic at a page's start, that says
 * where everything is.  Written once at boot, so its checksum holds for ever.  Guest and
 * host include this; everything is little-endian, addresses are virtual unless said. */
#ifndef SCHEMAS_SALVAGE_H
#define SCHEMAS_SALVAGE_H

#include <stdint.h>

#include "schemas/trace.h"

#define SALVAGE_MAGIC   "Ringscope memory" /* 16 bytes, without the NUL */
#define SALVAGE_VERSION 2u
#define SALVAGE_CPUS    64u
#define SALVAGE_HOOKS   3u

/* Beside a suspect: that CPU is only asked for all; the kernel does not answer the host. */
#define SALVAGE_SILENT 0x80000000u

/* Numbers of members and sizes: SALVAGE_thread_tid, SALVAGE_size_ring_slot. */
enum salvage_field_id {
#define FIELD(structure, member) SALVAGE_##structure##_##member,
#define SIZE(structure)          SALVAGE_size_##structure,
#include "schemas/layout.def"
	SALVAGE_FIELDS
};

struct salvage_field {
	uint32_t offset; /* in its structure; of a SIZE 0 */
	uint32_t size;
};

/* A CPU that stopped for good, as struct frame has it: registers in this order. */
/* clang-format off */
#define SALVAGE_REGISTERS(R) \
	R(r15) R(r14) R(r13) R(r12) R(rbp) R(rbx) R(r11) R(r10) R(r9) R(r8) R(rax) \
	R(rcx) R(rdx) R(rsi) R(rdi) R(vector) R(error) R(rip) R(cs) R(rflags) R(rsp) R(ss)
/* clang-format on */

struct salvage_registers {
#define R(name) uint64_t name;
	SALVAGE_REGISTERS(R)
#undef R
};

struct salvage_cpu {
	uint64_t valid; /* 1: the rest was saved */
	uint64_t cr2, cr3;
	uint64_t functions; /* where its thread's next function_frame went; 0: none was recorded */
	struct salvage_registers registers;
};

#define SALVAGE_TEXT 200

/* How far the kernel came in telling of its own end. */
struct salvage_panic {
	uint32_t owner; /* CPU that tells + 1, 0: all is well */
	uint32_t stage; /* enum panic_stage of kernel/main/panic.c */
	char text[SALVAGE_TEXT];
	char again[SALVAGE_TEXT]; /* what went wrong while it told, "" nothing */
};

struct salvage_page {
	char magic[16];
	uint32_t version;
	uint32_t checksum; /* CRC-32C of the page's first `size` bytes, this one as 0 */
	uint32_t size;     /* of this structure */
	uint32_t fields;   /* SALVAGE_FIELDS */
	struct trace_hello hello;
	uint64_t root;                               /* physical: the kernel's page table */
	uint64_t image_base, image_start, image_end; /* virtual - physical; virtual */
	uint64_t text_start, text_end;
	uint64_t direct_base, mapped_base, mapped_end; /* kernel/arch/x86_64/paging.h */
	uint64_t stack_size;                           /* of a thread's kernel stack */
	uint64_t cpus;                                 /* struct cpu *[SALVAGE_CPUS] */
	uint64_t cpu_count;                            /* uint32_t */
	uint64_t cpu_states;                           /* struct salvage_cpu[SALVAGE_CPUS] */
	uint64_t panic;                                /* struct salvage_panic */
	uint64_t processes;                            /* struct list: process.all */
	uint64_t suspect; /* uint32_t: CPU + 1 whose next NMI is its end; the host may write it */
	uint64_t log, log_size, log_end; /* text; bytes; uint64_t: bytes ever written */
	/* Return addresses in entry.S behind which a frame lies on the stack. */
	uint64_t trap_user, trap_kernel, trap_paranoid, system_call;
	uint64_t thread_begin; /* where a thread's stack ends */
	/* Return addresses that stand for those in a thread's function_frames (--functions). */
	uint64_t function_returns[SALVAGE_HOOKS];
	struct salvage_field field[SALVAGE_FIELDS];
};
_Static_assert(sizeof(struct salvage_page) <= 4096, "one page");

#endif
