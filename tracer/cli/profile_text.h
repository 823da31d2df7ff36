/* `ringscope profile` as text. */
#ifndef TRACER_CLI_PROFILE_TEXT_H
#define TRACER_CLI_PROFILE_TEXT_H

#include <stdbool.h>

#include "tracer/analysis/profile.h"
#include "tracer/buffer.h"

struct profile_style {
	bool exact;  /* a nanosecond is an instruction */
	bool gaps;   /* records are missing: counts are at least what is shown, times about that */
	bool ranged; /* only what began in a part of the recording */
};

void profile_text(struct buffer *b, const struct profile *p, const struct profile_style *style);

#endif
