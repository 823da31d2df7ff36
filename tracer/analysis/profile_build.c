#include "tracer/analysis/profile_build.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/hash.h"
#include "tracer/analysis/labels.h"
#include "tracer/array.h"

static uint32_t node_slot(const struct profile *p, uint32_t parent, const char *name)
{
	const uint64_t hash = hash_number(hash_text(HASH_START, name), parent);
	uint32_t at = (uint32_t)hash & (p->index_size - 1);

	while (p->index[at] != PROFILE_NONE && (p->nodes[p->index[at]].parent != parent ||
						strcmp(p->nodes[p->index[at]].name, name) != 0))
		at = (at + 1) & (p->index_size - 1);
	return at;
}

/* An index with room for twice the nodes. */
static bool index_grow(struct profile *p)
{
	const uint32_t size = p->index_size ? p->index_size * 2 : 256;
	uint32_t *index = realloc(p->index, size * sizeof(*index));

	if (!index)
		return false;
	p->index = index;
	p->index_size = size;
	memset(index, 0xff, size * sizeof(*index));
	for (uint32_t i = 0; i < p->node_count; i++)
		index[node_slot(p, p->nodes[i].parent, p->nodes[i].name)] = i;
	return true;
}

uint32_t profile_node_get(struct profile *p, uint32_t parent, const char *name)
{
	char cut[WALK_NAME_BYTES];
	uint32_t slot;

	name_copy(cut, sizeof(cut), name);
	if (p->node_count * 2 >= p->index_size && !index_grow(p))
		return PROFILE_NONE;
	slot = node_slot(p, parent, cut);
	if (p->index[slot] != PROFILE_NONE)
		return p->index[slot];
	if (!array_grow(&p->nodes, &p->node_size, p->node_count, sizeof(*p->nodes)))
		return PROFILE_NONE;
	p->nodes[p->node_count] = (struct profile_node){ .parent = parent };
	memcpy(p->nodes[p->node_count].name, cut, sizeof(cut));
	p->index[slot] = p->node_count;
	return p->node_count++;
}

static struct profile_row *row_get(struct profile *p, const char *name)
{
	uint32_t *place = map_at(&p->row_index, hash_text(HASH_START, name));

	if (!place)
		return NULL;
	if (*place)
		return &p->rows[*place - 1];
	if (!array_grow(&p->rows, &p->row_size, p->row_count, sizeof(*p->rows)))
		return NULL;
	p->rows[p->row_count] = (struct profile_row){ 0 };
	name_copy(p->rows[p->row_count].name, sizeof(p->rows->name), name);
	*place = ++p->row_count;
	return &p->rows[*place - 1];
}

int profile_row_add(struct profile *p, const char *name, const struct walk_span *s,
		    const struct profile_config *config, bool error)
{
	struct profile_row *r = row_get(p, name);
	const int64_t duration = s->end_time - s->begin_time;
	int64_t *durations;

	if (!r)
		return -1;
	if (config->to && !spectrum_add(&r->spectrum, s->begin_time - config->from,
					config->to - config->from, duration))
		return -1;
	if (r->count == r->size) {
		const uint64_t size = r->size ? r->size * 2 : 16;

		durations = realloc(r->durations, size * sizeof(*durations));
		if (!durations)
			return -1;
		r->durations = durations;
		r->size = size;
	}
	if (duration >= r->longest) {
		r->longest = duration;
		r->example = s->begin;
	}
	r->durations[r->count++] = duration;
	r->errors += error;
	r->total += duration;
	r->self += walk_span_self(s);
	r->leaving += s->leaving;
	r->nested += s->nested;
	r->blocked += s->blocked;
	r->ready += s->ready;
	r->held += s->held;
	r->records += s->records;
	return 0;
}

int profile_share_add(struct profile *p, const struct profile_share *s)
{
	uint32_t *place = map_at(&p->share_index, hash_text(HASH_START, s->name));
	struct profile_share *have;

	if (!place)
		return -1;
	if (*place) {
		have = &p->shares[*place - 1];
		have->user += s->user;
		have->kernel += s->kernel;
		have->blocked += s->blocked;
		have->ready += s->ready;
		return 0;
	}
	if (!array_grow(&p->shares, &p->share_size, p->share_count, sizeof(*p->shares)))
		return -1;
	p->shares[p->share_count] = *s;
	*place = ++p->share_count;
	return 0;
}

int profile_wait_add(struct profile *p, const struct profile_wait *w)
{
	const uint64_t waker = hash_text(hash_number(HASH_START, w->wait), w->waker);
	uint32_t *place = map_at(&p->wait_index, hash_text(hash_number(waker, 0), w->waiter));
	struct profile_wait *have;

	if (!place)
		return -1;
	if (*place) {
		have = &p->waits[*place - 1];
		have->count += w->count;
		have->total += w->total;
		have->longest = w->longest > have->longest ? w->longest : have->longest;
		return 0;
	}
	if (!array_grow(&p->waits, &p->wait_size, p->wait_count, sizeof(*p->waits)))
		return -1;
	p->waits[p->wait_count] = *w;
	*place = ++p->wait_count;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The least duration that a part of all does not exceed (nearest rank). */
static int64_t rank(const struct profile_row *r, uint64_t thousandths)
{
	const uint64_t at = (r->count * thousandths + 999) / 1000;

	return r->durations[at ? at - 1 : 0];
}

static int by_self(const void *a, const void *b)
{
	const struct profile_row *x = a, *y = b;

	if (x->self != y->self)
		return x->self > y->self ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int by_share(const void *a, const void *b)
{
	const struct profile_share *x = a, *y = b;
	const int64_t p = x->user + x->kernel, q = y->user + y->kernel;

	if (p != q)
		return p > q ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int by_total(const void *a, const void *b)
{
	const struct profile_wait *x = a, *y = b;

	if (x->total != y->total)
		return x->total > y->total ? -1 : 1;
	return strcmp(x->waiter, y->waiter);
}

void profile_sort(struct profile *p)
{
	for (uint32_t i = 0; i < p->row_count; i++) {
		struct profile_row *r = &p->rows[i];

		qsort(r->durations, r->count, sizeof(*r->durations), by_number);
		r->p50 = rank(r, 500);
		r->p90 = rank(r, 900);
		r->p99 = rank(r, 990);
		r->p999 = rank(r, 999);
		/* Eight bytes a call, and a profile may be kept on a screen. */
		free(r->durations);
		r->durations = NULL;
		r->size = 0;
	}
	if (p->row_count)
		qsort(p->rows, p->row_count, sizeof(*p->rows), by_self);
	if (p->share_count)
		qsort(p->shares, p->share_count, sizeof(*p->shares), by_share);
	if (p->wait_count)
		qsort(p->waits, p->wait_count, sizeof(*p->waits), by_total);
	for (uint32_t i = p->node_count; i-- > 0;) {
		p->nodes[i].total += p->nodes[i].self;
		if (p->nodes[i].parent != PROFILE_NONE)
			p->nodes[p->nodes[i].parent].total += p->nodes[i].total;
	}
}

void profile_free(struct profile *p)
{
	for (uint32_t i = 0; i < p->row_count; i++) {
		free(p->rows[i].durations);
		spectrum_free(&p->rows[i].spectrum);
	}
	free(p->rows);
	free(p->shares);
	free(p->waits);
	free(p->nodes);
	free(p->index);
	map_free(&p->row_index);
	map_free(&p->share_index);
	map_free(&p->wait_index);
	*p = (struct profile){ 0 };
}
