/* What becomes of a machine that stopped: the rest of its trace, its CPUs, threads, locks
 * and memory go from its RAM into the trace file.  Nothing of the guest is asked. */
#ifndef TRACER_SALVAGE_SALVAGE_H
#define TRACER_SALVAGE_SALVAGE_H

#include "tracer/salvage/rings.h"
#include "tracer/store/store.h"

/* Why it stopped. */
enum stop_reason {
	STOP_PANIC,
	STOP_TRIPLE_FAULT,
	STOP_HANG,
	STOP_TIMEOUT,
	STOP_BROKEN,
	STOP_QEMU,
	STOP_ASKED
};
const char *stop_reason_name(enum stop_reason why);

struct salvage_request {
	enum stop_reason reason;
	const char *registers; /* QEMU's "info registers -a"; NULL: not known */
	bool memory;           /* keep the memory, too */
	bool live;             /* it goes on afterwards: its end is not told */
};

struct salvage_outcome {
	struct rings_outcome rings;
	struct salvage_panic panic;
	uint64_t memory; /* bytes kept, before they were packed */
};

/* Into the store of a recording to which nothing is added any more.  0, 2 it cannot be
 * stored, 3 there is nothing to be found in this memory. */
int salvage_store(struct store *store, const struct ram *m, const struct salvage_request *r,
		  struct salvage_outcome *out, struct error *why);

/* Into a recording of its own: what is in `trace` (NULL: nothing), and what the memory of a
 * guest adds to it.  As salvage_store. */
int salvage_file(const char *output, bool force, const char *trace, const struct ram *m,
		 const char *registers, struct salvage_outcome *out, struct error *why);

/* The registers of a CPU in the text of QEMU's "info registers -a". */
bool qemu_registers(const char *text, unsigned cpu, struct salvage_cpu *out);

#endif
