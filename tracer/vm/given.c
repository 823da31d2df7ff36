#include "tracer/vm/given.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/hash.h"
#include "tracer/array.h"
#include "tracer/store/sql.h"

/* Take over name, which is NULL without memory. */
static void item_add(struct given *g, char *name, uint64_t hash)
{
	if (name && array_grow(&g->item, &g->room, g->count, sizeof(*g->item))) {
		g->item[g->count++] = (struct given_item){ name, hash };
		return;
	}
	free(name);
	g->full = true;
}

void given_add(struct given *g, const char *name, uint64_t hash)
{
	item_add(g, strdup(name), hash);
}

void given_add_variable(struct given *g, const char *text)
{
	char *name = NULL;

	if (asprintf(&name, "environment %.*s", (int)strcspn(text, "="), text) < 0)
		name = NULL;
	item_add(g, name, hash_text(HASH_START, text));
}

uint64_t given_hash(const struct given *g)
{
	uint64_t hash = HASH_START;

	for (uint32_t i = 0; i < g->count; i++)
		hash = hash_number(hash_text(hash, g->item[i].name), g->item[i].hash);
	return hash;
}

/* Of two variables of one name the later one is kept: the hash of all has both. */
int given_write(const struct given *g, sqlite3 *db, struct error *why)
{
	sqlite3_stmt *row = sql_prepare(db, "INSERT OR REPLACE INTO given VALUES (?, ?)", why);
	int status = row ? sql_exec(db, "BEGIN", why) : 2;

	for (uint32_t i = 0; !status && i < g->count; i++)
		if (sql_row(row, "ti", g->item[i].name, (int64_t)g->item[i].hash))
			status = sql_error(why, db, "cannot keep what the guest was given");
	sqlite3_finalize(row);
	return status ? status : sql_exec(db, "COMMIT", why);
}

void given_free(struct given *g)
{
	for (uint32_t i = 0; i < g->count; i++)
		free(g->item[i].name);
	free(g->item);
	*g = (struct given){ 0 };
}
