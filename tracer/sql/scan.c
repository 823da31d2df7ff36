#include "tracer/sql/scan.h"

#include <string.h>

#include "tracer/store/sql.h"

int scan_open(struct scan *s, sqlite3 *db, struct error *why)
{
	int status;

	memset(s, 0, sizeof(*s));
	s->db = db;
	status = time_base_load(&s->base, db, why);
	if (!status)
		status = timeline_open(&s->timeline, db, NULL, NULL, why);
	/* Without keyframes, as while it is recorded, the walk begins at the beginning. */
	if (!status &&
	    sql_integer(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'keyframe_list'", 0))
		status = chunks_open(&s->chunks, db, 1, why);
	return status;
}

void scan_close(struct scan *s)
{
	timeline_close(s->timeline);
	chunks_close(s->chunks);
	state_free(&s->state);
}

static uint64_t tsc_of(const struct time_base *base, int64_t ns)
{
	const unsigned __int128 ticks = (unsigned __int128)ns * base->tsc_hz / 1000000000;

	return ticks > UINT64_MAX - base->boot_tsc ? UINT64_MAX : base->boot_tsc + (uint64_t)ticks;
}

/* The chunk where the walk has to begin. */
static uint64_t chunk_first(const struct scan *s)
{
	const struct scan_want *w = &s->want;
	uint64_t chunk = (w->first - 1) / READER_CHUNK;
	const struct chunk_mark *mark;
	size_t marks, low = 0, high;

	mark = chunks_marks(s->chunks, &marks);
	for (high = marks; low < high;) {
		const size_t middle = low + (high - low) / 2;

		if (mark[middle].time < w->from)
			low = middle + 1;
		else
			high = middle;
	}
	if (low && low - 1 > chunk)
		chunk = low - 1;
	return chunk < marks ? chunk : marks ? marks - 1 : 0;
}

int scan_start(struct scan *s, const struct scan_want *want, struct error *why)
{
	struct timeline_position start = { 0 };
	uint64_t chunk = 0;

	s->want = *want;
	s->ended = false;
	if (s->want.first < 1)
		s->want.first = 1;
	state_free(&s->state);
	if (s->chunks)
		chunk = chunk_first(s);
	if (chunk && chunks_position(s->chunks, chunk, &s->state, &start, why))
		return 2;
	/* Blocks that cannot hold what is wanted are passed, unless events are counted. */
	timeline_filter(s->timeline, want->ids || want->people ? 0 : want->kinds,
			want->ids || want->people ? 0 : tsc_of(&s->base, want->from));
	if (timeline_restore(s->timeline, &start, why))
		return 2;
	return scan_next(s, why);
}

int scan_next(struct scan *s, struct error *why)
{
	const struct scan_want *w = &s->want;
	int more;

	while ((more = timeline_next(s->timeline, &s->now, why)) > 0) {
		const struct event *e = &s->now.e;

		if (e->time > w->to || (w->ids && e->id > w->last))
			break;
		if (w->people && !state_event(&s->state, e)) {
			error_set(why, 2, "out of memory");
			return 2;
		}
		if (e->time >= w->from && (!w->ids || e->id >= w->first) &&
		    (!w->kinds || w->kinds & event_set(e->kind)))
			return 0;
	}
	s->ended = true;
	return more < 0 ? 2 : 0;
}
