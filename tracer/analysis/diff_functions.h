/* The kernel functions that a comparison is about: of two recordings that both have them,
 * which ones grew, by the call that they were in. */
#ifndef TRACER_ANALYSIS_DIFF_FUNCTIONS_H
#define TRACER_ANALYSIS_DIFF_FUNCTIONS_H

#include "tracer/analysis/functions.h"
#include "tracer/analysis/side.h"

/* What recording them costs is not counted where it is known, nor what struck a call in
 * between. */
struct diff_function {
	char call[FUNCTION_NAME_BYTES];
	char function[FUNCTION_NAME_BYTES]; /* "": the call itself, in none that is recorded */
	uint64_t count[2];
	int64_t self[2];
};

/* Those of which a count or a cost differs, the largest change first, for the caller to
 * free: *list NULL if there are none.  0, or status 2 or 3. */
int diff_functions_make(struct diff_function **list, uint32_t *count, struct side *a,
			struct side *b, struct error *why);

#endif
