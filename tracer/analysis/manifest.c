#include "tracer/analysis/manifest.h"

#include <stdio.h>
#include <string.h>

#include "tracer/buffer.h"
#include "tracer/store/meta.h"
#include "tracer/store/sql.h"

#define MANIFEST_NAMES 100 /* characters, behind which no further name is begun */

static const char *const names[MANIFEST_FACTS] = {
	[MANIFEST_COMPILER] = "kernel_compiler",
	[MANIFEST_QEMU] = "qemu_version",
	[MANIFEST_CPUS] = "cpus",
	[MANIFEST_MEMORY] = "memory_mib",
	[MANIFEST_ICOUNT] = "icount",
	[MANIFEST_SETTINGS] = "settings",
	[MANIFEST_INPUTS] = "inputs",
	[MANIFEST_SEED] = "seed",
};

const char *manifest_name(enum manifest_fact fact)
{
	return names[fact];
}

int manifest_by_name(const char *name)
{
	for (int i = 0; i < MANIFEST_FACTS; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

void manifest_read(struct manifest *m, sqlite3 *db)
{
	for (unsigned i = 0; i < MANIFEST_FACTS; i++) {
		meta_text(db, names[i], m->fact[i], sizeof(m->fact[i]));
		m->fact[i][strcspn(m->fact[i], "\n")] = 0;
	}
}

enum manifest_fact manifest_differs(const struct manifest *a, const struct manifest *b,
				    bool any_seed, char *what, size_t size)
{
	for (unsigned i = 0; i < MANIFEST_FACTS; i++) {
		if ((any_seed && i == MANIFEST_SEED) || strcmp(a->fact[i], b->fact[i]) == 0)
			continue;
		snprintf(what, size, "%s: %s and %s", names[i],
			 a->fact[i][0] ? a->fact[i] : "unknown",
			 b->fact[i][0] ? b->fact[i] : "unknown");
		return (enum manifest_fact)i;
	}
	return MANIFEST_FACTS;
}

/* Go to the next row, by name; false: there is none. */
static bool given_next(sqlite3_stmt *s)
{
	return s && sqlite3_step(s) == SQLITE_ROW;
}

static const char *given_name(sqlite3_stmt *s, bool there)
{
	const char *name = there ? (const char *)sqlite3_column_text(s, 0) : NULL;

	return name ? name : "";
}

bool manifest_given(sqlite3 *a, sqlite3 *b, char *what, size_t size)
{
	static const char query[] = "SELECT name, hash FROM given ORDER BY name";
	sqlite3_stmt *of[2] = { sql_prepare(a, query, NULL), sql_prepare(b, query, NULL) };
	bool there[2] = { given_next(of[0]), given_next(of[1]) };
	struct buffer list = { 0 };
	uint64_t more = 0;
	const bool known = of[0] && of[1];

	while (known && (there[0] || there[1])) {
		const char *name[2] = { given_name(of[0], there[0]), given_name(of[1], there[1]) };
		const int order = !there[0] ? 1 : !there[1] ? -1 : strcmp(name[0], name[1]);

		if (order != 0 ||
		    sqlite3_column_int64(of[0], 1) != sqlite3_column_int64(of[1], 1)) {
			more += list.length >= MANIFEST_NAMES;
			if (list.length < MANIFEST_NAMES) {
				buffer_string(&list, list.length > 0 ? ", " : "");
				buffer_clean(&list, name[order > 0]);
			}
		}
		there[0] = order > 0 ? there[0] : given_next(of[0]);
		there[1] = order < 0 ? there[1] : given_next(of[1]);
	}
	if (known && list.length == 0)
		snprintf(what, size, "%s", "the same things in another order");
	else if (known && more == 0)
		snprintf(what, size, "%s", buffer_text(&list));
	else if (known)
		snprintf(what, size, "%.150s and %llu more", buffer_text(&list),
			 (unsigned long long)more);
	buffer_free(&list);
	sqlite3_finalize(of[0]);
	sqlite3_finalize(of[1]);
	return known;
}
