/* A trace made without a guest, for tests: records put into blocks as the kernel
 * would, blocks into a trace file.
 *
 * synthetic_open, SYNTHETIC_EMIT as often as wanted, synthetic_close.  Time moves
 * by what synthetic_wait says and by one tick a record. */
#ifndef TESTS_HOST_SYNTHETIC_H
#define TESTS_HOST_SYNTHETIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/events.h"
#include "schemas/trace.h"
#include "tracer/store/store.h"

#define SYNTHETIC_CPUS        4u
#define SYNTHETIC_BLOCK_BYTES 4096u
#define SYNTHETIC_HZ          1000000000ull /* a tick is a nanosecond */
#define SYNTHETIC_BOOT        5000000000ull

struct synthetic_cpu {
	uint64_t bytes[SYNTHETIC_BLOCK_BYTES / 8]; /* the open block */
	struct trace_block head;
	uint32_t tid; /* running */
	struct trace_stats stats;
};

struct synthetic {
	struct store *store; /* NULL: blocks go to sink alone */
	void (*sink)(const struct trace_block *head, const void *bytes); /* may be NULL */
	unsigned cpus;
	uint64_t tsc;
	uint64_t records;
	struct synthetic_cpu cpu[SYNTHETIC_CPUS];
};

/* What a guest with so many CPUs says first. */
struct trace_hello synthetic_hello(unsigned cpus);
/* path NULL: no file.  False with a message on stderr if it cannot be made. */
bool synthetic_open(struct synthetic *s, const char *path, unsigned cpus);
void synthetic_emit(struct synthetic *s, unsigned cpu, unsigned id, const void *fixed,
		    size_t fixed_bytes, const void *tail, size_t tail_bytes);
/* Count a record as lost. */
void synthetic_lose(struct synthetic *s, unsigned cpu, unsigned id, unsigned cause);
void synthetic_wait(struct synthetic *s, uint64_t ticks);
/* Close a CPU's block and store it, even if it is not full. */
void synthetic_flush(struct synthetic *s, unsigned cpu);
/* Store what is left; with end, statistics and BYE as well. */
bool synthetic_close(struct synthetic *s, bool end, uint32_t status);

#define SYNTHETIC_EMIT(s, cpu, name, ...)                                                          \
	synthetic_emit((s), (cpu), EV_##name, &(struct ev_##name){ __VA_ARGS__ },                  \
		       sizeof(struct ev_##name), NULL, 0)
#define SYNTHETIC_TAIL(s, cpu, name, tail, bytes, ...)                                             \
	synthetic_emit((s), (cpu), EV_##name, &(struct ev_##name){ __VA_ARGS__ },                  \
		       sizeof(struct ev_##name), (tail), (bytes))

/* A system call's records, as the kernel emits them. */
void synthetic_call(struct synthetic *s, unsigned cpu, unsigned nr, unsigned args, uint64_t a0,
		    uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5);
void synthetic_data(struct synthetic *s, unsigned cpu, unsigned arg, unsigned what,
		    const void *bytes, size_t length);
void synthetic_return(struct synthetic *s, unsigned cpu, int64_t result);

/* The tale of a shell that runs `echo hello | tr a-z A-Z` on two CPUs, told again
 * until about this many records are there. */
void synthetic_tale(struct synthetic *s, uint64_t records);

#endif
