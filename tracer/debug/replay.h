/* Running a recording again, bit for bit, with gdb on it, forwards and backwards.
 *
 * An exact run is the same each time, so it need not have been watched: it is run again
 * under QEMU's record mode first, which also proves that it is still the same, then in
 * replay mode, where stopping disturbs nothing.  QEMU goes back by way of a snapshot that
 * is taken before the first instruction.  The ports of a virtio-serial device set a timer
 * when a snapshot is loaded, and a replay that the recording does not know of hangs on
 * that: so the recording begins by loading it, too. */
#ifndef TRACER_DEBUG_REPLAY_H
#define TRACER_DEBUG_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/debug/debugger.h"
#include "tracer/reader.h"

struct replay_target {
	uint64_t event;       /* where to stop */
	bool crash;           /* then go back to the instruction that failed */
	bool writer;          /* and from there to who wrote to `address` last */
	uint64_t instruction; /* of crash; 0: there is none */
	uint64_t address;
};

/* Run it again up to the target, then gdb.  only_check: just say whether it is the same.
 * force: go on where it is not.  Exit status: gdb's; 2; 3 it is not the same. */
int replay(struct reader *r, const struct replay_target *t, const struct debugger_options *o,
	   bool only_check, bool force);

#endif
