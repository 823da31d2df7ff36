#include "tracer/symbols/kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/store/sql.h"

/* More is no story's need. */
#define ANSWERS_MAX 20000u

struct answer {
	char path[512];
	enum kept_question question;
	uint64_t address;
	bool found;
	struct symbol symbol;
};

struct kept {
	struct answer *list;
	unsigned count, room;
	unsigned carried; /* of count: came out of the recording */
};

static const struct answer *answer_find(const struct kept *k, const char *path,
					enum kept_question question, uint64_t address)
{
	for (unsigned i = 0; k && i < k->count; i++) {
		const struct answer *a = &k->list[i];

		if (a->address == address && a->question == question && strcmp(a->path, path) == 0)
			return a;
	}
	return NULL;
}

bool kept_find(const struct kept *k, const char *path, enum kept_question question,
	       uint64_t address, bool *found, struct symbol *out)
{
	const struct answer *a = answer_find(k, path, question, address);

	if (a) {
		*found = a->found;
		*out = a->symbol;
	}
	return a;
}

bool kept_file(const struct kept *k, const char *path)
{
	for (unsigned i = 0; k && i < k->carried; i++)
		if (strcmp(k->list[i].path, path) == 0)
			return true;
	return false;
}

void kept_add(struct kept *k, const char *path, enum kept_question question, uint64_t address,
	      bool found, const struct symbol *answer)
{
	struct answer *a;

	if (!k || strlen(path) >= sizeof(a->path) || k->count == ANSWERS_MAX ||
	    answer_find(k, path, question, address))
		return;
	if (k->count == k->room) {
		const unsigned room = k->room ? k->room * 2 : 64;
		struct answer *grown = realloc(k->list, room * sizeof(*grown));

		if (!grown)
			return;
		k->list = grown;
		k->room = room;
	}
	a = &k->list[k->count++];
	*a = (struct answer){ .question = question, .address = address, .found = found };
	snprintf(a->path, sizeof(a->path), "%s", path);
	if (answer)
		a->symbol = *answer;
}

static void text_take(char *to, size_t size, sqlite3_stmt *q, int column)
{
	const char *text = (const char *)sqlite3_column_text(q, column);

	snprintf(to, size, "%s", text ? text : "");
}

static void row_take(struct kept *k, sqlite3_stmt *q)
{
	struct symbol symbol = { .offset = (uint64_t)sqlite3_column_int64(q, 5),
				 .line = sqlite3_column_int(q, 7) };
	char path[512];

	text_take(path, sizeof(path), q, 0);
	text_take(symbol.name, sizeof(symbol.name), q, 4);
	text_take(symbol.file, sizeof(symbol.file), q, 6);
	kept_add(k, path, (enum kept_question)sqlite3_column_int(q, 1),
		 (uint64_t)sqlite3_column_int64(q, 2), sqlite3_column_int(q, 3), &symbol);
}

struct kept *kept_open(sqlite3 *db)
{
	struct kept *k = calloc(1, sizeof(*k));
	sqlite3_stmt *q = NULL;

	if (k && db)
		q = sql_prepare(db,
				"SELECT path, question, address, found, name, offset, file, line"
				" FROM symbol LIMIT 20000",
				NULL);
	while (q && sqlite3_step(q) == SQLITE_ROW)
		row_take(k, q);
	sqlite3_finalize(q);
	if (k)
		k->carried = k->count;
	return k;
}

void kept_close(struct kept *k)
{
	if (k)
		free(k->list);
	free(k);
}

int kept_store(const struct kept *k, sqlite3 *db, struct error *why)
{
	sqlite3_stmt *q = sql_prepare(
		db, "INSERT OR REPLACE INTO symbol VALUES (?, ?, ?, ?, ?, ?, ?, ?)", why);
	int status = q ? 0 : 2;

	for (unsigned i = 0; !status && i < k->count; i++) {
		const struct answer *a = &k->list[i];

		if (sql_row(q, "tiiititi", a->path, (int64_t)a->question, (int64_t)a->address,
			    (int64_t)a->found, a->symbol.name, (int64_t)a->symbol.offset,
			    a->symbol.file, (int64_t)a->symbol.line))
			status = sql_error(why, db, "cannot keep symbols");
	}
	sqlite3_finalize(q);
	return status;
}
