#include "tracer/analysis/align.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Differences after which Myers' algorithm gives up: its memory is their square. */
#define MYERS_BOUND 1024
/* Pieces within pieces; deeper ones have hardly any anchors left. */
#define DEPTH_BOUND 24

/* A piece of both sequences. */
struct piece {
	const uint64_t *a, *b;
	uint32_t a_from, a_to, b_from, b_to;
};

static int run_add(struct align *out, enum align_kind kind, uint32_t a, uint32_t b, uint32_t count)
{
	struct align_run *last = out->count ? &out->runs[out->count - 1] : NULL;

	if (!count)
		return 0;
	*(kind == ALIGN_SAME      ? &out->same
	  : kind == ALIGN_REMOVED ? &out->removed
				  : &out->added) += count;
	if (last && last->kind == kind) {
		last->count += count;
		return 0;
	}
	if (!out->runs || out->count == out->size) {
		const size_t size = out->size ? out->size * 2 : 4;
		struct align_run *runs = realloc(out->runs, size * sizeof(*runs));

		if (!runs)
			return -1;
		out->runs = runs;
		out->size = size;
	}
	out->runs[out->count++] = (struct align_run){ kind, a, b, count };
	return 0;
}

/* --- Anchors ------------------------------------------------------------------ */

/* How often a key is on either side, and where it was last. */
struct slot {
	uint64_t key;
	uint32_t a_count, b_count, a, b;
};

struct anchor {
	uint32_t a, b;
	uint32_t before; /* index of the anchor before it in the longest order, or NONE */
};

#define NONE UINT32_MAX

static struct slot *slot_find(struct slot *slots, size_t mask, uint64_t key)
{
	size_t at = (size_t)(key * 0x9e3779b97f4a7c15ull >> 20) & mask;

	while ((slots[at].a_count || slots[at].b_count) && slots[at].key != key)
		at = (at + 1) & mask;
	slots[at].key = key;
	return &slots[at];
}

/* Keys that occur once in a and once in b, in the order of a.  NULL without memory;
 * the caller frees. */
static struct anchor *anchors_find(const struct piece *p, uint32_t *count)
{
	const size_t keys = (size_t)(p->a_to - p->a_from) + (p->b_to - p->b_from);
	size_t mask = 63;
	struct anchor *anchors;
	struct slot *slots;

	while (mask < keys * 2)
		mask = mask * 2 + 1;
	slots = calloc(mask + 1, sizeof(*slots));
	anchors = calloc((size_t)(p->a_to - p->a_from) + 1, sizeof(*anchors));
	*count = 0;
	for (uint32_t i = p->a_from; slots && anchors && i < p->a_to; i++) {
		struct slot *s = slot_find(slots, mask, p->a[i]);

		s->a_count++;
		s->a = i;
	}
	for (uint32_t i = p->b_from; slots && anchors && i < p->b_to; i++) {
		struct slot *s = slot_find(slots, mask, p->b[i]);

		s->b_count++;
		s->b = i;
	}
	for (uint32_t i = p->a_from; slots && anchors && i < p->a_to; i++) {
		const struct slot *s = slot_find(slots, mask, p->a[i]);

		if (s->a_count == 1 && s->b_count == 1)
			anchors[(*count)++] = (struct anchor){ i, s->b, NONE };
	}
	if (!slots) {
		free(anchors);
		anchors = NULL;
	}
	free(slots);
	return anchors;
}

/* Keep the longest rising order of b among anchors, by patience sorting: top[n] is
 * the anchor with the least b that ends an order of n + 1.  -1 without memory. */
static int anchors_order(struct anchor *anchors, uint32_t *count)
{
	uint32_t *top = calloc((size_t)*count + 1, sizeof(*top));
	struct anchor *kept = calloc((size_t)*count + 1, sizeof(*kept));
	uint32_t length = 0;

	if (!top || !kept) {
		free(top);
		free(kept);
		return -1;
	}
	for (uint32_t i = 0; i < *count; i++) {
		uint32_t low = 0, high = length;

		while (low < high) {
			const uint32_t middle = low + (high - low) / 2;

			if (anchors[top[middle]].b < anchors[i].b)
				low = middle + 1;
			else
				high = middle;
		}
		anchors[i].before = low ? top[low - 1] : NONE;
		top[low] = i;
		length = low == length ? length + 1 : length;
	}
	for (uint32_t i = length ? top[length - 1] : NONE, at = length; at; i = anchors[i].before)
		kept[--at] = anchors[i];
	memcpy(anchors, kept, length * sizeof(*kept));
	*count = length;
	free(top);
	free(kept);
	return 0;
}

/* --- Myers -------------------------------------------------------------------- */

/* The furthest x reached on each diagonal, for each number of differences; row d has
 * 2d+1 entries, diagonal -d first. */
struct myers {
	const struct piece *p;
	int32_t n, m;
	int32_t *rows;
};

static int32_t *myers_row(const struct myers *y, int32_t d)
{
	return y->rows + (size_t)d * (size_t)d;
}

static int32_t myers_at(const struct myers *y, int32_t d, int32_t k)
{
	return myers_row(y, d)[k + d];
}

/* Where diagonal k begins at d differences, before it is followed. */
static int32_t myers_start(const struct myers *y, int32_t d, int32_t k)
{
	if (d == 0)
		return 0;
	if (k == -d || (k != d && myers_at(y, d - 1, k - 1) < myers_at(y, d - 1, k + 1)))
		return myers_at(y, d - 1, k + 1);
	return myers_at(y, d - 1, k - 1) + 1;
}

/* The least differences between both, or -1 beyond the bound. */
static int32_t myers_search(struct myers *y)
{
	const struct piece *p = y->p;

	for (int32_t d = 0; d <= MYERS_BOUND && d <= y->n + y->m; d++) {
		for (int32_t k = -d; k <= d; k += 2) {
			int32_t x = myers_start(y, d, k);

			while (x < y->n && x - k < y->m && x - k >= 0 &&
			       p->a[p->a_from + (uint32_t)x] == p->b[p->b_from + (uint32_t)(x - k)])
				x++;
			myers_row(y, d)[k + d] = x;
			if (d > 0 && k < d)
				myers_row(y, d)[k + d + 1] = -1;
			if (x >= y->n && x - k >= y->m)
				return d;
		}
	}
	return -1;
}

struct step {
	int32_t x, y; /* where it leads to */
	bool added;
};

/* Walk back from the end; steps[0] is the last difference. */
static void myers_trace(const struct myers *y, int32_t d, struct step *steps)
{
	int32_t k = y->n - y->m;

	for (int32_t left = d, i = 0; left > 0; left--, i++) {
		const int32_t from = myers_start(y, left, k);
		const bool added =
			k == -left ||
			(k != left && myers_at(y, left - 1, k - 1) < myers_at(y, left - 1, k + 1));

		steps[i] = (struct step){ from, from - k, added };
		k = added ? k + 1 : k - 1;
	}
}

/* The shortest script for a piece.  1 done, 0 beyond the bound, -1 without memory. */
static int myers_align(struct align *out, const struct piece *p)
{
	struct myers y = { .p = p,
			   .n = (int32_t)(p->a_to - p->a_from),
			   .m = (int32_t)(p->b_to - p->b_from) };
	const int64_t bound = (int64_t)y.n + y.m < MYERS_BOUND ? (int64_t)y.n + y.m : MYERS_BOUND;
	struct step *steps;
	uint32_t a = p->a_from, b = p->b_from;
	int32_t d;
	int failed = 0;

	y.rows = malloc((size_t)(bound + 1) * (size_t)(bound + 1) * sizeof(*y.rows));
	if (!y.rows)
		return -1;
	d = myers_search(&y);
	steps = d > 0 ? calloc((size_t)d, sizeof(*steps)) : NULL;
	if (d > 0 && steps)
		myers_trace(&y, d, steps);
	free(y.rows);
	if (d < 0 || (d > 0 && !steps))
		return d < 0 ? 0 : -1;
	for (int32_t i = d - 1; i >= 0 && !failed; i--) {
		const uint32_t to_a = p->a_from + (uint32_t)steps[i].x;
		const uint32_t to_b = p->b_from + (uint32_t)steps[i].y;
		const uint32_t same = (steps[i].added ? to_a : to_a - 1) - a;

		failed = run_add(out, ALIGN_SAME, a, b, same) ||
			 run_add(out, steps[i].added ? ALIGN_ADDED : ALIGN_REMOVED, a + same,
				 b + same, 1);
		a = to_a;
		b = to_b;
	}
	free(steps);
	return failed || run_add(out, ALIGN_SAME, a, b, p->a_to - a) ? -1 : 1;
}

/* Too different to search: what is equal at equal places stays. */
static int places_align(struct align *out, const struct piece *p)
{
	uint32_t a = p->a_from, b = p->b_from;
	int failed = 0;

	while (a < p->a_to && b < p->b_to && !failed) {
		const uint32_t from_a = a, from_b = b;

		while (a < p->a_to && b < p->b_to && p->a[a] == p->b[b]) {
			a++;
			b++;
		}
		failed = run_add(out, ALIGN_SAME, from_a, from_b, a - from_a);
		if (a < p->a_to && b < p->b_to && !failed) {
			failed = run_add(out, ALIGN_REMOVED, a, b, 1) ||
				 run_add(out, ALIGN_ADDED, a + 1, b, 1);
			a++;
			b++;
		}
	}
	return failed || run_add(out, ALIGN_REMOVED, a, b, p->a_to - a) ||
			       run_add(out, ALIGN_ADDED, p->a_to, b, p->b_to - b)
		       ? -1
		       : 0;
}

/* --- Pieces ------------------------------------------------------------------- */

static int piece_align(struct align *out, struct piece p, unsigned depth);

/* Cut at the anchors; the piece before each, the anchor, the rest. */
static int anchors_align(struct align *out, const struct piece *p, const struct anchor *anchors,
			 uint32_t count, unsigned depth)
{
	struct piece part = *p;

	for (uint32_t i = 0; i < count; i++) {
		part.a_to = anchors[i].a;
		part.b_to = anchors[i].b;
		if (piece_align(out, part, depth + 1) ||
		    run_add(out, ALIGN_SAME, anchors[i].a, anchors[i].b, 1))
			return -1;
		part.a_from = anchors[i].a + 1;
		part.b_from = anchors[i].b + 1;
	}
	part.a_to = p->a_to;
	part.b_to = p->b_to;
	return piece_align(out, part, depth + 1);
}

/* A piece whose ends differ and which is empty on neither side. */
static int middle_align(struct align *out, const struct piece *p, unsigned depth)
{
	uint32_t count = 0;
	struct anchor *anchors = depth < DEPTH_BOUND ? anchors_find(p, &count) : NULL;
	int status;

	if (depth < DEPTH_BOUND && (!anchors || (count && anchors_order(anchors, &count)))) {
		free(anchors);
		return -1;
	}
	if (count) {
		status = anchors_align(out, p, anchors, count, depth);
	} else {
		status = myers_align(out, p);
		status = status == 0 ? places_align(out, p) : status < 0 ? -1 : 0;
	}
	free(anchors);
	return status;
}

static int piece_align(struct align *out, struct piece p, unsigned depth)
{
	const uint32_t a = p.a_from, b = p.b_from;
	uint32_t tail = 0;

	while (p.a_from < p.a_to && p.b_from < p.b_to && p.a[p.a_from] == p.b[p.b_from]) {
		p.a_from++;
		p.b_from++;
	}
	while (p.a_from < p.a_to && p.b_from < p.b_to && p.a[p.a_to - 1] == p.b[p.b_to - 1]) {
		p.a_to--;
		p.b_to--;
		tail++;
	}
	if (run_add(out, ALIGN_SAME, a, b, p.a_from - a))
		return -1;
	if (p.a_from == p.a_to || p.b_from == p.b_to) {
		if (run_add(out, ALIGN_REMOVED, p.a_from, p.b_from, p.a_to - p.a_from) ||
		    run_add(out, ALIGN_ADDED, p.a_to, p.b_from, p.b_to - p.b_from))
			return -1;
	} else if (middle_align(out, &p, depth)) {
		return -1;
	}
	return run_add(out, ALIGN_SAME, p.a_to, p.b_to, tail);
}

int align_keys(struct align *out, const uint64_t *a, uint32_t a_count, const uint64_t *b,
	       uint32_t b_count)
{
	*out = (struct align){ 0 };
	if (piece_align(out, (struct piece){ a, b, 0, a_count, 0, b_count }, 0)) {
		align_free(out);
		return -1;
	}
	return 0;
}

int align_equal(struct align *out, uint32_t count)
{
	*out = (struct align){ 0 };
	return run_add(out, ALIGN_SAME, 0, 0, count);
}

void align_free(struct align *out)
{
	free(out->runs);
	*out = (struct align){ 0 };
}
