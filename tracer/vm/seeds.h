/* `ringscope run --exact --seeds A..B`: one run a seed, to find one that fails. */
#ifndef TRACER_VM_SEEDS_H
#define TRACER_VM_SEEDS_H

#include "tracer/vm/run.h"

#define SEEDS_MAX 100000 /* in one go */

/* Run config with each seed from first to last, with the same input.  At the end
 * config->output is the trace of the first that failed (ended with another status than
 * 0), and its output comes to our standard streams; else those of the last seed.  Which
 * failed, and how, goes to standard error.  Returns the status of the first that failed,
 * 0 if none did, or 125. */
int run_seeds(const struct run_config *config, uint64_t first, uint64_t last);

#endif
