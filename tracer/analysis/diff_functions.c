#include "tracer/analysis/diff_functions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/store/sql.h"

static bool has_functions(struct side *s)
{
	return s->reader && sql_integer(reader_database(s->reader),
					"SELECT count(*) FROM counter WHERE name ="
					" 'function_enter' AND stored > 0",
					0) > 0;
}

static int by_names(const struct function_total *x, const struct function_total *y)
{
	const int call = strcmp(x->call, y->call);

	return call ? call : strcmp(x->function, y->function);
}

static void side_put(struct diff_function *d, int side, const struct function_total *t)
{
	snprintf(d->call, sizeof(d->call), "%s", t->call);
	snprintf(d->function, sizeof(d->function), "%s", t->function);
	d->count[side] = t->count;
	d->self[side] = t->self;
}

/* Both are in order of their names. */
static uint32_t merge(struct diff_function *to, const struct function_total *a, uint32_t a_count,
		      const struct function_total *b, uint32_t b_count)
{
	uint32_t count = 0, i = 0, j = 0;

	while (i < a_count || j < b_count) {
		const int order = i == a_count ? 1 : j == b_count ? -1 : by_names(&a[i], &b[j]);
		struct diff_function d = { 0 };

		if (order <= 0)
			side_put(&d, 0, &a[i++]);
		if (order >= 0)
			side_put(&d, 1, &b[j++]);
		if (d.count[0] != d.count[1] || d.self[0] != d.self[1])
			to[count++] = d;
	}
	return count;
}

static int by_change(const void *a, const void *b)
{
	const struct diff_function *x = a, *y = b;
	const int64_t p = llabs(x->self[1] - x->self[0]), q = llabs(y->self[1] - y->self[0]);

	if (p != q)
		return p > q ? -1 : 1;
	return strcmp(x->call, y->call) ? strcmp(x->call, y->call)
					: strcmp(x->function, y->function);
}

int diff_functions_make(struct diff_function **list, uint32_t *count, struct side *a,
			struct side *b, struct error *why)
{
	struct side *const side[2] = { a, b };
	struct functions f[2] = { { 0 }, { 0 } };
	struct function_total *totals[2] = { NULL, NULL };
	struct diff_function *merged = NULL;
	uint32_t counts[2] = { 0, 0 };
	int status = 0;

	*list = NULL;
	*count = 0;
	if (!has_functions(a) || !has_functions(b))
		return 0;
	for (int i = 0; i < 2 && !status; i++) {
		status = functions_make(&f[i], reader_database(side[i]->reader), NULL, -1, NULL,
					why);
		if (!status)
			totals[i] = functions_totals(&f[i], &counts[i]);
	}
	if (!status) {
		merged = calloc((size_t)counts[0] + counts[1] + 1, sizeof(*merged));
		if (!merged || !totals[0] || !totals[1])
			status = error_set(why, 2, "cannot compare functions: out of memory");
	}
	if (!status && merged && totals[0] && totals[1]) {
		*count = merge(merged, totals[0], counts[0], totals[1], counts[1]);
		qsort(merged, *count, sizeof(*merged), by_change);
	}
	*list = merged;
	for (int i = 0; i < 2; i++) {
		free(totals[i]);
		functions_free(&f[i]);
	}
	return status;
}
