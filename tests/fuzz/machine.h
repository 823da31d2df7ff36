/* A small machine as a guest's memory has it, sound until the input changes it: two CPUs,
 * one of them in a panic that struck a system call, two programs of two threads, a lock
 * that is held, a ring of blocks for each CPU, the one that is being filled included.
 *
 * Structures have the members that schemas/layout.def names and no others: where they are
 * is told by the page that describes the kernel, as a kernel tells it. */
#ifndef TESTS_FUZZ_MACHINE_H
#define TESTS_FUZZ_MACHINE_H

#include <elf.h>
#include <stdbool.h>

#include "schemas/events.h"
#include "schemas/salvage.h"
#include "tests/fuzz/fuzz.h"

#define MACHINE_CPUS      2u
#define MACHINE_PROCESSES 2u
#define MACHINE_THREADS   6u /* two of each process, an idle one of each CPU */
#define MACHINE_BLOCKS    4u /* of each ring */
#define MACHINE_PAGE      4096u
#define MACHINE_TEXT      1024u

struct list {
	uint64_t next, prev;
};

struct cpu {
	uint64_t thread, ring, functions;
	uint64_t trace_attempts[EV_LIMIT];
	uint32_t id;
	uint8_t online, in_user;
	uint64_t mark, user_ticks, kernel_ticks, idle_ticks, wait_ticks;
};

struct trace_thread {
	uint64_t functions_top, functions;
};

struct thread {
	uint32_t tid;
	uint64_t process;
	char name[16];
	uint64_t stack, stack_pointer, frame;
	uint32_t state, cpu;
	uint8_t wait_reason;
	struct list process_link;
	struct trace_thread trace;
};

struct process {
	uint32_t pid;
	struct list all, threads;
};

struct ring {
	uint64_t head, block_mask, ring_mask, slots;
	uint8_t flight;
	uint64_t released, taken, stored, discarded_total;
	uint64_t unwanted_since[EV_LIMIT], filtered[EV_LIMIT];
	uint64_t lost_total[TRACE_LOSS_CAUSES], lost[TRACE_LOSS_CAUSES][EV_LIMIT];
	uint64_t discarded[EV_LIMIT];
};

struct ring_slot {
	uint32_t closed;
	uint64_t block;
};

struct spinlock {
	uint32_t held, rank;
	uint64_t owner, name;
};

/* Physical memory from 0 on.  It begins as an ELF core of itself, so that the same bytes can
 * be taken for either. */
struct machine {
	union {
		struct {
			Elf64_Ehdr head;
			Elf64_Phdr part[4];
		} elf;
		uint8_t bytes[MACHINE_PAGE];
	};
	union {
		struct salvage_page page;
		uint8_t page_bytes[MACHINE_PAGE];
	};
	uint64_t table[4][512]; /* from the root to pages: those of stacks, in the mapped area */
	uint8_t stack[MACHINE_THREADS][MACHINE_PAGE];
	uint8_t block[MACHINE_CPUS][MACHINE_BLOCKS][MACHINE_PAGE];
	uint64_t text[512]; /* the kernel's code: nothing but addresses of it are used */
	uint64_t cpus[SALVAGE_CPUS];
	uint32_t cpu_count, suspect;
	struct salvage_cpu state[MACHINE_CPUS];
	struct salvage_panic panic;
	struct list processes;
	struct cpu cpu[MACHINE_CPUS];
	struct thread thread[MACHINE_THREADS];
	struct process process[MACHINE_PROCESSES];
	struct ring ring[MACHINE_CPUS];
	struct ring_slot slot[MACHINE_CPUS][MACHINE_BLOCKS];
	struct spinlock lock[2];
	uint64_t function_frame[8]; /* of thread 1: where to, and what */
	char name[64];
	char registers[MACHINE_TEXT]; /* not the guest's: what QEMU tells of its CPUs */
};

/* The sound machine, with what the input changes in it: pieces of (kind, place, ...) to the
 * input's end.  sealed: the page that describes the kernel is made right again. */
void machine_make(struct machine *m, struct fuzz_input *in, bool sealed);

#endif
