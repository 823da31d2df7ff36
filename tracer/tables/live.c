#include "tracer/tables/live.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tracer/block.h"
#include "tracer/store/meta.h"
#include "tracer/store/sql.h"

/* A record is at the host at most this long after it was made: the kernel closes a block
 * that is open for 50 ms at its next tick, and the wire has its own delay, which is measured.
 * Older ones are all there. */
#define OPEN_MS        60
#define SETTLE_MS      110 /* at least ... */
#define SETTLE_MOST_MS 400 /* ... and at most: what comes later is put in order at the end */
/* A transaction lasts about so long.  The pause after it is three times the CPU time that it
 * took, at least LOOK_MS: most of a core is left to the machine that is recorded, and if there is
 * more to do than that the end does it.  The thread has the priority of the others, for
 * they wait for it when it has the turn. */
#define SLICE_MS 5
#define LOOK_MS  15
/* Readers are shown more so often. */
#define SHOW_MS 20
/* Events between two looks at the clock and at who waits. */
#define STEP_EVENTS 256u

struct live {
	struct store *store;
	sqlite3 *db;
	bool large;
	unsigned cpus;
	pthread_t thread;
	atomic_bool stop;
	struct builder *builder;
	uint64_t tsc_hz;
	uint64_t reach[TRACE_CPUS_MAX]; /* TSC up to which each CPU has sent all */
	uint64_t youngest;              /* TSC of the newest block ... */
	int64_t seen;                   /* ... and since when, host ms */
	int64_t settle;                 /* ms; see above */
	int64_t shown;                  /* when readers were shown more */
	bool unshown;
	struct error why; /* why it gave up; the end then begins anew */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* CPU time of this thread. */
static int64_t work_ms(void)
{
	struct timespec spent;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
	return (int64_t)spent.tv_sec * 1000 + spent.tv_nsec / 1000000;
}

static uint64_t ticks(const struct live *l, int64_t ms)
{
	return l->tsc_hz / 1000 * (uint64_t)ms;
}

/* What the guest's clock is at least, if it goes as ours; 0: not known. */
static uint64_t guest_now(const struct live *l)
{
	return l->youngest ? l->youngest + ticks(l, now_ms() - l->seen) : 0;
}

/* What came since the last look, and how late: a CPU's block may be overtaken by others. */
static void arrivals_note(struct live *l)
{
	const uint64_t now = guest_now(l), youngest = tables_youngest(l->builder);
	int64_t late;

	for (unsigned cpu = 0; cpu < l->cpus; cpu++) {
		const uint64_t reach = tables_reach(l->builder, cpu);

		if (reach == l->reach[cpu])
			continue;
		l->reach[cpu] = reach;
		late = now > reach ? (int64_t)((now - reach) / (l->tsc_hz / 1000)) : 0;
		if (OPEN_MS + 2 * late > l->settle)
			l->settle = OPEN_MS + 2 * late;
	}
	if (l->settle > SETTLE_MOST_MS)
		l->settle = SETTLE_MOST_MS;
	if (youngest != l->youngest) {
		l->youngest = youngest;
		l->seen = now_ms();
	}
}

/* The TSC before which nothing can come any more: all CPUs have sent so much, or had time
 * to. */
static uint64_t settled(const struct live *l)
{
	const uint64_t now = guest_now(l), settle = ticks(l, l->settle);
	uint64_t reach = UINT64_MAX;

	if (l->cpus == 1) /* what it sent last is its youngest */
		return UINT64_MAX;
	for (unsigned cpu = 0; cpu < l->cpus; cpu++)
		reach = l->reach[cpu] < reach ? l->reach[cpu] : reach;
	return now > settle && now - settle > reach ? now - settle : reach;
}

/* Walk a slice in the transaction at hand. */
static int slice_walk(struct live *l)
{
	const int64_t begin = now_ms();
	uint64_t step = STEP_EVENTS;
	int status = tables_more(l->builder, &l->why);

	arrivals_note(l);
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
	l->cpus = (unsigned)meta_integer(l->db, "cpus", 1);
	if (l->cpus < 1 || l->cpus > TRACE_CPUS_MAX)
		l->cpus = TRACE_CPUS_MAX;
	l->settle = SETTLE_MS;
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
	int64_t begin = work_ms(), pause;

	while (!atomic_load(&l->stop) && !slice(l)) {
		pause = 3 * (work_ms() - begin);
		usleep((useconds_t)(pause > LOOK_MS ? pause : LOOK_MS) * 1000);
		begin = work_ms();
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
