/* Inside proc/: the steps that execve, exit and the start of init share. */
#ifndef KERNEL_PROC_EXEC_H
#define KERNEL_PROC_EXEC_H

#include "kernel/proc/arguments.h"
#include "kernel/proc/process.h"

/* The current thread is about to lose its memory: release robust futexes, clear
 * the tid word.  May fault, so interrupts are on and no lock is held. */
void memory_release(void);
/* The parent in vfork may go on. */
void vfork_release(struct process *p);
/* End all other threads and wait until they are gone; false if the process is
 * ending already (the caller then ends on its way to ring 3). */
bool process_single(void);

/* A program that is loaded and could start. */
struct program {
	struct space *space;    /* reference */
	struct path executable; /* reference */
	struct credentials credentials;
	uint64_t entry, stack;
	bool secure; /* gained rights: AT_SECURE */
	bool runs;   /* executable is counted as running */
};

/* A process's executable is counted as running while the process holds it. */
void executable_get(const struct path *p);
void executable_put(struct path *p); /* may sleep */

/* Load the program at *path (its reference stays the caller's), or the interpreter
 * it names, into a new space with a stack for `a`; follows #! lines, which change
 * a.  name is AT_EXECFN.  0 or -errno, then *out holds nothing. */
int program_load(const struct path *path, const char *name, struct arguments *a,
		 const struct process *p, struct program *out);
void program_release(struct program *g);
/* Make f the frame a fresh program starts with. */
void program_frame(const struct program *g, struct frame *f);

#endif
