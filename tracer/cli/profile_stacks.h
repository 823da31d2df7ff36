/* `ringscope profile --stacks` and `--samples`: by function, as text and as JSON. */
#ifndef TRACER_CLI_PROFILE_STACKS_H
#define TRACER_CLI_PROFILE_STACKS_H

#include "tracer/analysis/stacks.h"
#include "tracer/buffer.h"

void profile_stacks_print(struct buffer *b, const struct stacks *s);
void profile_stacks_json(struct buffer *b, const struct stacks *s);

#endif
