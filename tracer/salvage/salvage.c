#include "tracer/salvage/salvage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/store/meta.h"
#include "tracer/store/sql.h"

#define LOCKS_MAX 64u

static const char *const reason_names[] = {
	[STOP_PANIC] = "panic",     [STOP_TRIPLE_FAULT] = "triple fault", [STOP_HANG] = "hang",
	[STOP_TIMEOUT] = "timeout", [STOP_BROKEN] = "broken stream",      [STOP_QEMU] = "qemu",
	[STOP_ASKED] = "asked",
};

static const char *const kind_names[] = { [FRAME_AT] = "at",
					  [FRAME_RETURN] = "return",
					  [FRAME_STRUCK] = "struck",
					  [FRAME_USER] = "user" };

/* enum thread_state of the kernel. */
static const char *const state_names[] = { "new",     "ready",   "running", "sleeping",
					   "blocked", "stopped", "dead" };

const char *stop_reason_name(enum stop_reason why)
{
	return reason_names[why];
}

struct job {
	struct store *store;
	sqlite3 *db;
	sqlite3_stmt *have, *block, *cpu, *thread, *frame, *lock;
	struct error *why;
};

static bool have_block(void *cookie, unsigned cpu, uint64_t sequence)
{
	struct job *j = cookie;
	bool there;

	sqlite3_bind_int64(j->have, 1, cpu);
	sqlite3_bind_int64(j->have, 2, (int64_t)sequence);
	there = sqlite3_step(j->have) == SQLITE_ROW;
	sqlite3_reset(j->have);
	return there;
}

static int take_block(void *cookie, const struct recovery *r, const uint8_t *bytes)
{
	struct job *j = cookie;
	const int status = store_block(j->store, &r->head, bytes, j->why);

	if (!status)
		sql_row(j->block, "iii", (int64_t)r->head.cpu, (int64_t)r->head.sequence,
			(int64_t)r->unfinished);
	return status;
}

static void stack_store(struct job *j, const struct guest *g, int64_t cpu, uint32_t tid,
			const struct salvage_registers *registers,
			const struct guest_functions *functions)
{
	struct guest_frame frames[GUEST_FRAMES];
	const unsigned count = guest_stack(g, registers, functions, frames);

	for (unsigned i = 0; i < count; i++)
		sql_row(j->frame, "iiiit", cpu, (int64_t)tid, (int64_t)i,
			(int64_t)frames[i].address, kind_names[frames[i].kind]);
}

static void cpu_store(struct job *j, const struct guest *g, unsigned i, const char *registers)
{
	struct guest_cpu c;

	guest_cpu(g, i, &c);
	if (c.source == SOURCE_NONE && qemu_registers(registers, i, &c.state))
		c.source = SOURCE_QEMU;
	sql_row(j->cpu, "iitiib", (int64_t)i, (int64_t)c.tid,
		c.source == SOURCE_KERNEL ? "kernel"
		: c.source == SOURCE_QEMU ? "qemu"
					  : "none",
		(int64_t)c.state.cr2, (int64_t)c.state.cr3, &c.state.registers,
		sizeof(c.state.registers));
	if (c.source != SOURCE_NONE)
		stack_store(j, g, i, c.tid, &c.state.registers, &c.functions);
}

static void thread_store(struct job *j, const struct guest *g, const struct guest_thread *t)
{
	const unsigned states = sizeof(state_names) / sizeof(state_names[0]);
	const char *state = t->state < states ? state_names[t->state] : "?";

	sql_row(j->thread, "iittiib", (int64_t)t->tid, (int64_t)t->pid, t->name,
		t->running ? "running" : state, (int64_t)t->wait, (int64_t)t->cpu,
		t->running ? NULL : &t->registers, t->running ? 0 : sizeof(t->registers));
	if (!t->running)
		stack_store(j, g, -1, t->tid, &t->registers, &t->functions);
}

static void locks_store(struct job *j, const struct guest *g)
{
	struct guest_lock locks[LOCKS_MAX];
	const unsigned count = guest_locks(g, locks, LOCKS_MAX);

	for (unsigned i = 0; i < count; i++)
		sql_row(j->lock, "itii", (int64_t)locks[i].address, locks[i].name,
			(int64_t)locks[i].rank, (int64_t)locks[i].cpu);
}

/* Counts of CPUs that could not send them. */
static int stats_store(struct job *j, const struct guest *g)
{
	struct trace_stats *stats = calloc(1, sizeof(*stats));
	int status = stats ? 0 : error_set(j->why, 2, "cannot salvage the counts: out of memory");
	char sql[64];

	for (unsigned i = 0; i < g->cpus && !status; i++) {
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM cpu WHERE cpu = %u", i);
		if (sql_integer(j->db, sql, 0) == 0 && rings_stats(g, i, stats))
			status = store_stats(j->store, stats, j->why);
	}
	free(stats);
	return status;
}

static bool job_prepare(struct job *j)
{
	j->have = sql_prepare(j->db, "SELECT 1 FROM block WHERE cpu = ? AND sequence = ?", j->why);
	j->block = sql_prepare(j->db, "INSERT OR REPLACE INTO salvaged_block VALUES (?, ?, ?)",
			       j->why);
	j->cpu = sql_prepare(j->db, "INSERT OR REPLACE INTO stopped_cpu VALUES (?, ?, ?, ?, ?, ?)",
			     j->why);
	j->thread = sql_prepare(
		j->db, "INSERT OR REPLACE INTO stopped_thread VALUES (?, ?, ?, ?, ?, ?, ?)",
		j->why);
	j->frame = sql_prepare(j->db, "INSERT OR REPLACE INTO stopped_frame VALUES (?, ?, ?, ?, ?)",
			       j->why);
	j->lock =
		sql_prepare(j->db, "INSERT OR REPLACE INTO held_lock VALUES (?, ?, ?, ?)", j->why);
	return j->have && j->block && j->cpu && j->thread && j->frame && j->lock;
}

static void job_finish(struct job *j)
{
	sqlite3_finalize(j->have);
	sqlite3_finalize(j->block);
	sqlite3_finalize(j->cpu);
	sqlite3_finalize(j->thread);
	sqlite3_finalize(j->frame);
	sqlite3_finalize(j->lock);
}

static int guest_store(struct job *j, const struct guest *g, const struct salvage_request *r,
		       struct salvage_outcome *out)
{
	const struct rings_taker taker = { have_block, take_block, j };
	const struct trace_bye bye = { 1, 125 };
	struct guest_cursor cursor = { 0 };
	struct guest_thread t;
	int status = 0;

	if (meta_integer(j->db, "tsc_hz", 0) == 0)
		status = store_hello(j->store, &g->page.hello, j->why);
	meta_set_integer(j->db, "text_start", (int64_t)g->page.text_start);
	meta_set_integer(j->db, "text_end", (int64_t)g->page.text_end);
	if (!status)
		status = rings_salvage(g, &taker, &out->rings, j->why);
	if (!status)
		status = stats_store(j, g);
	if (!status && !r->live && meta_integer(j->db, "bye_reason", -1) < 0)
		status = store_bye(j->store, &bye, j->why);
	for (unsigned i = 0; i < g->cpus && !status; i++)
		cpu_store(j, g, i, r->registers);
	while (!status && guest_thread_next(g, &cursor, &t))
		thread_store(j, g, &t);
	if (!status)
		locks_store(j, g);
	return status;
}

static void outcome_write(sqlite3 *db, const struct salvage_request *r,
			  const struct salvage_outcome *out)
{
	meta_set_text(db, "stopped", stop_reason_name(r->reason));
	if (out->panic.text[0])
		meta_set_text(db, "panic", out->panic.text);
	if (out->panic.again[0])
		meta_set_text(db, "panic_again", out->panic.again);
	if (out->panic.owner)
		meta_set_integer(db, "panic_cpu", out->panic.owner - 1);
	meta_set_integer(db, "salvaged_blocks", out->rings.blocks);
	meta_set_integer(db, "salvaged_records", (int64_t)out->rings.records);
	meta_set_integer(db, "unfinished", out->rings.unfinished);
	meta_set_integer(db, "unfinished_unsure", out->rings.unsure);
	meta_set_integer(db, "overwritten_records", out->rings.missing);
	meta_set_integer(db, "broken_rings", out->rings.broken);
}

int salvage_store(struct store *store, const struct ram *m, const struct salvage_request *r,
		  struct salvage_outcome *out, struct error *why)
{
	struct job j = { .store = store, .db = store_database(store), .why = why };
	struct guest *g = malloc(sizeof(*g));
	int status;

	*out = (struct salvage_outcome){ 0 };
	if (!g)
		return error_set(why, 2, "cannot salvage: out of memory");
	status = guest_find(g, m, why);
	if (status) {
		meta_set_text(j.db, "stopped", stop_reason_name(r->reason));
		meta_set_text(j.db, "salvage_failed", why->text);
		free(g);
		return status;
	}
	guest_panic(g, &out->panic);
	status = store_begin(store, why);
	if (!status)
		status = job_prepare(&j) ? guest_store(&j, g, r, out) : 2;
	if (!status)
		outcome_write(j.db, r, out);
	job_finish(&j);
	if (!status && r->memory)
		status = ram_keep(m, j.db, &out->memory, why);
	if (!status)
		status = store_commit(store, why);
	free(g);
	return status;
}
