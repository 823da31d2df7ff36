/* Reading a trace file: what every analysis command and the viewer use.
 *
 * A reader is one open trace file, read-only, used by one thread at a time.
 * Events have ids 1..reader_count in the order of time over all CPUs.  The file
 * is hostile: each function checks what it reads and answers with an error. */
#ifndef TRACER_READER_H
#define TRACER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/events.h"
#include "schemas/trace.h"
#include "tracer/error.h"

struct reader;

/* Events between two keyframes: what a jump to any event has to walk at most. */
#define READER_CHUNK 16384u

/* One event, decoded no further than its words. */
struct event {
	uint64_t id;  /* 1.. in order of time */
	int64_t time; /* ns since the trace began */
	uint32_t cpu;
	uint32_t tid;   /* thread that was running; 0 is the idle thread */
	uint32_t pid;   /* its process (thread group) */
	uint16_t kind;  /* enum event_id */
	uint16_t words; /* of payload */
	uint64_t payload[TRACE_WORDS_MAX];
};

/* A whole system call, fault or other span that a begin event opened. */
struct span {
	uint64_t begin, end; /* event ids; end 0: never ended in this trace */
	int64_t duration;    /* ns, -1 while open */
	int64_t result;      /* of a system call */
};

/* Open path for reading.  0, or an exit status with why filled in: 2 no such
 * file or not a trace, 3 a trace that was cut short beyond use. */
int reader_open(struct reader **out, const char *path, struct error *why);
void reader_close(struct reader *r);
/* For a reader that goes through the file once: it keeps little of it in memory. */
void reader_thrifty(struct reader *r);

/* Is path recorded into now, and can it be read while it grows? */
bool reader_live(const char *path);

/* The database behind it, for analysis commands of ours: read-only in use. */
struct sqlite3;
struct sqlite3 *reader_database(struct reader *r);

/* Events in the trace, and the time of the last one in ns. */
uint64_t reader_count(const struct reader *r);
int64_t reader_duration(const struct reader *r);
unsigned reader_cpus(const struct reader *r);
/* Records lost in the whole trace, by all causes. */
uint64_t reader_lost(const struct reader *r);
/* Events that its mode and filter left out, as the guest counted them at the end. */
uint64_t reader_unwanted(const struct reader *r);
/* True if the recording ended properly (statistics and BYE arrived). */
bool reader_complete(const struct reader *r);

/* While the recording goes on: take in what has been added to the file.  True if there
 * is more than before; reader_count and the like then say how much. */
bool reader_refresh(struct reader *r);

struct state;
/* The state of the machine (tracer/state.h) after event id; 0 is before the first.  *s is
 * all zeroes or a state; one that is a little before id is moved on, else it is made anew
 * from the keyframe before id.  False: id is not in the trace, or it is damaged; *s is
 * then empty. */
bool reader_state(struct reader *r, uint64_t id, struct state *s, struct error *why);

/* Fill out with event id; fast for neighbours, in both directions.
 * False with why filled in if it cannot be read. */
bool reader_event(struct reader *r, uint64_t id, struct event *out, struct error *why);
/* First event at or after time (ns); reader_count + 1 if there is none. */
uint64_t reader_seek(struct reader *r, int64_t time);
/* Records known to be lost on the event's CPU right before it: after the one before it there, which
 * is looked for among a thousand events. */
uint64_t reader_gap(struct reader *r, const struct event *e);
/* The span that event id begins or ends; false if it does neither. */
bool reader_span(struct reader *r, uint64_t id, struct span *out);

/* The name a thread had at event id ("busybox", "init"), "" if unknown.  Guest
 * bytes: not safe for a terminal.  At most size bytes with the final NUL. */
void reader_thread_name(struct reader *r, uint32_t tid, uint64_t id, char *name, size_t size);

/* The value of a field by its index in events.def, sign-extended where its kind
 * is signed or an address. */
int64_t event_field(const struct event *e, unsigned field);

/* One line of plain text about an event, arguments and result decoded as strace
 * would: "openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY)".  Guest bytes in it are
 * escaped; the text is safe for a terminal. */
void reader_describe(struct reader *r, const struct event *e, char *text, size_t size);

#endif
