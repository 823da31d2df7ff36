/* What `ringscope run` and `ringscope attach` share: a guest that runs, its trace on the
 * way to a file, the end of both. */
#ifndef TRACER_VM_RECORDING_H
#define TRACER_VM_RECORDING_H

#include <stdbool.h>

#include "tracer/error.h"
#include "tracer/tables/live.h"
#include "tracer/vm/machine.h"
#include "tracer/vm/run.h"
#include "tracer/vm/run_directory.h"
#include "tracer/vm/session.h"

struct recording {
	/* set by the caller; of session: rules, tty, show_log, timeout */
	const char *output;
	const char *tables; /* live, end, none; NULL: live */
	tables_progress progress;
	const struct run_config *exact; /* NULL: it is not exact */
	const char *kernel;             /* its file, if stacks are recorded; NULL: they are not */
	bool flight;
	bool no_memory;       /* of a crash do not keep the guest's memory */
	uint64_t answers;     /* where in its memory the host's answers are kept; 0: nowhere */
	unsigned answers_mib; /* of them at most */
	bool again;           /* another tracer was there before */
	struct store *store;
	struct control control;
	struct machine machine;         /* runs */
	struct run_directory directory; /* "": the guest does not outlive us */
	struct session session;

	/* inside */
	struct live *live; /* NULL: tables are made at the end */
	struct salvage_outcome salvaged;
	bool salvage_worked;
};

void recording_init(struct recording *r);
/* Record until the guest is gone, or goes on without us; the machine is not ours any more
 * then.  The guest gets the rules to send.  0, or 125: it did not begin. */
int recording_run(struct recording *r, const struct rules *send, struct error *why);
/* Decode what came, say how it went, close everything; why->status: something failed
 * before.  The exit status. */
int recording_end(struct recording *r, const struct error *why);

#endif
