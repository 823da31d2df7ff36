/* How a recording was made, as facts in its file: the command, the machine, what went
 * in.  analysis/manifest.h says which of them must be alike for a comparison. */
#ifndef TRACER_VM_ORIGIN_H
#define TRACER_VM_ORIGIN_H

#include <sqlite3.h>

#include "tracer/vm/files.h"
#include "tracer/vm/run.h"

/* Seed of exact runs, if --seed does not say otherwise. */
#define EXACT_SEED 1

/* Before the machine starts.  append: the kernel's command line; inputs: the hash of
 * what was packed; tree: the guest sees one of the host's. */
void origin_write(sqlite3 *db, const struct run_config *config, const char *append, uint64_t inputs,
		  const struct files *files, bool tree);
/* What is known at the end: of exact runs QEMU's version, and hashes of
 * all that was recorded. */
void origin_finish(sqlite3 *db, const struct run_config *config);

#endif
