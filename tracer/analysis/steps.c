#include "tracer/analysis/steps.h"

#include <stdlib.h>

struct diff_step *diff_steps(const struct diff_thread *t, uint32_t *count)
{
	const uint64_t all = (uint64_t)t->align.same + t->align.removed + t->align.added;
	struct diff_step *steps = calloc(all + 1, sizeof(*steps));
	uint32_t a = 0, b = 0;

	*count = 0;
	for (size_t run = 0; steps && run < t->align.count; run++) {
		const struct align_run *r = &t->align.runs[run];

		for (uint32_t i = 0; i < r->count; i++) {
			struct diff_step *s = &steps[(*count)++];

			*s = (struct diff_step){ .mark = ' ', .a = a, .b = b };
			if (r->kind == ALIGN_REMOVED)
				s->mark = '-';
			else if (r->kind == ALIGN_ADDED)
				s->mark = '+';
			else if (t->a->items[a].result != t->b->items[b].result)
				s->mark = '!';
			a += r->kind != ALIGN_ADDED;
			b += r->kind != ALIGN_REMOVED;
		}
	}
	return steps;
}
