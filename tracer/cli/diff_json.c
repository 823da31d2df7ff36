/* A comparison for programs. */
#include <inttypes.h>

#include "tracer/cli/diff_print.h"

static void sides_json(struct buffer *b, const struct diff *d)
{
	for (int side = 0; side < 2; side++) {
		const struct side *s = d->side[side];

		buffer_printf(b, "  \"%s\": {\"path\": ", side ? "candidate" : "baseline");
		buffer_json(b, s->path);
		buffer_string(b, ", \"command\": ");
		buffer_json(b, s->command);
		buffer_printf(b,
			      ", \"exact\": %s, \"complete\": %s, \"lost\": %" PRIu64
			      ", \"structure_hash\": \"%016" PRIx64
			      "\", \"cost_hash\": \"%016" PRIx64 "\"",
			      s->exact ? "true" : "false", s->complete ? "true" : "false", s->lost,
			      s->all.structure, s->all.spent);
		if (s->digest[0])
			buffer_printf(b, ", \"trace_hash\": \"%s\"", s->digest);
		for (unsigned m = 0; m < METRIC_SHOWN; m++)
			if (m != METRIC_DIFFERENCES)
				buffer_printf(b, ", \"%s\": %.0f", verdict_metric_name(m),
					      verdict_metric(d, m, side));
		buffer_string(b, "},\n");
	}
}

static void rules_json(struct buffer *b, const struct verdict *v)
{
	buffer_string(b, "  \"rules\": [");
	for (unsigned i = 0; i < v->count; i++) {
		buffer_string(b, i ? ",\n    {\"rule\": " : "\n    {\"rule\": ");
		buffer_json(b, v->rule[i].text);
		buffer_printf(b, ", \"outcome\": \"%s\", \"broken\": %s, \"because\": ",
			      v->rule[i].outcome == RULE_BROKEN ? "broken"
								: diff_rule_outcome(&v->rule[i]),
			      v->rule[i].outcome == RULE_BROKEN ? "true" : "false");
		buffer_json(b, v->rule[i].because);
		buffer_char(b, '}');
	}
	buffer_string(b, "],\n");
}

static void lines_json(struct buffer *b, const struct diff *d, const struct diff_thread *t)
{
	struct diff_line lines[2 * DIFF_CONTEXT + 2];
	const unsigned count = diff_lines(d, t, lines);

	buffer_string(b, ", \"first\": [");
	for (unsigned i = 0; i < count; i++) {
		buffer_printf(b, "%s{\"mark\": \"%c\"", i ? ", " : "", lines[i].mark);
		for (int side = 0; side < 2; side++) {
			if (!lines[i].id[side])
				continue;
			buffer_printf(b, ", \"%c_event\": %" PRIu64 ", \"%c\": ", side ? 'b' : 'a',
				      lines[i].id[side], side ? 'b' : 'a');
			buffer_json(b, lines[i].text[side]);
		}
		buffer_char(b, '}');
	}
	buffer_char(b, ']');
}

static void threads_json(struct buffer *b, const struct diff *d)
{
	char name[96];
	bool first = true;

	buffer_string(b, "  \"threads\": [");
	for (uint32_t i = 0; i < d->thread_count; i++) {
		const struct diff_thread *t = &d->threads[i];

		if (!diff_thread_differs(t))
			continue;
		role_text(t->a ? t->a : t->b, name, sizeof(name));
		buffer_string(b, first ? "\n    {\"role\": " : ",\n    {\"role\": ");
		first = false;
		buffer_json(b, name);
		buffer_printf(b, ", \"in\": \"%s\"", t->a && t->b ? "both" : t->a ? "a" : "b");
		if (t->a && t->b) {
			buffer_printf(b,
				      ", \"same\": %u, \"removed\": %u, \"added\": %u,"
				      " \"changed\": %u, \"moved\": %u",
				      t->align.same, t->align.removed, t->align.added, t->changed,
				      t->moved);
			lines_json(b, d, t);
		}
		buffer_char(b, '}');
	}
	buffer_string(b, "],\n");
}

static void rows_json(struct buffer *b, const struct diff *d)
{
	char name[96];

	buffer_string(b, "  \"rows\": [");
	for (uint32_t i = 0; i < d->row_count; i++) {
		const struct diff_row *r = &d->rows[i];

		diff_row_name(r->kind, r->nr, name, sizeof(name));
		buffer_string(b, i ? ",\n    {\"program\": " : "\n    {\"program\": ");
		buffer_json(b, r->program);
		buffer_string(b, ", \"item\": ");
		buffer_json(b, name);
		buffer_printf(b,
			      ", \"count\": [%" PRIu64 ", %" PRIu64 "], \"errors\": [%" PRIu64
			      ", %" PRIu64 "], \"self\": [%" PRId64 ", %" PRId64
			      "], \"waited\": [%" PRId64 ", %" PRId64 "], \"removed\": %" PRIu64
			      ", \"added\": %" PRIu64 ", \"changed\": %" PRIu64 "}",
			      r->count[0], r->count[1], r->errors[0], r->errors[1], r->self[0],
			      r->self[1], r->waited[0], r->waited[1], r->removed, r->added,
			      r->changed);
	}
	buffer_string(b, "],\n");
}

static void functions_json(struct buffer *b, const struct diff *d)
{
	buffer_string(b, "  \"functions\": [");
	for (uint32_t i = 0; i < d->function_count; i++) {
		const struct diff_function *f = &d->functions[i];

		buffer_string(b, i ? ",\n    {\"call\": " : "\n    {\"call\": ");
		buffer_json(b, f->call);
		buffer_string(b, ", \"function\": ");
		buffer_json(b, f->function);
		buffer_printf(b,
			      ", \"count\": [%" PRIu64 ", %" PRIu64 "], \"self\": [%" PRId64
			      ", %" PRId64 "]}",
			      f->count[0], f->count[1], f->self[0], f->self[1]);
	}
	buffer_string(b, "],\n");
}

static void errors_json(struct buffer *b, const struct diff *d)
{
	char call[64];
	bool first = true;

	buffer_string(b, "  \"errors\": [");
	for (uint32_t i = 0; i < d->error_count; i++) {
		const struct diff_error *e = &d->errors[i];

		if (e->count[0] == e->count[1])
			continue;
		diff_row_name(ITEM_CALL, e->nr, call, sizeof(call));
		buffer_string(b, first ? "\n    {\"program\": " : ",\n    {\"program\": ");
		first = false;
		buffer_json(b, e->program);
		buffer_printf(b,
			      ", \"call\": \"%s\", \"error\": \"%s\", \"count\": [%" PRIu64
			      ", %" PRIu64 "]}",
			      call, diff_error_name(e), e->count[0], e->count[1]);
	}
	buffer_string(b, "],\n");
}

void diff_json(struct buffer *b, const struct diff *d, const struct verdict *v)
{
	buffer_printf(b, "{\n  \"outcome\": \"%s\",\n  \"unit\": \"%s\",\n", diff_outcome(d, v),
		      diff_unit(d));
	sides_json(b, d);
	rules_json(b, v);
	if (d->trial)
		diff_trial_json(b, d);
	threads_json(b, d);
	rows_json(b, d);
	functions_json(b, d);
	errors_json(b, d);
	buffer_printf(b,
		      "  \"alike_up_to\": {\"structure\": %" PRIu64 ", \"cost\": %" PRIu64
		      "},\n  \"differences\": {\"removed\": %" PRIu64 ", \"added\": %" PRIu64
		      ", \"changed\": %" PRIu64 ", \"moved\": %" PRIu64 ", \"only_a\": %" PRIu64
		      ", \"only_b\": %" PRIu64 "},\n  \"cost_rest\": [%" PRId64 ", %" PRId64
		      "]\n}\n",
		      d->alike.structure, d->alike.cost, d->removed, d->added, d->changed, d->moved,
		      d->only[0], d->only[1], d->cost_rest[0], d->cost_rest[1]);
}
