/* Inside ipc/: what the files that make up futex.h share. */
#ifndef KERNEL_IPC_FUTEX_STATE_H
#define KERNEL_IPC_FUTEX_STATE_H

#include "kernel/ipc/futex.h"
#include "kernel/lib/list.h"
#include "kernel/sched/wait.h"

struct futex_key {
	uint64_t space; /* 0: shared */
	uint64_t word;  /* address, or physical address when shared */
};

/* The key of a word of the current program.  private_ false: shared if its memory is. */
int futex_key_make(uint64_t addr, bool private_, struct futex_key *key);

static inline bool futex_key_equal(const struct futex_key *a, const struct futex_key *b)
{
	return a->space == b->space && a->word == b->word;
}

#endif
