/* Keyframes, level of detail, search: what a jump finds is what a walk finds.
 * Sources: tests/host/synthetic.c tests/host/synthetic_tale.c
 * Timeout: 240 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/host/synthetic.h"
#include "tracer/crc.h"
#include "tracer/index/frame.h"
#include "tracer/index/lod_entry.h"
#include "tracer/lod.h"
#include "tracer/search.h"
#include "tracer/state.h"
#include "tracer/state/blob.h"
#include "tracer/store/sql.h"

#define RECORDS 40000u
#define SEEKS   10000u

static const char path[] = "tracer_index_test.db";
static struct reader *reader;

static int trace_make(void **state)
{
	static struct synthetic s;
	struct error why = { 0 };

	(void)state;
	unlink(path);
	assert_true(synthetic_open(&s, path, 2));
	synthetic_tale(&s, RECORDS);
	assert_true(synthetic_close(&s, true, 0));
	assert_int_equal(reader_open(&reader, path, &why), 0);
	return 0;
}

static int trace_close(void **state)
{
	(void)state;
	reader_close(reader);
	return 0;
}

static uint64_t random_next(void)
{
	static uint64_t x = 88172645463325252ull; /* xorshift64 */

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static uint32_t state_hash(const struct state *s)
{
	struct blob b = { 0 };
	uint32_t hash;

	assert_true(state_save(s, &b));
	hash = crc32c(0, b.data, b.size);
	blob_free(&b);
	return hash;
}

/* The state after every event, by walking once. */
static uint32_t *hashes_forward(const uint64_t *wanted, unsigned count)
{
	const uint64_t events = reader_count(reader);
	uint32_t *hash = calloc(events + 1, sizeof(*hash));
	bool *want = calloc(events + 1, sizeof(*want));
	struct state s = { 0 };
	struct event e;

	for (unsigned i = 0; i < count; i++)
		want[wanted[i]] = true;
	for (uint64_t id = 1; id <= events; id++) {
		assert_true(reader_event(reader, id, &e, NULL));
		assert_true(state_event(&s, &e));
		if (want[id])
			hash[id] = state_hash(&s);
	}
	state_free(&s);
	free(want);
	return hash;
}

static int descending(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

static void state_is_the_same_however_one_comes_there(void **state)
{
	uint64_t *id = calloc(SEEKS, sizeof(*id));
	struct state s = { 0 };
	uint32_t *hash;

	(void)state;
	for (unsigned i = 0; i < SEEKS; i++)
		id[i] = 1 + random_next() % reader_count(reader);
	hash = hashes_forward(id, SEEKS);
	/* Jumps, from some state or from none. */
	for (unsigned i = 0; i < SEEKS / 10; i++) {
		assert_true(reader_state(reader, id[i], &s, NULL));
		assert_int_equal(state_hash(&s), hash[id[i]]);
		if (i % 3 == 0)
			state_free(&s);
	}
	/* Always back. */
	qsort(id, SEEKS, sizeof(*id), descending);
	for (unsigned i = 0; i < SEEKS; i++) {
		if (i && id[i] == id[i - 1])
			continue;
		assert_true(reader_state(reader, id[i], &s, NULL));
		assert_int_equal(s.event, id[i]);
		assert_int_equal(state_hash(&s), hash[id[i]]);
	}
	state_free(&s);
	free(hash);
	free(id);
}

static void events_come_in_both_directions(void **state)
{
	const uint64_t events = reader_count(reader);
	struct event e, before = { 0 };

	(void)state;
	assert_true(events > 2 * READER_CHUNK);
	for (uint64_t id = 1; id <= events; id++) {
		assert_true(reader_event(reader, id, &e, NULL));
		assert_int_equal(e.id, id);
		assert_true(e.time >= before.time);
		before = e;
	}
	for (uint64_t id = events; id > 0; id--) {
		assert_true(reader_event(reader, id, &e, NULL));
		assert_true(e.time <= before.time);
		before = e;
	}
	assert_false(reader_event(reader, 0, &e, NULL));
	assert_false(reader_event(reader, events + 1, &e, NULL));
	assert_int_equal(reader_seek(reader, 0), 1);
	for (unsigned i = 0; i < 1000; i++) {
		const uint64_t id = 1 + random_next() % (events ? events : 1);
		uint64_t found;

		assert_true(reader_event(reader, id, &e, NULL));
		found = reader_seek(reader, e.time);
		assert_true(found <= id);
		assert_true(reader_event(reader, found, &before, NULL));
		assert_int_equal(before.time, e.time);
	}
}

static void spans_join_their_ends(void **state)
{
	struct span a, b;
	struct event e;
	unsigned calls = 0;

	(void)state;
	for (uint64_t id = 1; id <= reader_count(reader); id += 7) {
		assert_true(reader_event(reader, id, &e, NULL));
		if (!reader_span(reader, id, &a) || !a.end)
			continue;
		assert_true(a.begin == id || a.end == id);
		assert_true(reader_span(reader, a.begin == id ? a.end : a.begin, &b));
		assert_int_equal(a.begin, b.begin);
		assert_int_equal(a.end, b.end);
		assert_int_equal(a.duration, b.duration);
		calls += e.kind == EV_syscall_enter;
	}
	assert_true(calls > 100);
}

/* Sums of what a level has of CPUs (first) and of threads. */
static void level_sum(unsigned level, uint64_t n[2], int64_t time[2], uint64_t *errors)
{
	sqlite3_stmt *s = sql_prepare(reader_database(reader),
				      "SELECT size, data FROM lod WHERE level = ?", NULL);
	struct blob bytes = { 0 };
	struct lod_entry e;
	uint64_t step, lanes;

	sqlite3_bind_int(s, 1, (int)level);
	n[0] = n[1] = *errors = 0;
	time[0] = time[1] = 0;
	while (sqlite3_step(s) == SQLITE_ROW) {
		size_t at = 0;

		assert_true(frame_unpack(&bytes, (size_t)sqlite3_column_int64(s, 0),
					 sqlite3_column_blob(s, 1),
					 (size_t)sqlite3_column_bytes(s, 1), NULL));
		while (at < bytes.size) {
			assert_true(blob_get(bytes.data, bytes.size, &at, &step));
			assert_true(blob_get(bytes.data, bytes.size, &at, &lanes));
			for (; lanes; lanes--) {
				unsigned thread;

				assert_true(lod_entry_get(&bytes, &at, &e));
				thread = e.sum.lane >= LANE_IDLE;
				n[thread] += e.sum.n;
				*errors += thread ? 0 : e.sum.errors;
				for (unsigned i = RUN_USER; i <= RUN_FAULT; i++)
					time[thread] += e.sum.time[i];
			}
		}
	}
	blob_free(&bytes);
	sqlite3_finalize(s);
}

static void sums_equal_rows_at_every_level(void **state)
{
	const unsigned finest = (unsigned)sql_integer(reader_database(reader),
						      "SELECT min(level) FROM lod", LOD_LEVELS);
	uint64_t n[2], errors;
	int64_t time[2];
	struct state s = { 0 };

	(void)state;
	assert_true(finest < 9);
	assert_true(reader_state(reader, reader_count(reader), &s, NULL));
	for (unsigned level = finest; level < LOD_LEVELS; level++) {
		level_sum(level, n, time, &errors);
		assert_int_equal(n[0], reader_count(reader));
		assert_int_equal(n[1], reader_count(reader));
		assert_int_equal(errors, s.errors);
	}
	state_free(&s);
}

static void picture_check(int64_t from, int64_t to, unsigned columns, uint64_t events)
{
	const struct lod_query q = { .from = from, .to = to, .columns = columns };
	const int64_t end = to < reader_duration(reader) ? to : reader_duration(reader);
	struct error why = { 0 };
	struct lod_picture p;
	uint64_t n[2] = { 0, 0 };

	assert_int_equal(reader_lod(reader, &q, &p, &why), 0);
	for (unsigned i = 0; i < p.lanes; i++) {
		int64_t time = 0;

		assert_true(i == 0 || p.lane[i] > p.lane[i - 1]);
		for (unsigned c = 0; c < columns; c++) {
			const struct lod_sum *s = &p.sum[i * columns + c];

			assert_int_equal(s->lane, p.lane[i]);
			n[p.lane[i] >= LANE_IDLE] += s->n;
			for (unsigned k = 0; k < RUN_COUNT; k++)
				time += s->time[k];
		}
		/* Shares of a bucket over an edge are rounded, by 1 ns a state. */
		assert_true(llabs(time - (end - from)) <= (columns + 2) * RUN_COUNT);
	}
	/* Sums of whole buckets are for the whole trace exact. */
	if (p.level == LOD_LEVELS || (from == 0 && to > reader_duration(reader))) {
		assert_int_equal(n[0], events);
		assert_int_equal(n[1], events);
	}
	lod_free(&p);
}

static void pictures_add_up(void **state)
{
	const int64_t end = reader_duration(reader);

	(void)state;
	picture_check(0, end + 1, 160, reader_count(reader));
	picture_check(0, end * 2, 80, reader_count(reader));
	for (unsigned columns = 1; columns < 20; columns++)
		picture_check(0, end + 1, columns, reader_count(reader));
	for (unsigned i = 0; i < 20; i++) {
		const int64_t from = (int64_t)(random_next() % (uint64_t)end);
		const int64_t to = from + 1 + (int64_t)(random_next() % (uint64_t)(end - from));

		picture_check(from, to, 1 + (unsigned)(random_next() % (i % 2 ? 5 : 200)),
			      reader_seek(reader, to) - reader_seek(reader, from));
	}
}

static bool is_exec(void *cookie, const struct event *e)
{
	(*(unsigned *)cookie)++;
	return e->kind == EV_exec;
}

static void search_finds_what_is_there(void **state)
{
	unsigned looked = 0;
	volatile bool cancel = false;
	struct search s = { .from = 1,
			    .kinds = EVENT_SET(exec),
			    .match = is_exec,
			    .cookie = &looked,
			    .cancel = &cancel };
	struct error why = { 0 };
	struct event e;
	uint64_t forward = 0, backward = 0, sum = 0;

	(void)state;
	for (; reader_search(reader, &s, &e, &why) == 1; s.from = e.id + 1, forward++)
		sum += e.id;
	s.backward = true;
	s.from = UINT64_MAX;
	for (; reader_search(reader, &s, &e, &why) == 1; s.from = e.id - 1, backward++)
		sum -= e.id;
	assert_true(forward > 10);
	assert_int_equal(forward, backward);
	assert_int_equal(sum, 0);
	cancel = true;
	s.from = 1;
	s.backward = false;
	assert_int_equal(reader_search(reader, &s, &e, &why), -1);
	assert_string_equal(why.text, "");
}

static bool may_be_exec(void *cookie, const struct event *e)
{
	(void)cookie;
	return e->kind == EV_exec;
}

/* What is looked at first changes nothing of what is found, and leaves little to look at. */
static void search_looks_at_records_first(void **state)
{
	unsigned plain = 0, first = 0;
	struct search s = { .from = 1, .match = is_exec, .cookie = &plain }, t = s;
	struct error why = { 0 };
	struct event a, b;
	uint64_t found = 0;

	(void)state;
	t.may = may_be_exec;
	t.cookie = &first;
	for (int way = 0; way < 2; way++) {
		s.backward = t.backward = way != 0;
		s.from = t.from = way ? UINT64_MAX : 1;
		for (;; found++) {
			const int status = reader_search(reader, &s, &a, &why);

			assert_int_equal(reader_search(reader, &t, &b, &why), status);
			if (status != 1)
				break;
			assert_int_equal(a.id, b.id);
			assert_int_equal(a.pid, b.pid);
			s.from = t.from = a.id + (way ? (uint64_t)-1 : 1);
		}
	}
	assert_true(found > 20);
	assert_int_equal(first, found);
	assert_int_equal(plain, 2 * reader_count(reader));
}

/* Another thread found one nearer: chunks beyond it are not looked at. */
static void search_keeps_its_bound(void **state)
{
	_Atomic uint64_t bound = 1;
	unsigned looked = 0;
	struct search s = { .from = READER_CHUNK + 1, .match = is_exec, .cookie = &looked };
	struct error why = { 0 };
	struct event e;

	(void)state;
	assert_true(reader_count(reader) > READER_CHUNK + 1);
	for (int way = 0; way < 2; way++) {
		s.bound = &bound;
		looked = 0;
		assert_int_equal(reader_search(reader, &s, &e, &why), 0);
		assert_int_equal(looked, 0);
		s.bound = NULL;
		reader_search(reader, &s, &e, &why);
		assert_true(looked > 0);
		s.backward = true;
		s.from = READER_CHUNK;
		bound = reader_count(reader);
	}
}

static void damaged_bytes_are_no_state(void **state)
{
	struct state s = { 0 }, made = { 0 };
	struct blob b = { 0 };

	(void)state;
	assert_true(reader_state(reader, reader_count(reader) / 2, &s, NULL));
	assert_true(state_save(&s, &b));
	assert_true(state_load(&made, b.data, b.size));
	assert_int_equal(state_hash(&made), state_hash(&s));
	state_free(&made);
	for (size_t cut = 0; cut < b.size; cut += 1 + cut / 16) {
		assert_false(state_load(&made, b.data, cut));
		state_free(&made);
	}
	for (unsigned i = 0; i < 3000; i++) {
		struct event e;
		const size_t at = random_next() % (b.size ? b.size : 1);
		const uint8_t was = b.data[at];

		b.data[at] = (uint8_t)random_next();
		/* Whatever it makes of it, it can go on from there. */
		if (state_load(&made, b.data, b.size))
			for (uint64_t id = 1; id < 200; id++) {
				assert_true(reader_event(reader, id, &e, NULL));
				assert_true(state_event(&made, &e));
			}
		state_free(&made);
		b.data[at] = was;
	}
	blob_free(&b);
	state_free(&s);
}

/* A file whose index knows of more events than its blocks have. */
static void blocks_may_be_missing(void **state)
{
	static const char damaged[] = "tracer_index_damaged.db";
	const uint64_t events = reader_count(reader);
	struct reader *whole = reader;
	struct state s = { 0 };
	struct error why = { 0 };
	char text[256];
	struct span span;
	struct event e;
	sqlite3 *db;

	(void)state;
	unlink(damaged);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sql_exec(db, "VACUUM INTO 'tracer_index_damaged.db'", &why), 0);
	sqlite3_close(db);
	assert_int_equal(sqlite3_open(damaged, &db), SQLITE_OK);
	assert_int_equal(sql_exec(db, "DELETE FROM block WHERE id % 5 = 4", &why), 0);
	sqlite3_close(db);
	assert_int_equal(reader_open(&reader, damaged, &why), 0);
	assert_int_equal(reader_count(reader), events);
	assert_false(reader_state(reader, events, &s, &why));
	assert_false(reader_event(reader, events, &e, &why));
	for (uint64_t id = 1; id <= events; id += 97) {
		reader_state(reader, id, &s, NULL);
		reader_span(reader, id, &span);
		if (reader_event(reader, id, &e, NULL))
			reader_describe(reader, &e, text, sizeof(text));
	}
	state_free(&s);
	reader_close(reader);
	reader = whole;
	unlink(damaged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_in_both_directions),
		cmocka_unit_test(spans_join_their_ends),
		cmocka_unit_test(state_is_the_same_however_one_comes_there),
		cmocka_unit_test(sums_equal_rows_at_every_level),
		cmocka_unit_test(pictures_add_up),
		cmocka_unit_test(search_finds_what_is_there),
		cmocka_unit_test(search_looks_at_records_first),
		cmocka_unit_test(search_keeps_its_bound),
		cmocka_unit_test(damaged_bytes_are_no_state),
		cmocka_unit_test(blocks_may_be_missing),
	};

	return cmocka_run_group_tests(tests, trace_make, trace_close);
}
