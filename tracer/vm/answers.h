/* What the host's file servers answer an exact run, so that it can be run again without
 * them: kept by the kernel in memory of the machine behind the guest's own
 * (schemas/answers.h). */
#ifndef TRACER_VM_ANSWERS_H
#define TRACER_VM_ANSWERS_H

#include <sqlite3.h>
#include <stdint.h>

#include "tracer/error.h"

/* Memory for answers, MiB: if nothing is said; at most.  How much of all the machine may
 * have then. */
#define ANSWERS_MIB     256u
#define ANSWERS_MAX_MIB 2560u
#define ANSWERS_TOP_MIB 3072u

/* Fact answers_mib of a recording that has none, since they did not fit. */
#define ANSWERS_TOO_MANY (-1)

/* Prepare the memory of a machine, at byte `at` of it: the guest keeps answers there, or,
 * with a file of answers_store's (else -1), it is given those.  0 or 125. */
int answers_begin(int memory, uint64_t at, int given, struct error *why);
/* The guest is gone: put into the recording what it has kept of at most so many MiB.  0, or
 * 125: there were more, or what the guest says of them is not true. */
int answers_store(sqlite3 *db, int memory, uint64_t at, unsigned mib, struct error *why);

#endif
