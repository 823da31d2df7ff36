/* What the machine looks like at one moment of a trace: threads, processes, their
 * open files and mapped regions, CPUs.
 *
 * A state is made from the events alone: state_event moves it one event on, and
 * nothing else changes it.  So the state after event n is the same however one came
 * to n: forward from the start, from a keyframe, or back from later (reader_state
 * does the latter two; tests hold it to that).  What the trace does not say is
 * empty, not guessed: a file opened before the recording has no name.
 *
 * All arrays are sorted by their first member; pointers into a state hold until the
 * next state_event or reader_state on it.  Strings are the guest's bytes, ended by
 * NUL, the beginning replaced by "..." where they were longer: not safe for a
 * terminal.  A state belongs to one thread of ours at a time. */
#ifndef TRACER_STATE_H
#define TRACER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/reader.h"

/* What a thread or a CPU is doing.  Numbers are stored in files. */
enum run_state {
	RUN_IDLE,    /* a CPU without work; a thread not seen yet */
	RUN_USER,    /* in ring 3 */
	RUN_KERNEL,  /* in ring 0: a call, an interrupt, an exception */
	RUN_FAULT,   /* in ring 0 for a page fault */
	RUN_READY,   /* waits for a CPU */
	RUN_SLEEP,   /* waits for something else */
	RUN_STOPPED, /* by a signal */
	RUN_ZOMBIE,  /* ended */
	RUN_COUNT
};

#define STATE_NAME  32
#define STATE_PATH  64
#define STATE_TRAPS 8
#define STATE_CPUS  64

/* Lanes: a CPU's is its number, LANE_IDLE the idle threads of all CPUs together, and
 * LANE_FIRST + n the n-th thread of the trace, from 1. */
#define LANE_IDLE  64u
#define LANE_FIRST 64u

/* A fault, exception, interrupt or NMI that has not ended. */
struct state_trap {
	uint64_t id;     /* the event that began it */
	int64_t time;    /* ns */
	uint64_t addr;   /* of a page fault */
	uint32_t kind;   /* enum event_id of the beginning */
	uint32_t vector; /* SDM vol. 3, table 6-1 */
	bool user;       /* from ring 3 */
};

/* A system call that has not ended. */
struct state_call {
	bool open;
	uint32_t nr, args;
	uint64_t id; /* the syscall_enter event */
	int64_t time;
	uint64_t arg[6];
	bool pair_known;
	int32_t pair[2];       /* two ints given to the program: pipe, socketpair */
	uint32_t space;        /* of an execve: the address space being made, 0 none */
	char path[STATE_PATH]; /* the first path among the arguments */
};

struct state_thread {
	uint32_t tid, pid, parent; /* parent: tid of who made it, 0 unknown */
	uint32_t lane;             /* LANE_FIRST + n, n-th thread of the trace; tids come again */
	uint32_t cpu;              /* it runs there or ran there last */
	enum run_state run;
	int64_t since;           /* ns: in that state since then */
	uint64_t event;          /* and since this event */
	uint32_t wait;           /* group WAIT: what it sleeps on, or was woken from */
	bool kernel;             /* has no user space */
	bool user;               /* while it has a CPU: in ring 3 */
	uint32_t calls, touches; /* system calls and page faults begun so far */
	uint32_t faults, trap_count;
	char name[STATE_NAME];
	struct state_call call;
	struct state_trap trap[STATE_TRAPS];
};

struct state_process {
	uint32_t pid, parent;
	bool ended;            /* a zombie until it is collected */
	uint32_t status;       /* wait(2) status word, once it ended */
	uint32_t files, space; /* ids in files[] and spaces[] of the state */
	char path[STATE_PATH]; /* of the last program executed */
};

struct state_file {
	int32_t fd;
	bool close_on_exec;
	uint32_t call; /* number of the system call that made it: open, pipe2, socket, ... */
	uint64_t id;   /* event that made it; both ends of a pipe have the same */
	char path[STATE_PATH];
};

/* A table of open files: of a process, or shared by some. */
struct state_files {
	uint32_t id, users;
	uint32_t count, room;
	struct state_file *file;
};

struct state_region {
	uint64_t start, length, offset;     /* bytes; offset in the file */
	uint32_t prot, flags;               /* of mmap(2) */
	uint32_t zero, read, copied, other; /* page faults in it by what they were */
	char path[STATE_PATH];
};

/* An address space: of a process, or shared by some. */
struct state_space {
	uint32_t id, users;
	uint32_t count, room;
	struct state_region *region;
};

struct state_cpu {
	bool online;
	uint32_t tid;  /* who runs; 0: idle */
	uint32_t irqs; /* open interrupts over the idle thread */
	enum run_state run;
	int64_t since;
};

#define STATE_CHANGES 8

/* A lane that went from one run state to another.  RUN_IDLE: a thread that was not, or
 * is not any more. */
struct state_change {
	uint32_t lane;
	enum run_state before, after;
};

#define STATE_CAUSES 16 /* of page faults; group FAULT has fewer */

/* What was counted of the whole machine, beside the events of each kind. */
struct state_sums {
	uint64_t down, up;            /* ring 3 to ring 0, and back */
	uint64_t fault[STATE_CAUSES]; /* page faults that ended, by cause */
	uint64_t preempted;           /* context switches */
	uint64_t timer, interrupted;  /* interrupts: of the timer; from ring 3 */
};

/* What the last event did; not part of the state proper. */
struct state_last {
	uint32_t lane, pid; /* of the thread that was running */
	bool failed;        /* it is the result of a system call that failed */
	uint64_t begin;     /* the event that opened what it ends, 0 none */
	int64_t duration;   /* of that, ns */
	unsigned changes;
	struct state_change change[STATE_CHANGES];
};

struct state {
	uint64_t event;                   /* the state after this one; 0 at the start */
	int64_t time;                     /* its time, ns */
	uint64_t count[EV_LIMIT], errors; /* events of each kind so far; calls that failed */
	struct state_sums sums;
	uint32_t lanes, objects; /* threads and tables made so far */
	struct state_cpu cpu[STATE_CPUS];
	uint32_t thread_count, thread_room;
	struct state_thread *thread; /* by tid; thread 0 is not there */
	uint32_t process_count, process_room;
	struct state_process *process; /* by pid */
	uint32_t files_count, files_room;
	struct state_files *files;
	uint32_t space_count, space_room;
	struct state_space *space;
	struct state_last last;
};

/* An empty state, as before event 1; all zeroes is one.  free leaves such a one. */
void state_free(struct state *s);

/* Move s over the event that follows it (e->pid need not be filled in).  False: no
 * memory; s is then of no more use than to be freed. */
bool state_event(struct state *s, const struct event *e);

/* NULL if there is none. */
const struct state_thread *state_thread_find(const struct state *s, uint32_t tid);
const struct state_process *state_process_find(const struct state *s, uint32_t pid);
const struct state_files *state_files_find(const struct state *s, uint32_t id);
const struct state_space *state_space_find(const struct state *s, uint32_t id);
/* The region that addr is in. */
const struct state_region *state_region_find(const struct state_space *space, uint64_t addr);

/* "user", "kernel", ... for people. */
const char *run_state_name(enum run_state run);

#endif
