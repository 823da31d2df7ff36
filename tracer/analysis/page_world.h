/* All address spaces with their pages. */
#ifndef TRACER_ANALYSIS_PAGE_WORLD_H
#define TRACER_ANALYSIS_PAGE_WORLD_H

#include "tracer/analysis/pages.h"

struct page_space {
	struct page_table table;
	uint32_t users; /* processes; 0: a free slot */
};

struct page_process {
	uint32_t pid, space;
};

struct page_world {
	struct page_space *space;
	uint32_t space_count, space_room;
	struct page_process *process; /* by pid */
	uint32_t process_count, process_room;
	uint64_t pages;
	bool full; /* something had no room */
};

void world_apply(struct page_world *w, const struct page_op *op);
/* Make to an equal of from; what has no memory is left out, and to->full says so. */
void world_copy(struct page_world *to, const struct page_world *from);
void world_free(struct page_world *w);
/* NULL: nothing is known of it. */
const struct page_space *world_space(const struct page_world *w, uint32_t pid);

#endif
