/* Roles by descent: what tells which thread of one recording is which of another. */
#ifndef TRACER_ANALYSIS_FAMILIES_H
#define TRACER_ANALYSIS_FAMILIES_H

#include <stdbool.h>

#include "tracer/analysis/sequence.h"

/* Put all roles in order of birth and set their family and ordinal.  False: no memory. */
bool families_set(struct sequences *s);

#endif
