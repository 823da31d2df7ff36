/* What the files of this folder share while one story is told. */
#ifndef TRACER_CRASH_TELLER_H
#define TRACER_CRASH_TELLER_H

#include "tracer/crash/image.h"
#include "tracer/crash/lineage.h"
#include "tracer/crash/story.h"
#include "tracer/symbols/identity.h"
#include "tracer/symbols/symbol.h"
#include "tracer/state.h"

#define PLACES_KEPT 256u
#define PLACE_TEXT  768u
#define TELL_TEXT   512u
#define BUILD_TEXT  896u

/* May a file that a program had mapped be asked what was in it? */
enum build_trust {
	BUILD_ABSENT, /* it cannot be read, or is no file */
	BUILD_OTHER,  /* it is another one now: no */
	BUILD_UNSURE, /* who knows: what it says is a conclusion */
	BUILD_SAME,
};

struct build {
	char path[LINEAGE_PATH];
	uint64_t head;  /* where its first page was, 0 unknown */
	uint64_t event; /* of a mapping of it */
	enum build_trust trust;
	char text[BUILD_TEXT]; /* what is to be said of that, "" nothing */
};

struct teller {
	struct story *s;
	struct reader *r;
	const struct crashes *all;
	const struct crash *c;
	struct symbols *symbols;
	const char *kernel;
	char kernel_file[512]; /* of a recording that carries symbols */
	int64_t started;       /* s since 1970 */

	/* Of a death: events, id 0 where there is none. */
	struct event deliver, send, fault, registers;
	int cause;           /* of a page fault: group FAULT, 0 unknown */
	uint64_t end;        /* of the fault */
	uint64_t rip, rsp;   /* rsp 0: not known */
	uint64_t moment;     /* the event that memory is looked at after */
	struct state before; /* the machine then */
	const struct state_space *space;
	uint32_t follow;                    /* thread that chain.c looks for */
	struct lineage mapped[PLACES_KEPT]; /* looked up already */
	unsigned mapped_count;
	struct image image;              /* its memory */
	struct build build[PLACES_KEPT]; /* looked up already */
	unsigned builds;
};

/* Go through events near id: the first one in this direction, at most so many away, that
 * match says yes to.  Into *out; false: none. */
bool event_search(struct teller *t, uint64_t id, int step, uint64_t most,
		  bool (*match)(const struct teller *t, const struct event *e), struct event *out);

/* The mapping an address is in at the moment, NULL: none. */
const struct lineage *teller_mapped(struct teller *t, uint64_t addr);
/* Of the file that is mapped at an address. */
enum build_trust build_trust(struct teller *t, const struct lineage *l, uint64_t address);
/* The same; BUILD_SAME where none is, of which nothing is asked. */
enum build_trust build_at(struct teller *t, uint64_t address);
/* What there is to say of all files that were asked for. */
void builds_tell(struct teller *t);
/* "function+0x7 (file.c:21) in /bin/program", or what there is; symbol may be NULL.
 * behind: addr is a return address.  False: no function is known. */
bool teller_place(struct teller *t, uint64_t addr, bool behind, char text[PLACE_TEXT],
		  struct symbol *symbol);
/* symbol as text: "function+0x7 (file.c:21)", "" if nothing is known. */
void symbol_words(char *text, size_t size, const struct symbol *symbol);
/* "program 12", the thread's name and number at an event. */
void teller_thread(struct teller *t, uint32_t tid, uint64_t id, char *text, size_t size);
/* The instruction there, in assembly and as its source line has it. */
void instruction_tell(struct teller *t, uint64_t addr, const struct symbol *symbol);
/* Value of a register at a fatal signal by its name, as "rax"; false: not recorded. */
bool register_value(const struct teller *t, const char *name, uint64_t *value);
/* An event in words, a system call with its result if that came until then. */
void teller_event(struct teller *t, uint64_t id, uint64_t until, char text[TELL_TEXT]);

/* The parts of a story. */
void why_tell(struct teller *t);
/* Open the core of the program: t->image. */
void stack_open(struct teller *t);
void stack_tell(struct teller *t);
/* From a thread at an event on. */
void chain_tell(struct teller *t, uint32_t tid, uint64_t id);
void crossings_tell(struct teller *t);
void others_tell(struct teller *t, unsigned count);
void death_tell(struct teller *t);
void panic_tell(struct teller *t);
/* Of a machine whose memory was read: CPUs, threads, locks, what was salvaged. */
void machine_tell(struct teller *t);
/* The registers of a CPU; asked: QEMU was, nothing struck it.  False: nobody knows them. */
struct salvage_registers;
bool machine_registers(struct teller *t, unsigned cpu, struct salvage_registers *out, bool *asked);
/* Where a CPU was, 0 unknown; struck: where what runs there was interrupted. */
uint64_t machine_culprit(struct teller *t, unsigned cpu, bool struck, bool *behind);
/* A CPU that ran something when all stopped. */
int machine_busy(struct teller *t);
/* Source lines around a symbol's; the instructions before an address of an ELF file, and
 * the one there. */
void kernel_source_tell(struct teller *t, const struct symbol *symbol);
void kernel_code_tell(struct teller *t, const char *path, uint64_t address,
		      const struct symbol *symbol);

#endif
