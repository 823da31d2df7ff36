/* `ringscope profile --path`: kernel functions as a tree, as text and as JSON. */
#ifndef TRACER_CLI_PROFILE_TREE_H
#define TRACER_CLI_PROFILE_TREE_H

#include "tracer/analysis/functions.h"
#include "tracer/buffer.h"

/* exact: a nanosecond is an instruction.  false: no memory. */
bool profile_tree_print(struct buffer *b, const struct functions *f, bool exact);
bool profile_tree_json(struct buffer *b, const struct functions *f, bool exact);

#endif
