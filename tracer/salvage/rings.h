/* What is left in the rings of a guest that stopped. */
#ifndef TRACER_SALVAGE_RINGS_H
#define TRACER_SALVAGE_RINGS_H

#include "tracer/salvage/guest.h"
#include "tracer/salvage/recover.h"

struct rings_taker {
	/* Is this block here already? */
	bool (*have)(void *cookie, unsigned cpu, uint64_t sequence);
	/* A block; recovery->head describes bytes.  0, or a status that ends it. */
	int (*take)(void *cookie, const struct recovery *r, const uint8_t *bytes);
	void *cookie;
};

struct rings_outcome {
	unsigned blocks, unfinished, missing;
	uint64_t records;
	unsigned broken; /* rings that do not add up: all memory was looked through for their blocks
			  */
	bool unsure;     /* as recovery */
};

/* All blocks that lie in the rings, but those that are had. */
int rings_salvage(const struct guest *g, const struct rings_taker *taker, struct rings_outcome *out,
		  struct error *why);
/* A CPU's exact counts, as it would have sent them.  False: its ring does not add up. */
bool rings_stats(const struct guest *g, unsigned cpu, struct trace_stats *out);

#endif
