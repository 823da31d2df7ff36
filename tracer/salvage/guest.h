/* The kernel in its memory: found by its signed page (schemas/salvage.h), read by virtual
 * address and by member.  Nothing is trusted: whatever does not add up is not there. */
#ifndef TRACER_SALVAGE_GUEST_H
#define TRACER_SALVAGE_GUEST_H

#include "schemas/salvage.h"
#include "tracer/salvage/ram.h"

#define GUEST_FRAMES 64u

struct guest {
	const struct ram *memory;
	struct salvage_page page;
	uint64_t cpu[SALVAGE_CPUS]; /* struct cpu of each, 0: none */
	unsigned cpus;
};

/* 0, or 3: there is no such page, or it is not one of ours. */
int guest_find(struct guest *g, const struct ram *m, struct error *why);

/* Where an address of the kernel's half lies; false: nowhere. */
bool guest_physical(const struct guest *g, uint64_t virt, uint64_t *phys);
/* All n bytes, or false. */
bool guest_read(const struct guest *g, uint64_t virt, void *to, size_t n);
/* A member of at most 8 bytes of the structure at base; 0 if it cannot be read. */
uint64_t guest_member(const struct guest *g, uint64_t base, enum salvage_field_id field);
/* Where a member is. */
uint64_t guest_address(const struct guest *g, uint64_t base, enum salvage_field_id field);
/* A member as bytes, at most n. */
bool guest_bytes(const struct guest *g, uint64_t base, enum salvage_field_id field, void *to,
		 size_t n);
bool guest_is_text(const struct guest *g, uint64_t virt);
void guest_panic(const struct guest *g, struct salvage_panic *out);

/* --- CPUs and threads ------------------------------------------------------- */

/* While functions are recorded, return addresses of a thread are kept here: what
 * function_frames it has, next is behind the innermost.  Nothing: next is base. */
struct guest_functions {
	uint64_t base, next;
};

enum guest_source { SOURCE_NONE, SOURCE_KERNEL, SOURCE_QEMU }; /* whose registers */

struct guest_cpu {
	uint64_t thread; /* struct thread, 0 unknown */
	uint32_t tid;
	bool in_user;
	enum guest_source source;
	struct salvage_cpu state;
	struct guest_functions functions;
};
void guest_cpu(const struct guest *g, unsigned cpu, struct guest_cpu *out);

struct guest_thread {
	uint64_t address;
	uint32_t tid, pid, cpu;
	unsigned state, wait; /* enum thread_state; group WAIT */
	bool running;         /* on a CPU: its registers are there */
	char name[17];
	struct salvage_registers registers; /* where it goes on, of one that does not run */
	struct guest_functions functions;
};
/* The next thread of a program after *cursor (start with zeroes); false: no more. */
struct guest_cursor {
	uint64_t process, thread;
	unsigned seen;
};
bool guest_thread_next(const struct guest *g, struct guest_cursor *c, struct guest_thread *out);

/* One place on a kernel stack. */
enum frame_kind {
	FRAME_AT,     /* the instruction itself */
	FRAME_RETURN, /* called from: the address behind the call */
	FRAME_STRUCK, /* what a trap interrupted: the instruction */
	FRAME_USER,   /* where the program was */
};
struct guest_frame {
	uint64_t address;
	enum frame_kind kind;
};
/* The stack behind registers, innermost first; how many. */
unsigned guest_stack(const struct guest *g, const struct salvage_registers *r,
		     const struct guest_functions *functions,
		     struct guest_frame frames[GUEST_FRAMES]);

/* A place on a stack where an address of the recorder stands, and the return address that it
 * stands for. */
struct guest_hook {
	uint64_t place, address;
};
/* Those of the stack behind registers; how many. */
unsigned guest_hooks(const struct guest *g, const struct salvage_registers *r,
		     const struct guest_functions *functions,
		     struct guest_hook hooks[GUEST_FRAMES]);

/* --- Locks --------------------------------------------------------------------- */

struct guest_lock {
	uint64_t address, owner; /* owner: struct cpu, 0: being taken or given back */
	uint32_t rank;
	int cpu; /* -1 unknown */
	char name[40];
};
/* Locks that are held: there is no list of them, so all memory is looked through for
 * what can be nothing else.  How many, at most `most`. */
unsigned guest_locks(const struct guest *g, struct guest_lock *locks, unsigned most);

#endif
