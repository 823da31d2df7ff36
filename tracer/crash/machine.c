/* What memory told of a machine that stopped: its CPUs and threads with their stacks, the
 * locks that were held.  From the tables stopped_..., held_lock (tracer/salvage/). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/salvage.h"
#include "tracer/crash/teller.h"
#include "tracer/schema.h"
#include "tracer/store/meta.h"
#include "tracer/store/sql.h"

#define THREADS_TOLD 64
#define FRAMES_TOLD  64u

static const char *column(sqlite3_stmt *s, int n)
{
	const char *text = (const char *)sqlite3_column_text(s, n);

	return text ? text : "?";
}

/* One place on a stack, as a line that is part of `who`. */
static void frame_tell(struct teller *t, enum story_section section, const char *who,
		       uint64_t address, const char *kind)
{
	const bool behind = strcmp(kind, "return") == 0;
	struct symbol symbol = { 0 };
	char words[448];

	if (strcmp(kind, "user") == 0) {
		story_tell(t->s, section, 0, "%s: from the program, at 0x%llx", who,
			   (unsigned long long)address);
		return;
	}
	if (t->kernel)
		symbol_at_address(t->symbols, t->kernel, address - behind, &symbol);
	symbol.offset += behind && symbol.name[0];
	symbol_words(words, sizeof(words), &symbol);
	story_tell(t->s, section, 0, "%s: %s0x%llx%s%s", who,
		   strcmp(kind, "struck") == 0 ? "which struck " : "", (unsigned long long)address,
		   words[0] ? " " : "", words);
}

static void stack_rows(struct teller *t, enum story_section section, int64_t cpu, int64_t tid,
		       const char *who)
{
	sqlite3_stmt *s =
		sql_prepare(reader_database(t->r),
			    "SELECT address, kind FROM stopped_frame WHERE cpu = ? AND tid = ?"
			    " ORDER BY depth LIMIT ?",
			    NULL);
	unsigned told = 0;

	if (!s)
		return;
	sqlite3_bind_int64(s, 1, cpu);
	sqlite3_bind_int64(s, 2, tid);
	sqlite3_bind_int64(s, 3, FRAMES_TOLD);
	for (; sqlite3_step(s) == SQLITE_ROW; told++)
		frame_tell(t, section, who, (uint64_t)sqlite3_column_int64(s, 0), column(s, 1));
	sqlite3_finalize(s);
	if (told == FRAMES_TOLD)
		story_tell(t->s, section, 0, "%s: and more callers, if it had any: %u are kept",
			   who, told);
}

static void cpus_tell(struct teller *t)
{
	sqlite3_stmt *s = sql_prepare(
		reader_database(t->r),
		"SELECT cpu, tid, source, registers FROM stopped_cpu ORDER BY cpu", NULL);

	while (s && sqlite3_step(s) == SQLITE_ROW) {
		const int64_t cpu = sqlite3_column_int64(s, 0), tid = sqlite3_column_int64(s, 1);
		const char *source = column(s, 2);
		char who[32];

		snprintf(who, sizeof(who), "CPU %lld", (long long)cpu);
		if (strcmp(source, "none") == 0)
			story_tell(t->s, STORY_CPUS, 0,
				   "%s: nobody saved its registers, and QEMU was not there to tell",
				   who);
		else if (strcmp(source, "qemu") == 0)
			story_tell(t->s, STORY_CPUS, 0,
				   "%s: registers as QEMU has them; it could not save its own",
				   who);
		stack_rows(t, STORY_CPUS, cpu, tid, who);
	}
	sqlite3_finalize(s);
}

static void locks_tell(struct teller *t)
{
	sqlite3_stmt *s = sql_prepare(
		reader_database(t->r),
		"SELECT name, cpu, rank, address FROM held_lock ORDER BY cpu, rank", NULL);

	while (s && sqlite3_step(s) == SQLITE_ROW)
		story_tell(t->s, STORY_LOCKS, 0, "\"%s\" (rank %lld, at 0x%llx) by CPU %lld",
			   column(s, 0), (long long)sqlite3_column_int64(s, 2),
			   (unsigned long long)sqlite3_column_int64(s, 3),
			   (long long)sqlite3_column_int64(s, 1));
	sqlite3_finalize(s);
}

static void threads_tell(struct teller *t)
{
	sqlite3_stmt *s =
		sql_prepare(reader_database(t->r),
			    "SELECT tid, name, state, wait FROM stopped_thread ORDER BY tid", NULL);
	unsigned told = 0, all = 0;

	while (s && sqlite3_step(s) == SQLITE_ROW) {
		const int64_t tid = sqlite3_column_int64(s, 0);
		const char *state = column(s, 2);
		const char *wait = enum_label(KIND_WAIT, (uint64_t)sqlite3_column_int64(s, 3));
		const bool sleeps = strcmp(state, "sleeping") == 0 || strcmp(state, "blocked") == 0;
		char who[64];

		if (all++ >= THREADS_TOLD)
			continue;
		snprintf(who, sizeof(who), "%.20s %lld", column(s, 1), (long long)tid);
		story_tell(t->s, STORY_THREADS, 0, "%s: %s%s%s", who, state,
			   sleeps && wait ? ", waits for " : "", sleeps && wait ? wait : "");
		if (strcmp(state, "running") != 0)
			stack_rows(t, STORY_THREADS, -1, tid, who);
		told++;
	}
	sqlite3_finalize(s);
	if (all > told)
		story_tell(t->s, STORY_THREADS, 0, "and %u more threads", all - told);
}

/* What of the trace came from memory, and what is not there. */
static void salvage_tell(struct teller *t)
{
	sqlite3 *db = reader_database(t->r);
	char text[256];
	int64_t n = meta_integer(db, "salvaged_records", 0);

	meta_text(db, "salvage_failed", text, sizeof(text));
	if (text[0])
		story_tell(t->s, STORY_SALVAGE, 0,
			   "%s: no stacks, no locks, and what was not sent is lost", text);
	if (n > 0)
		story_tell(
			t->s, STORY_SALVAGE, 0,
			"%lld records in %lld blocks were taken from memory: the kernel could not"
			" send them",
			(long long)n, (long long)meta_integer(db, "salvaged_blocks", 0));
	n = meta_integer(db, "unfinished", 0);
	if (n > 0)
		story_tell(t->s, STORY_SALVAGE, 0, "%lld records were being written%s",
			   (long long)n,
			   meta_integer(db, "unfinished_unsure", 0)
				   ? "; which of the last ones is a guess"
				   : "");
	n = meta_integer(db, "overwritten_records", 0);
	if (n > 0)
		story_tell(t->s, STORY_SALVAGE, 0, "%lld records are overwritten", (long long)n);
	n = meta_integer(db, "broken_rings", 0);
	if (n > 0)
		story_tell(
			t->s, STORY_SALVAGE, 0,
			"%lld rings do not add up: all memory was looked through for their blocks,"
			" and nobody knows how many records they had",
			(long long)n);
	if (meta_integer(db, "identity", -1) == 1)
		story_tell(t->s, STORY_SALVAGE, 0,
			   "emitted = stored + lost + filtered holds for every CPU and event");
}

void machine_tell(struct teller *t)
{
	cpus_tell(t);
	locks_tell(t);
	threads_tell(t);
	salvage_tell(t);
}

bool machine_registers(struct teller *t, unsigned cpu, struct salvage_registers *out, bool *asked)
{
	sqlite3_stmt *s =
		sql_prepare(reader_database(t->r),
			    "SELECT registers, source = 'qemu' FROM stopped_cpu WHERE cpu = ?"
			    " AND source <> 'none'",
			    NULL);
	bool found = false;

	if (!s)
		return false;
	sqlite3_bind_int64(s, 1, cpu);
	if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_bytes(s, 0) == sizeof(*out)) {
		memcpy(out, sqlite3_column_blob(s, 0), sizeof(*out));
		*asked = sqlite3_column_int(s, 1);
		found = true;
	}
	sqlite3_finalize(s);
	return found;
}

static bool is_messenger(const char *function)
{
	static const char *const names[] = {
#define KERNEL_MESSENGER(prefix) prefix,
#include "tracer/crash/messengers.def"
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(function, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

uint64_t machine_culprit(struct teller *t, unsigned cpu, bool struck, bool *behind)
{
	/* A jump to nowhere leads out of the kernel's code: its caller is next. */
	sqlite3_stmt *s = sql_prepare(
		reader_database(t->r),
		"SELECT address, kind FROM stopped_frame WHERE cpu = ?1 AND kind <> 'user'"
		" AND address >= (SELECT value FROM meta WHERE name = 'text_start')"
		" AND address < (SELECT value FROM meta WHERE name = 'text_end')"
		" AND (NOT ?2 OR depth >= (SELECT min(depth) FROM stopped_frame"
		" WHERE cpu = ?1 AND kind = 'struck')) ORDER BY depth",
		NULL);
	uint64_t address = 0;

	if (!s)
		return 0;
	sqlite3_bind_int64(s, 1, cpu);
	sqlite3_bind_int64(s, 2, struck);
	while (sqlite3_step(s) == SQLITE_ROW) {
		const uint64_t at = (uint64_t)sqlite3_column_int64(s, 0);
		const bool back = strcmp(column(s, 1), "return") == 0;
		struct symbol symbol = { 0 };

		if (t->kernel)
			symbol_at_address(t->symbols, t->kernel, at - back, &symbol);
		if (address && is_messenger(symbol.name))
			continue;
		address = at;
		*behind = back;
		if (!is_messenger(symbol.name))
			break;
	}
	sqlite3_finalize(s);
	return address;
}

int machine_busy(struct teller *t)
{
	return (int)sql_integer(reader_database(t->r),
				"SELECT cpu FROM stopped_cpu WHERE tid <> 0 ORDER BY cpu LIMIT 1",
				0);
}
