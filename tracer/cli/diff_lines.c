/* What the formats of a comparison share. */
#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/steps.h"
#include "tracer/cli/diff_print.h"
#include "tracer/decode/names.h"

const char *diff_outcome(const struct diff *d, const struct verdict *v)
{
	if (v->broken)
		return "regression";
	if (v->unknown)
		return "cannot tell";
	if (d->trial)
		return "no regression shown";
	if (d->equal)
		return "identical";
	return d->same ? "same structure, other costs" : "different, within the rules";
}

const char *diff_rule_outcome(const struct verdict_rule *r)
{
	return r->outcome == RULE_BROKEN    ? "BROKEN"
	       : r->outcome == RULE_UNKNOWN ? "cannot tell"
					    : "kept";
}

bool diff_trial_row_shown(const struct trial_row *r)
{
	return !r->more.constant || !r->dearer.constant;
}

const char *diff_trial_outcome(const struct trial_change *c, bool cost)
{
	if (c->constant)
		return "same";
	if (c->outcome == TRIAL_MORE)
		return cost ? "DEARER" : "MORE";
	if (c->outcome == TRIAL_LESS)
		return cost ? "cheaper" : "fewer";
	return c->outcome == TRIAL_UNKNOWN ? "cannot tell" : "none shown";
}

void diff_trial_bounds(const struct trial_change *c, double percent[2])
{
	const double whole = c->median[0] > 0 ? c->median[0] : 1;

	percent[0] = c->low / whole * 100;
	percent[1] = c->high / whole * 100;
}

bool diff_exact(const struct diff *d)
{
	return d->side[0]->exact && d->side[1]->exact;
}

const char *diff_unit(const struct diff *d)
{
	return diff_exact(d) ? "instructions" : "ns";
}

const char *diff_error_name(const struct diff_error *e)
{
	const char *name = error_name(e->error);

	return name ? name : "an unknown error";
}

bool diff_thread_differs(const struct diff_thread *t)
{
	return !t->a || !t->b || t->first.any;
}

static void line_side(const struct diff *d, int side, const struct role *r, uint32_t index,
		      struct diff_line *line)
{
	const struct item *i;

	if (index >= r->count)
		return;
	i = &r->items[index];
	line->id[side] = d->side[side]->reader ? i->id : i->id + 1;
	side_item_text(d->side[side], i, line->text[side], sizeof(line->text[side]));
}

static unsigned line_add(const struct diff *d, const struct diff_thread *t, struct diff_line *line,
			 char mark, uint32_t a, uint32_t b)
{
	memset(line, 0, sizeof(*line));
	line->mark = mark;
	if (mark != '+')
		line_side(d, 0, t->a, a, line);
	if (mark != '-')
		line_side(d, 1, t->b, b, line);
	return 1;
}

unsigned diff_lines(const struct diff *d, const struct diff_thread *t,
		    struct diff_line lines[2 * DIFF_CONTEXT + 2])
{
	uint32_t count, first = 0;
	struct diff_step *step = diff_steps(t, &count);
	unsigned lined = 0;

	while (step && first < count && step[first].mark == ' ')
		first++;
	first = first > DIFF_CONTEXT ? first - DIFF_CONTEXT : 0;
	for (uint32_t i = first; step && i < count && lined < 2 * DIFF_CONTEXT + 2; i++)
		lined += line_add(d, t, &lines[lined], step[i].mark, step[i].a, step[i].b);
	free(step);
	return lined;
}
