/* Calls without what differs from run to run. */
#ifndef TRACER_ANALYSIS_NORMAL_H
#define TRACER_ANALYSIS_NORMAL_H

#include "tracer/analysis/descriptors.h"

/* Hash of the call and its arguments. */
uint64_t normal_call(const struct call *c, const struct descriptors *d);
/* Hash of its result; 0 while it has none. */
uint32_t normal_result(const struct call *c);

#endif
