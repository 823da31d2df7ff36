/* Threads and processes while the timeline is walked: who runs, what each is in
 * the middle of.  Thread numbers come again; the struct of a number is that of
 * its latest bearer. */
#ifndef TRACER_TABLES_PEOPLE_H
#define TRACER_TABLES_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/block.h"
#include "tracer/decode/call.h"
#include "tracer/decode/recorded.h"

#define NAME_BYTES 64
#define TRAP_DEPTH 8

/* A fault, exception, interrupt or NMI that has not ended. */
struct trap {
	uint64_t id; /* the event */
	int64_t time;
	uint16_t kind; /* enum event_id of its begin */
	uint8_t vector;
	bool user;
	uint32_t cpu;
	uint64_t rip, addr, error;
};

/* A system call that has not ended. */
struct open_call {
	bool open;
	uint64_t id;
	int64_t time;
	uint32_t cpu;
	uint64_t rip;
	bool absent;
	struct call call;
	struct recorded recorded; /* of call */
};

struct thread {
	uint32_t tid, pid, parent;
	bool kernel;
	char name[NAME_BYTES];
	int64_t start, end; /* SQL_NULL where the trace does not say */
	int64_t running;    /* ns on a CPU */
	int64_t since;      /* on a CPU since then, -1: not now */
	uint32_t on;        /* which */
	int64_t syscalls, faults, switches;
	struct open_call call;
	struct trap traps[TRAP_DEPTH];
	unsigned trap_depth;
	const char *entered; /* what last took it from ring 3 to 0 */
	uint64_t user_rip;   /* where in ring 3 that was */
	struct thread *next; /* in the hash chain */
};

struct process {
	uint32_t pid, parent;
	bool ended;
	char name[NAME_BYTES];
	char *path; /* of the last program executed, NULL none */
	int64_t start, end, status;
	struct process *next;
};

#define PEOPLE_BUCKETS 1024u

struct people {
	struct thread *threads[PEOPLE_BUCKETS];
	struct process *processes[PEOPLE_BUCKETS];
	struct thread idle[TRACE_CPUS_MAX]; /* thread 0 of each CPU */
	/* Called before a struct is given to a new bearer of its number, and for
	 * each one at the end. */
	void (*thread_done)(void *cookie, struct thread *t);
	void (*process_done)(void *cookie, struct process *p);
	void *cookie;
};

/* The thread that runs on cpu as tid, made if it is new.  NULL: no memory. */
struct thread *people_thread(struct people *p, uint32_t cpu, uint32_t tid);
/* A new thread by this number: a former bearer is done. */
struct thread *people_thread_new(struct people *p, uint32_t tid);
struct process *people_process(struct people *p, uint32_t pid);
struct process *people_process_new(struct people *p, uint32_t pid);

/* It is done, and forgotten: t is freed.  Not for thread 0. */
void people_thread_end(struct people *p, struct thread *t);
void people_process_end(struct people *p, uint32_t pid);

/* All are done. */
void people_finish(struct people *p);
void people_free(struct people *p);

/* At most size bytes of a record's text tail, ended at its first NUL. */
void text_tail(char *to, size_t size, const uint64_t *words, unsigned count);

#endif
