/* What the memory view draws: the pages of a process at an event, made by a thread of its
 * own from the state of the machine (tracer/state.h) and from the faults so far
 * (tracer/analysis/pages.h).
 *
 * memory_ask each time something changed; the picture of before stays until the new one
 * is there. */
#ifndef VIEWER_MEMORY_H
#define VIEWER_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/analysis/pages.h"
#include "tracer/error.h"
#include "tracer/state.h"
#include "viewer/job.h"

#define MEMORY_PAGES   16384u /* of one process that are drawn */
#define MEMORY_COLUMNS 512
#define MEMORY_OWNERS  8
#define MEMORY_LIST    24 /* faults listed */
#define MEMORY_PICK    64 /* processes to choose from */

/* What is known of a page. */
enum page_look {
#define LOOK(name, letter, style, word) PAGE_##name,
#include "viewer/pages.def"
	PAGE_LOOKS
};

/* What a fault was, for strips and lists. */
enum fault_look {
#define FAULT_LOOK(name, letter, style, word) FAULTS_##name,
#include "viewer/pages.def"
	FAULT_LOOKS
};

struct memory_page {
	uint64_t addr;
	uint64_t frame;
	enum page_look look;
};

struct memory_region {
	struct state_region region;
	unsigned first, count; /* of pages[] */
	uint32_t look[PAGE_LOOKS];
	uint64_t faults; /* of those kept */
};

struct memory_space {
	uint32_t pid, parent; /* pid 0: there is none */
	uint32_t users;       /* processes in it */
	char path[STATE_PATH];
	struct memory_region *regions;
	unsigned region_count;
	struct memory_page *pages; /* by address */
	unsigned page_count;
	uint32_t look[PAGE_LOOKS];
	uint64_t beyond;                  /* pages that are not in pages[] */
	uint64_t faults, of[FAULT_LOOKS]; /* so far */
	uint32_t tables[3];               /* PTs, PDs, PDPTs that its pages need at least */
};

/* One page fault, before and after. */
struct memory_fault {
	struct event begin, end; /* end.id 0: it did not end in this trace */
	struct state_region region;
	bool covered; /* by that region */
	bool there;   /* a page was there before */
	struct page before;
	unsigned sharers;              /* uses of its frame before */
	uint32_t owner[MEMORY_OWNERS]; /* the processes */
	unsigned owners;
	unsigned levels; /* tables on the way that are known to be there, 1 to 4 */
	int64_t usual;   /* ns: half of the process's faults of its cause took less */
};

/* A page whose frame others have too. */
struct memory_sharing {
	struct memory_page page;
	unsigned uses, owners;
	uint32_t owner[MEMORY_OWNERS];
};

/* A process to choose. */
struct memory_process {
	uint32_t pid, parent;
	unsigned pages; /* known */
	bool ended;
};

/* What was asked for. */
struct memory_query {
	uint64_t event;
	uint32_t pid, tid; /* tid: who acts at the event */
	int64_t from, to;  /* ns, of the strip */
	unsigned columns;
	uint64_t share; /* start of the region whose sharers are wanted; UINT64_MAX: none */
};

struct memory_shot {
	struct memory_query query;
	struct memory_space space,
		other;             /* other: who it shares most with, its parent if it can be */
	struct memory_fault fault; /* begin.id 0: none so far */
	struct page_op list[MEMORY_LIST]; /* latest faults of the process, in order */
	unsigned listed;
	uint64_t strip[MEMORY_COLUMNS][FAULT_LOOKS];
	struct memory_process process[MEMORY_PICK];
	unsigned processes;
	struct memory_sharing share[MEMORY_LIST];
	unsigned sharing;
	bool cut; /* there was more than fits in what is kept */
};

struct memory_work;

struct memory {
	struct job job;
	struct memory_work *work; /* the job's while it runs */
	struct memory_shot *shot; /* NULL: none yet */
	struct error failed;      /* why there is none, "" if there is one */
	uint32_t pid;             /* chosen; 0: whoever acts at the cursor */
	int region;               /* selected, index of shot->space.regions */
	bool sharers;             /* show who shares, frame by frame */
	int pick;                 /* line of the list of processes */
	uint64_t seen;            /* the fault whose region was selected */
};

/* Make the picture of the file at path, unless it is there or being made. */
void memory_ask(struct memory *m, const char *path, const struct memory_query *query);
/* Take the result if it is there. */
void memory_poll(struct memory *m);
bool memory_busy(const struct memory *m);
unsigned memory_percent(const struct memory *m);
void memory_close(struct memory *m);

void memory_select(struct memory *m, int way);
/* Where the selected region begins, UINT64_MAX if there is none. */
uint64_t memory_region_start(const struct memory *m);

/* Columns of a strip on a screen of cols. */
int memory_columns(int cols);

enum fault_look fault_look(unsigned cause);

#endif
