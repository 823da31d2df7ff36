/* What the parts of tables_build share; nothing outside tables/ includes this.
 *
 * build.c walks the timeline and hands each event to calls, traps, sched, life and
 * notes in turn; each looks at the kinds that are its own.  rows.c owns the
 * prepared INSERTs. */
#ifndef TRACER_TABLES_BUILDER_H
#define TRACER_TABLES_BUILDER_H

#include <string.h>

#include "tracer/buffer.h"
#include "tracer/index/indexer.h"
#include "tracer/payload.h"
#include "tracer/store/sql.h"
#include "tracer/tables/people.h"
#include "tracer/tables/timeline.h"

enum row_kind {
	ROW_syscall,
	ROW_page_fault,
	ROW_trap,
	ROW_crossing_rest,
	ROW_context_switch,
	ROW_wakeup,
	ROW_process,
	ROW_thread,
	ROW_program,
	ROW_signal,
	ROW_mapping,
	ROW_log,
	ROW_loss,
	ROW_LIMIT
};

#define WAY_COUNT 4 /* numbers of group WAY */

struct builder {
	sqlite3 *db;
	sqlite3_stmt *insert[ROW_LIMIT]; /* NULL: such rows are not made */
	bool large;                      /* the tables that grow with the events as well */
	int failed; /* SQLite's code of the first row that could not be written */
	struct people people;
	struct timeline *timeline;
	struct indexer *index;
	uint64_t stored[TRACE_CPUS_MAX][EV_LIMIT];
	uint64_t online[TRACE_CPUS_MAX]; /* TSC; 0: unknown */
	uint64_t ways[TRACE_CPUS_MAX][EV_LIMIT][WAY_COUNT];
	uint64_t cr3_loads; /* switches to another address space */
	int64_t last_time;
	uint32_t runs[TRACE_CPUS_MAX]; /* the thread on a CPU after its last event */
	int64_t gap[TRACE_CPUS_MAX];   /* begin of a gap behind that event, 0: none */
	struct buffer args, before, result, words;

	struct timeline_event *next; /* room for the event at hand */

	/* of the event at hand */
	const struct timeline_event *now;
	struct thread *thread;
	struct thread *ended; /* it was that thread's last */
};

#define I(x) ((int64_t)(x))

int rows_prepare(struct builder *b, struct error *why);
void rows_free(struct builder *b);
/* Bind and insert; sql_row's format. */
#define ROW(b, kind, ...)                                                                          \
	do {                                                                                       \
		const int code_ = (b)->insert[ROW_##kind]                                          \
					  ? sql_row((b)->insert[ROW_##kind], __VA_ARGS__)          \
					  : 0;                                                     \
		if (code_ && !(b)->failed)                                                         \
			(b)->failed = code_;                                                       \
	} while (0)

/* Each looks at b->now and b->thread. */
void calls_event(struct builder *b);
void traps_event(struct builder *b);
void sched_event(struct builder *b);
void life_event(struct builder *b);
void notes_event(struct builder *b);

/* t leaves its CPU at that time, at the latest. */
void sched_leave(struct builder *b, struct thread *t, int64_t time);
/* The thread's call ends without a result. */
void calls_abandon(struct builder *b, struct thread *t);
/* Write what is open as never ended. */
void traps_abandon(struct builder *b, struct thread *t);
void life_thread_done(void *cookie, struct thread *t);
void life_process_done(void *cookie, struct process *p);

void loss_gap(void *cookie, const struct gap *gap);
/* After the last event: losses after the last blocks, stored counts, identity. */
int loss_finish(struct builder *b, struct error *why);

/* A change to ring 3 by the event at hand that no other row tells. */
void crossing_row(struct builder *b, const char *cause, const char *way, uint64_t rip);

/* Payload of the event at hand as struct ev_##name. */
#define PAYLOAD(b, name) payload_##name(&(b)->now->e)

#endif
