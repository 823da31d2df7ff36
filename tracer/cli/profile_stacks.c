#include "tracer/cli/profile_stacks.h"

#include <inttypes.h>

#define ROWS_SHOWN 40

void profile_stacks_print(struct buffer *b, const struct stacks *s)
{
	buffer_printf(b, "%10s %7s %10s %7s  function (of %" PRIu64 " stacks)\n", "innermost", "%",
		      "in it", "%", s->count);
	for (uint32_t i = 0; i < s->row_count && i < ROWS_SHOWN; i++) {
		const struct stacks_row *r = &s->rows[i];

		buffer_printf(b, "%10" PRIu64 " %7.2f %10" PRIu64 " %7.2f  ", r->self,
			      (double)r->self * 100 / (double)s->count, r->total,
			      (double)r->total * 100 / (double)s->count);
		buffer_clean(b, r->name);
		buffer_string(b, r->kernel ? "  [kernel]\n" : "\n");
	}
	if (s->row_count > ROWS_SHOWN)
		buffer_printf(b, "and %u more; --json has all\n", s->row_count - ROWS_SHOWN);
	if (s->cut)
		buffer_printf(b, "of %" PRIu64 " stacks the outermost functions are missing\n",
			      s->cut);
}

void profile_stacks_json(struct buffer *b, const struct stacks *s)
{
	buffer_printf(b, "{\"stacks\": %" PRIu64 ", \"cut\": %" PRIu64 ", \"functions\": [",
		      s->count, s->cut);
	for (uint32_t i = 0; i < s->row_count; i++) {
		const struct stacks_row *r = &s->rows[i];

		buffer_string(b, i ? ",\n {\"name\": " : "\n {\"name\": ");
		buffer_json(b, r->name);
		buffer_printf(
			b, ", \"kernel\": %s, \"innermost\": %" PRIu64 ", \"in_it\": %" PRIu64 "}",
			r->kernel ? "true" : "false", r->self, r->total);
	}
	buffer_string(b, "]}\n");
}
