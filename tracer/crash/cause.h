/* Why an access or an instruction of a program failed: what is known of it, and the rule
 * of causes.def that speaks of that.  Stories and the viewer's explanations ask the same. */
#ifndef TRACER_CRASH_CAUSE_H
#define TRACER_CRASH_CAUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/reader.h"
#include "tracer/state.h"

/* Page-fault error code: SDM vol. 3, 4.7. */
#define PF_PRESENT 0x01u
#define PF_WRITE   0x02u
#define PF_FETCH   0x10u

struct circumstances {
	bool exception;  /* else a page fault */
	unsigned vector; /* of an exception */
	unsigned fault;  /* group FAULT */
	uint64_t addr;
	unsigned error; /* PF_... */
	bool mapped;    /* the address is in a region, with these permissions of mmap(2) */
	uint32_t prot;
	bool near_stack; /* the address is near the stack pointer */
	uint64_t depth;  /* bytes of stack above it; 0: none is */
	bool unmapped;   /* something was there before */
};

struct cause {
	const char *rule, *name, *fact, *conclusion;
};

/* Fill in what the memory says of c->addr; rsp 0: not known. */
void circumstances_look(struct circumstances *c, const struct state_space *space, uint64_t rsp);
/* Never NULL. */
const struct cause *cause_find(const struct circumstances *c);
/* Why the fault that this event ends, or the exception that it is, was fatal to a program,
 * as far as some ten thousand events around it tell; NULL: it is none. */
const struct cause *cause_of_event(struct reader *r, const struct event *e);

#endif
