/* One process's memory through time, backwards: what the events of the process, and of
 * those that it was forked from, did to one address. */
#ifndef TRACER_CRASH_LINEAGE_H
#define TRACER_CRASH_LINEAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/reader.h"

#define LINEAGE_PATH 1024

/* The last of each kind before the event asked for; event 0: there was none. */
struct lineage {
	struct {
		uint64_t event;
		uint32_t pid; /* who did it: the process or a forebear */
		uint64_t start, length, offset;
		uint32_t prot, flags;
		char path[LINEAGE_PATH]; /* "" anonymous */
	} map;
	struct {
		uint64_t event;
		uint32_t pid;
		uint64_t start, length;
	} unmap; /* only if it is younger than map */
	struct {
		uint64_t event;
		uint32_t pid, prot;
	} protect; /* likewise */
};

/* Look back from event id of process pid, to its exec or the beginning of the trace. */
void lineage_find(struct lineage *l, struct reader *r, uint64_t id, uint32_t pid, uint64_t addr);
/* The same, through at most so many events. */
void lineage_look(struct lineage *l, struct reader *r, uint64_t id, uint32_t pid, uint64_t addr,
		  uint64_t most);

#endif
