/* Writing a trace file: the raw blocks and what came with them.
 *
 * store_create, then any of store_hello .. store_bye as they arrive, store_commit
 * whenever what was given shall survive the death of this process, store_close.
 * One thread at a time.  After an error the store takes nothing more; what was
 * committed stays. */
#ifndef TRACER_STORE_STORE_H
#define TRACER_STORE_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/trace.h"
#include "tracer/error.h"

/* "RSCP" in the SQLite header marks our files. */
#define STORE_APPLICATION_ID 0x52534350
#define STORE_FORMAT         6 /* of the tables; a reader refuses others */

struct store;

/* Make path anew.  A trace file or an empty file there is replaced, with force any
 * file; anything else is refused.  0, or status 2. */
int store_create(struct store **out, const char *path, bool force, struct error *why);
/* Go on with a trace file whose recorder is gone; what was decoded of it is made anew.
 * 0, or status 2. */
int store_continue(struct store **out, const char *path, struct error *why);
/* Copy the facts about the run from the file that was begun with, as far as it has them. */
int store_copy_facts(struct store *s, const char *from, struct error *why);
/* For sqlite and for meta_set_...; NULL store: NULL. */
sqlite3 *store_database(struct store *s);

/* 0 or status 2.  store_begin: what the caller writes himself is part of it, too, until
 * store_commit. */
int store_begin(struct store *s, struct error *why);
int store_hello(struct store *s, const struct trace_hello *hello, struct error *why);
int store_block(struct store *s, const struct trace_block *header, const void *bytes,
		struct error *why);
int store_clock(struct store *s, const struct trace_clock *pair, uint64_t received_ns,
		struct error *why);
int store_stats(struct store *s, const struct trace_stats *stats, struct error *why);
/* A core file: its beginning, bytes of it (packed by zstd), its end. */
int store_core_begin(struct store *s, uint32_t pid, uint32_t sig, struct error *why);
int store_core_data(struct store *s, uint64_t offset, uint64_t bytes, const void *packed,
		    size_t size, struct error *why);
int store_core_end(struct store *s, uint64_t bytes, uint64_t omitted, struct error *why);
int store_bye(struct store *s, const struct trace_bye *bye, struct error *why);
int store_commit(struct store *s, struct error *why);

/* SQLite has one writer at a time.  Another thread that writes to the same file takes the
 * turn around each of its transactions, and ends them soon when it is wanted: so storing
 * waits for a few milliseconds at most, and never for a busy handler's sleep. */
void store_turn_take(struct store *s);
void store_turn_give(struct store *s);
bool store_turn_wanted(const struct store *s);

/* Commit, fold the write-ahead log into the file, close.  Frees s in any case. */
int store_close(struct store *s, struct error *why);

/* Does a process record into this file now? */
bool store_path_busy(const char *path);
/* Is path one of our files?  1 yes, 0 no, -1 it cannot be read (errno). */
int store_is_trace(const char *path);

#endif
