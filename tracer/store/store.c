#include "tracer/store/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schemas/events.h"
#include "tracer/block.h"
#include "tracer/schema.h"
#include "tracer/store/blocks.h"
#include "tracer/store/file.h"
#include "tracer/store/meta.h"
#include "tracer/store/sql.h"

struct store {
	sqlite3 *db;
	int lock; /* flock held while recording: others then do not write */
	bool open_transaction, failed;
	sqlite3_stmt *begin, *commit, *block, *clock, *cpu, *counter, *total, *core, *core_data,
		*core_end;
	int64_t core_id; /* of the core file under way */
	struct packer packer;
	pthread_mutex_t turn; /* held from the first row of a transaction to its end */
	bool turn_held;
	atomic_bool turn_wanted;
};

static int journal_begin(struct store *s, struct error *why)
{
	return sql_exec(s->db,
			"PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;"
			"PRAGMA wal_autocheckpoint = 4096;",
			why);
}

static int statements_prepare(struct store *s, struct error *why)
{
	s->begin = sql_prepare(s->db, "BEGIN", why);
	s->commit = sql_prepare(s->db, "COMMIT", why);
	s->block =
		sql_prepare(s->db, "INSERT INTO block VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", why);
	s->clock = sql_prepare(s->db, "INSERT INTO clock VALUES (NULL, ?, ?, ?)", why);
	s->cpu = sql_prepare(
		s->db, "INSERT OR REPLACE INTO cpu VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)", why);
	s->counter = sql_prepare(
		s->db, "INSERT OR REPLACE INTO counter VALUES (?, ?, ?, ?, 0, ?, ?, NULL)", why);
	s->total = sql_prepare(s->db, "INSERT OR REPLACE INTO loss_total VALUES (?, ?, ?, ?)", why);
	s->core = sql_prepare(s->db, "INSERT INTO core VALUES (NULL, ?, ?, NULL, NULL)", why);
	s->core_data = sql_prepare(s->db, "INSERT INTO core_data VALUES (NULL, ?, ?, ?, ?)", why);
	s->core_end =
		sql_prepare(s->db, "UPDATE core SET bytes = ?, omitted = ? WHERE id = ?", why);
	return s->begin && s->commit && s->block && s->clock && s->cpu && s->counter && s->total &&
			       s->core && s->core_data && s->core_end
		       ? 0
		       : 2;
}

/* Open path, which exists, and lock it; NULL with status 2 in why. */
static struct store *store_open(const char *path, struct error *why)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s) {
		error_set(why, 2, "%s: out of memory", path);
		return NULL;
	}
	if (file_lock(&s->db, &s->lock, path, 0, why)) {
		free(s);
		return NULL;
	}
	pthread_mutex_init(&s->turn, NULL);
	return s;
}

/* Nothing is finished; what is in the file stays. */
static int store_give_up(struct store **out, int status)
{
	sqlite3_close_v2((*out)->db);
	close((*out)->lock);
	pthread_mutex_destroy(&(*out)->turn);
	free(*out);
	*out = NULL;
	return status;
}

int store_create(struct store **out, const char *path, bool force, struct error *why)
{
	int status = file_make(path, force, why);

	*out = NULL;
	if (status)
		return status;
	*out = store_open(path, why);
	if (!*out)
		return 2;
	status = journal_begin(*out, why);
	if (!status)
		status = statements_prepare(*out, why);
	return status ? store_give_up(out, status) : 0;
}

int store_continue(struct store **out, const char *path, struct error *why)
{
	int status = 0;

	*out = NULL;
	if (store_is_trace(path) != 1)
		return error_set(why, 2,
				 "%s: is not the trace that was begun; begin another with"
				 " -o",
				 path);
	*out = store_open(path, why);
	if (!*out)
		return 2;
	sql_harden((*out)->db);
	if (sql_integer((*out)->db, "PRAGMA user_version", -1) != STORE_FORMAT)
		status = error_set(why, 2, "%s: is of another format", path);
	if (!status)
		status = journal_begin(*out, why);
	if (!status)
		status = sql_exec(
			(*out)->db,
			"DELETE FROM meta WHERE name IN ('events', 'duration', 'decoded', 'cr3_loads',"
			" 'identity', 'live', 'status')",
			why);
	if (!status)
		status = statements_prepare(*out, why);
	return status ? store_give_up(out, status) : 0;
}

/* Each row of from as one of meta. */
static int facts_copy(sqlite3_stmt *from, sqlite3_stmt *to)
{
	int code = 0;

	while (!code && sqlite3_step(from) == SQLITE_ROW) {
		sqlite3_bind_value(to, 1, sqlite3_column_value(from, 0));
		sqlite3_bind_value(to, 2, sqlite3_column_value(from, 1));
		code = sqlite3_step(to) != SQLITE_DONE;
		sqlite3_reset(to);
	}
	return code;
}

int store_copy_facts(struct store *s, const char *from, struct error *why)
{
	sqlite3 *first = NULL;
	sqlite3_stmt *facts = NULL, *insert;
	int failed = 0;

	insert = sql_prepare(s->db, "INSERT OR REPLACE INTO meta VALUES (?, ?)", why);
	if (!insert)
		return 2;
	if (store_is_trace(from) == 1 &&
	    sqlite3_open_v2(from, &first, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
		sql_harden(first);
		facts = sql_prepare(
			first,
			"SELECT name, value FROM meta WHERE name IN ('version', 'command',"
			" 'qemu', 'filter', 'trigger', 'icount', 'exact', 'memory_mib',"
			" 'started', 'kernel_command_line', 'attached', 'settings',"
			" 'inputs', 'kernel_compiler', 'qemu_arguments')",
			NULL);
		failed = facts && facts_copy(facts, insert);
		sqlite3_finalize(facts);
	}
	sqlite3_close(first);
	sqlite3_finalize(insert);
	return failed ? sql_error(why, s->db, "cannot store the trace") : 0;
}

sqlite3 *store_database(struct store *s)
{
	return s ? s->db : NULL;
}

void store_turn_take(struct store *s)
{
	pthread_mutex_lock(&s->turn);
}

void store_turn_give(struct store *s)
{
	pthread_mutex_unlock(&s->turn);
}

bool store_turn_wanted(const struct store *s)
{
	return atomic_load_explicit(&s->turn_wanted, memory_order_relaxed);
}

static void turn_end(struct store *s)
{
	if (s->turn_held)
		store_turn_give(s);
	s->turn_held = false;
}

static int store_failed(struct store *s, struct error *why)
{
	const int status = sql_error(why, s->db, "cannot store the trace");

	s->failed = true;
	turn_end(s);
	return status;
}

int store_begin(struct store *s, struct error *why)
{
	if (s->failed)
		return error_set(why, 2, "cannot store the trace after an error");
	if (s->open_transaction)
		return 0;
	atomic_store_explicit(&s->turn_wanted, true, memory_order_relaxed);
	store_turn_take(s);
	s->turn_held = true;
	atomic_store_explicit(&s->turn_wanted, false, memory_order_relaxed);
	if (sql_row(s->begin, ""))
		return store_failed(s, why);
	s->open_transaction = true;
	return 0;
}

int store_commit(struct store *s, struct error *why)
{
	if (!s->open_transaction || s->failed)
		return 0;
	s->open_transaction = false;
	if (sql_row(s->commit, ""))
		return store_failed(s, why);
	turn_end(s);
	return 0;
}

int store_hello(struct store *s, const struct trace_hello *hello, struct error *why)
{
	const int64_t boot = meta_integer(s->db, "boot_tsc", (int64_t)hello->boot_tsc);
	char id[41];
	int failed;

	if (boot != (int64_t)hello->boot_tsc)
		return error_set(why, 2, "cannot store the trace: the file is of another guest");
	failed = store_begin(s, why);
	if (failed)
		return failed;
	for (unsigned i = 0; i < 20; i++)
		snprintf(id + 2 * i, 3, "%02x", hello->build_id[i]);
	failed |= meta_set_integer(s->db, "tsc_hz", (int64_t)hello->tsc_hz);
	failed |= meta_set_integer(s->db, "boot_tsc", (int64_t)hello->boot_tsc);
	failed |= meta_set_integer(s->db, "realtime_ns", (int64_t)hello->realtime_ns);
	failed |= meta_set_integer(s->db, "cpus", hello->cpus);
	failed |= meta_set_integer(s->db, "block_bytes", hello->block_bytes);
	failed |= meta_set_integer(s->db, "blocks_per_cpu", hello->blocks_per_cpu);
	failed |= meta_set_text(s->db, "mode", enum_label(KIND_MODE, hello->mode));
	failed |= meta_set_text(s->db, "kernel_build_id", id);
	failed |= meta_set_integer(s->db, "tsc_error_ppm", hello->tsc_error_ppm);
	failed |= meta_set_integer(s->db, "vdso", !!(hello->flags & HELLO_VDSO));
	failed |= meta_set_text(s->db, "never_cross",
				hello->flags & HELLO_VDSO
					? "clock_gettime clock_getres gettimeofday time getcpu"
					: "");
	return failed ? store_failed(s, why) : 0;
}

int store_block(struct store *s, const struct trace_block *header, const void *bytes,
		struct error *why)
{
	int status = store_begin(s, why);
	const void *packed;
	uint64_t kinds;
	size_t size;

	if (status)
		return status;
	packed = block_pack(&s->packer, bytes, header->bytes, &size, &kinds);
	if (sql_row(s->block, "iiiiiiib", (int64_t)header->cpu, (int64_t)header->sequence,
		    (int64_t)header->first_time, (int64_t)header->last_time, (int64_t)header->bytes,
		    (int64_t)header->records, (int64_t)kinds, packed, size))
		return store_failed(s, why);
	return 0;
}

int store_clock(struct store *s, const struct trace_clock *pair, uint64_t received_ns,
		struct error *why)
{
	int status = store_begin(s, why);

	if (status)
		return status;
	if (sql_row(s->clock, "iii", (int64_t)pair->host_ns, (int64_t)received_ns,
		    (int64_t)pair->tsc))
		return store_failed(s, why);
	return 0;
}

int store_stats(struct store *s, const struct trace_stats *stats, struct error *why)
{
	int status = store_begin(s, why);
	int failed;

	if (status)
		return status;
	failed = sql_row(s->cpu, "iiiiii", (int64_t)stats->cpu, (int64_t)stats->user_ticks,
			 (int64_t)stats->kernel_ticks, (int64_t)stats->idle_ticks,
			 (int64_t)stats->wait_ticks, (int64_t)stats->blocks);
	for (unsigned id = 0; id < EV_LIMIT; id++) {
		const struct event_info *info = event_info(id);
		uint64_t lost = 0;

		for (unsigned cause = 0; cause < TRACE_LOSS_CAUSES; cause++) {
			lost += stats->lost[cause][id];
			if (stats->lost[cause][id])
				failed |= sql_row(s->total, "iiii", (int64_t)stats->cpu,
						  (int64_t)cause, (int64_t)id,
						  (int64_t)stats->lost[cause][id]);
		}
		if (stats->emitted[id] || lost || stats->filtered[id])
			failed |= sql_row(s->counter, "iitiii", (int64_t)stats->cpu, (int64_t)id,
					  info ? info->name : NULL, (int64_t)stats->emitted[id],
					  (int64_t)lost, (int64_t)stats->filtered[id]);
	}
	return failed ? store_failed(s, why) : 0;
}

int store_core_begin(struct store *s, uint32_t pid, uint32_t sig, struct error *why)
{
	int status = store_begin(s, why);

	if (status)
		return status;
	if (sql_row(s->core, "ii", (int64_t)pid, (int64_t)sig))
		return store_failed(s, why);
	s->core_id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

int store_core_data(struct store *s, uint64_t offset, uint64_t bytes, const void *packed,
		    size_t size, struct error *why)
{
	int status = store_begin(s, why);

	if (status)
		return status;
	if (sql_row(s->core_data, "iiib", s->core_id, (int64_t)offset, (int64_t)bytes, packed,
		    size))
		return store_failed(s, why);
	return 0;
}

int store_core_end(struct store *s, uint64_t bytes, uint64_t omitted, struct error *why)
{
	int status = store_begin(s, why);

	if (status)
		return status;
	if (sql_row(s->core_end, "iii", (int64_t)bytes, (int64_t)omitted, s->core_id))
		return store_failed(s, why);
	return 0;
}

int store_bye(struct store *s, const struct trace_bye *bye, struct error *why)
{
	int failed = store_begin(s, why);

	if (failed)
		return failed;
	failed |= meta_set_integer(s->db, "bye_reason", bye->reason);
	failed |= meta_set_integer(s->db, "exit_status", bye->status);
	return failed ? store_failed(s, why) : 0;
}

int store_close(struct store *s, struct error *why)
{
	int status, code;

	if (!s)
		return 0;
	status = store_commit(s, why);
	sqlite3_finalize(s->begin);
	sqlite3_finalize(s->commit);
	sqlite3_finalize(s->block);
	sqlite3_finalize(s->clock);
	sqlite3_finalize(s->cpu);
	sqlite3_finalize(s->counter);
	sqlite3_finalize(s->total);
	sqlite3_finalize(s->core);
	sqlite3_finalize(s->core_data);
	sqlite3_finalize(s->core_end);
	/* Somebody who reads it keeps the write-ahead log; the last one to leave folds it in. */
	sqlite3_busy_timeout(s->db, 200);
	code = sqlite3_exec(s->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	if (code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED && !status &&
	    !s->failed)
		status = sql_error(why, s->db, "cannot finish the trace file");
	sqlite3_close_v2(s->db);
	close(s->lock);
	packer_free(&s->packer);
	turn_end(s);
	pthread_mutex_destroy(&s->turn);
	free(s);
	return status;
}
