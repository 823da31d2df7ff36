#include "tracer/index/keyframe.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/index/frame.h"
#include "tracer/store/sql.h"

int keyframe_writer_init(struct keyframe_writer *w, sqlite3 *db, struct error *why)
{
	*w = (struct keyframe_writer){ .db = db };
	w->insert = sql_prepare(db, "INSERT OR REPLACE INTO keyframe VALUES (?, ?, ?, ?, ?, ?, ?)",
				why);
	return w->insert ? 0 : 2;
}

void keyframe_writer_free(struct keyframe_writer *w)
{
	sqlite3_finalize(w->insert);
	blob_free(&w->base);
	blob_free(&w->bytes);
	blob_free(&w->packed);
}

static bool position_save(const struct timeline *t, struct blob *b)
{
	struct timeline_position *p = malloc(sizeof(*p));
	unsigned cpus = TRACE_CPUS_MAX;
	bool good = p != NULL;

	if (!p)
		return false;
	memset(p, 0, sizeof(*p));
	if (t)
		timeline_position(t, p);
	while (cpus && !p->lane[cpus - 1].any)
		cpus--;
	good = good && blob_put(b, cpus);
	for (unsigned i = 0; i < cpus; i++)
		good = good && blob_put(b, p->lane[i].any) && blob_put(b, p->lane[i].sequence) &&
		       blob_put(b, p->lane[i].offset) && blob_put(b, p->lane[i].tid) &&
		       blob_put(b, p->lane[i].tsc);
	free(p);
	return good;
}

static bool position_load(struct timeline_position *p, const struct blob *b, size_t *at)
{
	uint64_t cpus, value[5];

	memset(p, 0, sizeof(*p));
	if (!blob_get(b->data, b->size, at, &cpus) || cpus > TRACE_CPUS_MAX)
		return false;
	for (uint64_t i = 0; i < cpus; i++) {
		for (unsigned k = 0; k < 5; k++)
			if (!blob_get(b->data, b->size, at, &value[k]))
				return false;
		if (value[0] > 1 || value[1] > INT64_MAX || value[2] > UINT32_MAX ||
		    value[3] > UINT32_MAX)
			return false;
		p->lane[i] = (struct lane_position){ .any = value[0],
						     .sequence = value[1],
						     .offset = (uint32_t)value[2],
						     .tid = (uint32_t)value[3],
						     .tsc = value[4] };
	}
	return true;
}

int keyframe_write(struct keyframe_writer *w, const struct state *s, const struct timeline *t,
		   uint64_t kinds, uint64_t errors, struct error *why)
{
	const bool alone = w->written % KEYFRAME_GROUP == 0;
	struct blob *bytes = alone ? &w->base : &w->bytes;

	bytes->size = 0;
	if (!position_save(t, bytes) || !state_save(s, bytes) ||
	    !frame_pack(&w->packed, bytes, alone ? NULL : &w->base))
		return error_set(why, 2, "cannot index the trace: out of memory");
	if (alone)
		w->base_id = s->event;
	w->written++;
	if (sql_row(w->insert, "iiiiiib", (int64_t)s->event, s->time,
		    alone ? SQL_NULL : (int64_t)w->base_id, (int64_t)bytes->size, (int64_t)kinds,
		    (int64_t)errors, (const void *)w->packed.data, w->packed.size))
		return sql_error(why, w->db, "cannot index the trace");
	return 0;
}

int keyframe_reader_init(struct keyframe_reader *r, sqlite3 *db, struct error *why)
{
	*r = (struct keyframe_reader){ 0 };
	r->find = sql_prepare(db, "SELECT base, size, data FROM keyframe WHERE id = ?", why);
	return r->find ? 0 : 2;
}

void keyframe_reader_free(struct keyframe_reader *r)
{
	sqlite3_finalize(r->find);
	blob_free(&r->base);
	blob_free(&r->bytes);
}

/* The row's bytes into to; *base_id is the row that they are a difference to, or id. */
static bool row_unpack(struct keyframe_reader *r, uint64_t id, struct blob *to, bool alone,
		       uint64_t *base_id)
{
	bool good = false, own;

	sqlite3_reset(r->find);
	sqlite3_bind_int64(r->find, 1, (int64_t)id);
	if (sqlite3_step(r->find) == SQLITE_ROW) {
		own = sqlite3_column_type(r->find, 0) == SQLITE_NULL;
		*base_id = own ? id : (uint64_t)sqlite3_column_int64(r->find, 0);
		/* One that is a difference is unpacked once its base is there. */
		good = own == alone;
		if (good && (alone || (r->base_known && r->base_id == *base_id)))
			good = frame_unpack(to, (size_t)sqlite3_column_int64(r->find, 1),
					    sqlite3_column_blob(r->find, 2),
					    (size_t)sqlite3_column_bytes(r->find, 2),
					    alone ? NULL : &r->base);
	}
	sqlite3_reset(r->find);
	return good;
}

/* The plain bytes of keyframe id, NULL if there are none. */
static const struct blob *bytes_find(struct keyframe_reader *r, uint64_t id)
{
	uint64_t base = id, other;

	if (r->base_known && r->base_id == id)
		return &r->base;
	sqlite3_reset(r->find);
	sqlite3_bind_int64(r->find, 1, (int64_t)id);
	if (sqlite3_step(r->find) != SQLITE_ROW) {
		sqlite3_reset(r->find);
		return NULL;
	}
	if (sqlite3_column_type(r->find, 0) != SQLITE_NULL)
		base = (uint64_t)sqlite3_column_int64(r->find, 0);
	sqlite3_reset(r->find);
	if (!r->base_known || r->base_id != base) {
		r->base_known = row_unpack(r, base, &r->base, true, &other);
		r->base_id = base;
		if (!r->base_known)
			return NULL;
	}
	if (base == id)
		return &r->base;
	return row_unpack(r, id, &r->bytes, false, &other) ? &r->bytes : NULL;
}

static int unsound(uint64_t id, struct error *why)
{
	return error_set(why, 2, "the trace has no sound keyframe at event %llu",
			 (unsigned long long)id);
}

int keyframe_read(struct keyframe_reader *r, uint64_t id, struct state *s,
		  struct timeline_position *p, struct error *why)
{
	const struct blob *bytes = bytes_find(r, id);
	size_t at = 0;

	state_free(s);
	if (bytes && position_load(p, bytes, &at) &&
	    state_load(s, bytes->data + at, bytes->size - at) && s->event == id) {
		p->events = id;
		return 0;
	}
	state_free(s);
	return unsound(id, why);
}

int keyframe_position(struct keyframe_reader *r, uint64_t id, struct timeline_position *p,
		      struct error *why)
{
	const struct blob *bytes = bytes_find(r, id);
	size_t at = 0;

	if (!bytes || !position_load(p, bytes, &at))
		return unsound(id, why);
	p->events = id;
	return 0;
}
