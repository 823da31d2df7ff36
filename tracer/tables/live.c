#include "tracer/tables/live.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tracer/store/meta.h"
#include "tracer/store/sql.h"

/* A record is at the host at most this long after it was made (the kernel closes a block
 * that is open for 100 ms, and the wire has its own delay): older ones are all there. */
#define SETTLE_MS 200
/* A transaction lasts about so long.  The pause after it is three times what it took, at
 * least LOOK_MS: most of a core is left to the machine that is recorded, and if there is
 * more to do than that the end does it.  The thread has the priority of the others, for
 * they wait for it when it has the turn. */
#define SLICE_MS 5
#define LOOK_MS  20
/* Readers are shown more so often. */
#define SHOW_MS 60
/* Events between two looks at the clock and at who waits. */
#define STEP_EVENTS 256u

struct live {
	struct store *store;
	sqlite3 *db;
	bool large;
	bool alone; /* one CPU: what it sent last is its youngest */
	pthread_t thread;
	atomic_bool stop;
	struct builder *builder;
	uint64_t tsc_hz, youngest; /* guest time of the newest block ... */
	int64_t seen, shown;       /* ... and since when, host ms; when readers were shown more */
	bool unshown;
	struct error why; /* why it gave up; the end then begins anew */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The TSC before which nothing can come any more. */
static uint64_t settled(struct live *l)
{
	const uint64_t youngest = tables_youngest(l->builder),
		       settle = l->tsc_hz / 1000 * SETTLE_MS;
	const int64_t now = now_ms();

	if (l->alone)
		return UINT64_MAX;
	if (youngest != l->youngest) {
		l->youngest = youngest;
		l->seen = now;
	}
	/* All was quiet for long enough: every block is here. */
	if (now - l->seen > 2 * SETTLE_MS)
		return UINT64_MAX;
	return youngest > settle ? youngest - settle : 0;
}

/* Walk a slice in the transaction at hand. */
static int slice_walk(struct live *l)
{
	const int64_t begin = now_ms();
	uint64_t step = STEP_EVENTS;
	int status = tables_more(l->builder, &l->why);

	while (!status && step == STEP_EVENTS && now_ms() - begin < SLICE_MS) {
		status = tables_walk(l->builder, STEP_EVENTS, settled(l), &step, &l->why);
		l->unshown |= step > 0;
		if (store_turn_wanted(l->store))
			break;
	}
	if (!status && l->unshown && begin - l->shown > SHOW_MS) {
		status = tables_show(l->builder, &l->why);
		l->shown = begin;
		l->unshown = false;
	}
	return status;
}

/* Begin once the kernel told its clock. */
static int builder_begin(struct live *l)
{
	l->tsc_hz = (uint64_t)meta_integer(l->db, "tsc_hz", 0);
	if (!l->tsc_hz)
		return 0;
	l->alone = meta_integer(l->db, "cpus", 0) == 1;
	return meta_set_integer(l->db, "live", 1)
		       ? sql_error(&l->why, l->db, "cannot decode the trace")
		       : tables_begin(&l->builder, l->db, l->large, &l->why);
}

static int slice(struct live *l)
{
	int status;

	store_turn_take(l->store);
	status = sql_exec(l->db, "BEGIN IMMEDIATE", &l->why);
	if (!status)
		status = l->builder ? slice_walk(l) : builder_begin(l);
	if (!status)
		status = sql_exec(l->db, "COMMIT", &l->why);
	if (!sqlite3_get_autocommit(l->db))
		sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
	store_turn_give(l->store);
	return status;
}

static void *live_main(void *cookie)
{
	struct live *l = cookie;
	int64_t begin = now_ms(), pause;

	while (!atomic_load(&l->stop) && !slice(l)) {
		pause = 3 * (now_ms() - begin);
		usleep((useconds_t)(pause > LOOK_MS ? pause : LOOK_MS) * 1000);
		begin = now_ms();
	}
	return NULL;
}

static void live_free(struct live *l)
{
	tables_close(l->builder);
	sqlite3_close_v2(l->db);
	free(l);
}

int live_start(struct live **out, const char *path, struct store *s, bool large, struct error *why)
{
	struct live *l = calloc(1, sizeof(*l));

	*out = NULL;
	if (!l)
		return error_set(why, 2, "cannot decode the trace: out of memory");
	l->store = s;
	l->large = large;
	if (sqlite3_open_v2(path, &l->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)) {
		sql_error(why, l->db, "cannot decode the trace");
		live_free(l);
		return 2;
	}
	sqlite3_busy_timeout(l->db, 10000);
	sqlite3_exec(l->db,
		     "PRAGMA synchronous = OFF; PRAGMA cache_size = -8192;"
		     " PRAGMA wal_autocheckpoint = 4096",
		     NULL, NULL, NULL);
	if (pthread_create(&l->thread, NULL, live_main, l)) {
		live_free(l);
		return error_set(why, 2, "cannot decode the trace: no thread");
	}
	*out = l;
	return 0;
}

static void live_stop(struct live *l)
{
	atomic_store(&l->stop, true);
	pthread_join(l->thread, NULL);
}

void live_drop(struct live *l)
{
	if (!l)
		return;
	live_stop(l);
	live_free(l);
}

int live_end(struct live *l, tables_progress progress, struct error *why)
{
	sqlite3 *db = store_database(l->store);
	const bool large = l->large;
	struct error failed = { 0 };
	bool good = false;

	live_stop(l);
	if (l->builder && !l->why.status)
		good = tables_end(l->builder, progress, &failed) == 0 && !tables_late(l->builder);
	live_free(l);
	/* What came out of order, or could not go on, is made anew as a whole. */
	return good ? 0 : tables_build(db, large, progress, why);
}
