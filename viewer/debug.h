/* `ringscope replay --to EVENT` on the terminal, which the viewer has left for it. */
#ifndef VIEWER_DEBUG_H
#define VIEWER_DEBUG_H

#include <stdint.h>

/* Runs it to its end, and waits for Enter: what it said last stays to be read. */
void debug_run(const char *trace, uint64_t event);

#endif
