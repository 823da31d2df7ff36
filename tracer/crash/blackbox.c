#include "tracer/crash/blackbox.h"

#include <sqlite3.h>

#include "tracer/crash/story.h"
#include "tracer/store/meta.h"
#include "tracer/store/sql.h"
#include "tracer/symbols/symbol.h"

/* Ask all that the stories ask. */
static int stories_ask(const char *trace, const char *kernel, struct symbols *symbols,
		       unsigned *told, struct error *why)
{
	struct crashes all = { 0 };
	struct reader *r;
	int status = reader_open(&r, trace, why);

	if (status)
		return status;
	status = crashes_find(&all, r, why);
	for (unsigned i = 0; !status && i < all.count; i++) {
		struct story s;

		story_make(&s, r, &all, &all.crash[i], symbols, kernel);
		story_free(&s);
	}
	*told = all.count;
	crashes_free(&all);
	reader_close(r);
	return status;
}

static int answers_store(const char *trace, const char *kernel, const struct symbols *symbols,
			 struct error *why)
{
	sqlite3 *db = NULL;
	int status;

	if (sqlite3_open_v2(trace, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) {
		status = sql_error(why, db, "cannot keep symbols");
	} else {
		sqlite3_busy_timeout(db, 10000);
		status = sql_exec(db, "BEGIN", why);
		if (!status)
			status = symbols_store(symbols, db, why);
		if (!status && kernel && meta_set_text(db, "kernel_file", kernel))
			status = sql_error(why, db, "cannot keep symbols");
		if (!status)
			status = sql_exec(db, "COMMIT", why);
	}
	sqlite3_close(db);
	return status;
}

int blackbox_fill(const char *trace, const char *kernel, struct error *why)
{
	struct symbols *symbols = symbols_open();
	unsigned told = 0;
	int status;

	if (!symbols)
		return error_set(why, 2, "cannot keep symbols: out of memory");
	status = stories_ask(trace, kernel, symbols, &told, why);
	if (!status && told)
		status = answers_store(trace, kernel, symbols, why);
	symbols_close(symbols);
	return status;
}
