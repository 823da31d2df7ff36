/* The story of a crash: facts in the order in which a person wants them.
 *
 * A fact is a sentence in a section; it cites the event that says so (0: no single one)
 * and is marked where it is a conclusion, not a record.  Text in a story holds bytes of
 * the guest and of the host's files: clean it where it is printed. */
#ifndef TRACER_CRASH_STORY_H
#define TRACER_CRASH_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/error.h"
#include "tracer/reader.h"

/* Sections, in order: name for programs, heading for people. */
#define STORY_SECTIONS(S)                                                                          \
	S(WHAT, "what", "what died")                                                               \
	S(WHERE, "where", "where")                                                                 \
	S(WHY, "why", "why")                                                                       \
	S(MEMORY, "memory", "the memory around")                                                   \
	S(SAID, "said", "what it wrote to standard error last")                                    \
	S(SENDER, "sender", "who sent it")                                                         \
	S(CHAIN, "chain", "how it came to this, backwards")                                        \
	S(LOG, "log", "the kernel's log")                                                          \
	S(REGISTERS, "registers", "registers")                                                     \
	S(CODE, "code", "the code there")                                                          \
	S(STACK, "stack", "called from")                                                           \
	S(CPUS, "cpus", "where each CPU was")                                                      \
	S(LOCKS, "locks", "locks that were held")                                                  \
	S(THREADS, "threads", "where each thread was")                                             \
	S(BEFORE, "before", "what this thread did before")                                         \
	S(EVENTS, "events", "the last events of all CPUs")                                         \
	S(OTHERS, "others", "what others did before")                                              \
	S(AFTER, "after", "what became of it")                                                     \
	S(SALVAGE, "salvage", "what the recording has of the end")                                 \
	S(EARLIER, "earlier", "the same program before, alive at its end")

enum story_section {
#define SECTION(id, name, heading) STORY_##id,
	STORY_SECTIONS(SECTION)
#undef SECTION
		STORY_SECTION_COUNT
};

struct fact {
	enum story_section section;
	uint64_t event; /* 0: none */
	bool deduced;
	unsigned more; /* times in a row that it was told again */
	char *text;
};

struct story {
	bool panic;     /* of the kernel; else of a program */
	uint64_t event; /* of the end: process_exit, panic */
	uint32_t pid, tid;
	int signal;       /* of a program */
	char cause[32];   /* in a word or three: "null page", "hole", "kill" */
	char symbol[128]; /* the function it happened in, "" unknown */
	struct fact *facts;
	unsigned count, room;
};

void story_free(struct story *s);
/* Put into words how often facts were told again. */
void story_fold(struct story *s);
/* Add a fact; without memory it is dropped.  One that says of the same event what the last one
 * of its section said, as a function that calls itself does, is counted there: story_fold. */
void story_tell(struct story *s, enum story_section section, uint64_t event, const char *format,
		...) __attribute__((format(printf, 4, 5)));
/* The same for a conclusion. */
void story_deduce(struct story *s, enum story_section section, uint64_t event, const char *format,
		  ...) __attribute__((format(printf, 4, 5)));

/* One death or panic in a recording. */
struct crash {
	bool panic;
	bool stopped; /* of a machine that stopped without a record of its own */
	uint64_t event;
	uint32_t pid;    /* of a death; of a panic the thread's process */
	uint32_t status; /* wait(2) status word */
};

/* An end that was no death of a signal. */
struct crash_run {
	uint64_t event;
	uint32_t pid, status;
};

#define CRASHES_MAX 64u   /* told in full */
#define RUNS_MAX    1024u /* remembered to compare with */

/* What a recording holds of crashes. */
struct crashes {
	struct crash crash[CRASHES_MAX];
	unsigned count;
	uint64_t more; /* that did not fit */
	struct crash_run *run;
	unsigned runs;
};

/* Look through the whole recording.  0, or status 2 or 3.  crashes_free in any case. */
int crashes_find(struct crashes *c, struct reader *r, struct error *why);
/* The same, telling how far it is, and given up once *cancel is true: 2 with an empty text.
 * cancel and progress may be NULL. */
int crashes_look(struct crashes *c, struct reader *r, const volatile bool *cancel,
		 void (*progress)(void *cookie, uint64_t done, uint64_t all), void *cookie,
		 struct error *why);
void crashes_free(struct crashes *c);

/* The kernel.elf of this installation, for the symbols of a panic.  False: there is none. */
bool story_kernel(char *path, size_t size);

struct symbols;

/* Tell one of them.  kernel: the kernel's file, NULL if there is none. */
void story_make(struct story *s, struct reader *r, const struct crashes *all, const struct crash *c,
		struct symbols *symbols, const char *kernel);

#endif
