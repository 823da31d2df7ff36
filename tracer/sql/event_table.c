/* The virtual tables event and ev_NAME: SQLite's interface on one side, a scan on the
 * other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/buffer.h"
#include "tracer/decode/call.h"
#include "tracer/schema.h"
#include "tracer/sql/modules.h"
#include "tracer/sql/scan.h"

/* Columns that every table has, in this order; then come the fields. */
enum column {
	COLUMN_ID,
	COLUMN_TIME,
	COLUMN_CPU,
	COLUMN_TID,
	COLUMN_PID,
	COLUMN_BEGIN,
	COLUMN_KIND,
	COLUMN_NAME,
	COLUMN_WORDS,
	COLUMN_FIELDS
};

#define COLUMNS                                                                                    \
	"CREATE TABLE x(id INTEGER, time INTEGER, cpu INTEGER, tid INTEGER, pid INTEGER,"          \
	" begin INTEGER, kind INTEGER, name TEXT, words INTEGER"

struct table {
	sqlite3_vtab base;
	sqlite3 *db;
	unsigned kind; /* 0: all */
};

struct cursor {
	sqlite3_vtab_cursor base;
	struct scan scan;
	bool open;
};

/* What idxNum says of the columns that are looked at. */
enum { USES_IDS = 1, USES_PEOPLE = 2 };

static int table_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
			 sqlite3_vtab **out, char **message)
{
	const unsigned kind = (unsigned)(uintptr_t)aux;
	const struct event_info *info = kind ? event_info(kind) : NULL;
	struct buffer ddl = { 0 };
	struct table *t;
	int code;

	(void)argc;
	(void)argv;
	(void)message;
	buffer_string(&ddl, COLUMNS);
	for (unsigned i = 0; info && i < info->fields; i++)
		if (info->field[i].kind != KIND_pad)
			buffer_printf(&ddl, ", f_%s", info->field[i].name);
		else
			buffer_printf(&ddl, ", pad%u HIDDEN", i);
	if (info && info->tail)
		buffer_printf(&ddl, ", t_%s", info->tail);
	buffer_string(&ddl, ")");
	code = sqlite3_declare_vtab(db, buffer_text(&ddl));
	buffer_free(&ddl);
	if (code != SQLITE_OK)
		return code;
	t = sqlite3_malloc(sizeof(*t));
	if (!t)
		return SQLITE_NOMEM;
	*t = (struct table){ .db = db, .kind = kind };
	*out = &t->base;
	return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *base)
{
	sqlite3_free(base);
	return SQLITE_OK;
}

/* The letter of a condition in idxStr; 0: of no use to us. */
static char condition_letter(const struct sqlite3_index_constraint *c)
{
	static const char operators[] = { [SQLITE_INDEX_CONSTRAINT_EQ] = 'e',
					  [SQLITE_INDEX_CONSTRAINT_GT] = 'g',
					  [SQLITE_INDEX_CONSTRAINT_GE] = 'g',
					  [SQLITE_INDEX_CONSTRAINT_LT] = 'l',
					  [SQLITE_INDEX_CONSTRAINT_LE] = 'l' };

	if (!c->usable || c->op >= sizeof(operators) || !operators[c->op])
		return 0;
	if (c->iColumn == COLUMN_KIND && c->op != SQLITE_INDEX_CONSTRAINT_EQ)
		return 0;
	return c->iColumn == COLUMN_ID || c->iColumn == COLUMN_TIME || c->iColumn == COLUMN_KIND
		       ? operators[c->op]
		       : 0;
}

/* idxStr: two letters a condition, column and operator.  Conditions only narrow the
 * walk; SQLite checks each again, so bounds may be wide. */
static int table_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	char plan[64];
	int count = 0;

	(void)base;
	info->estimatedCost = 1e7;
	info->estimatedRows = 10000000;
	for (int i = 0; i < info->nConstraint && count < (int)sizeof(plan) / 2 - 1; i++) {
		const struct sqlite3_index_constraint *c = &info->aConstraint[i];
		const char operator= condition_letter(c);

		if (!operator)
			continue;
		plan[count * 2] = c->iColumn == COLUMN_ID     ? 'i'
				  : c->iColumn == COLUMN_TIME ? 't'
							      : 'k';
		plan[count * 2 + 1] = operator;
		info->aConstraintUsage[i].argvIndex = ++count;
		info->estimatedCost /= operator== 'e' && c->iColumn != COLUMN_KIND ? 600 : 4;
		info->estimatedRows /= operator== 'e' && c->iColumn != COLUMN_KIND ? 1000000 : 4;
	}
	plan[count * 2] = '\0';
	info->idxStr = sqlite3_mprintf("%s", plan);
	info->needToFreeIdxStr = 1;
	if (!info->idxStr)
		return SQLITE_NOMEM;
	if (info->colUsed & 1ull << COLUMN_ID)
		info->idxNum |= USES_IDS;
	if (info->colUsed & (1ull << COLUMN_PID | 1ull << COLUMN_BEGIN))
		info->idxNum |= USES_PEOPLE;
	info->orderByConsumed = info->nOrderBy == 1 && !info->aOrderBy[0].desc &&
				(info->aOrderBy[0].iColumn == COLUMN_ID ||
				 info->aOrderBy[0].iColumn == COLUMN_TIME);
	return SQLITE_OK;
}

static int table_failed(sqlite3_vtab *base, const struct error *why)
{
	sqlite3_free(base->zErrMsg);
	base->zErrMsg = sqlite3_mprintf("%s", why->text);
	return SQLITE_ERROR;
}

static int cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
	struct cursor *c = sqlite3_malloc(sizeof(*c));

	(void)base;
	if (!c)
		return SQLITE_NOMEM;
	memset(c, 0, sizeof(*c));
	*out = &c->base;
	return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)base;

	scan_close(&c->scan);
	sqlite3_free(c);
	return SQLITE_OK;
}

/* A bound; comparisons with other types than integers are left to SQLite. */
static void condition_take(struct scan_want *w, char column, char operator, sqlite3_value * v)
{
	const int type = sqlite3_value_type(v);
	const int64_t value = sqlite3_value_int64(v);
	const uint64_t id = value > 0 ? (uint64_t)value : 0;

	if (column == 'k' && type == SQLITE_INTEGER && value > 0 && value < EV_LIMIT)
		w->kinds = event_set((unsigned)value);
	if (type != SQLITE_INTEGER)
		return;
	if (column == 't' && operator!= 'l' && value> w->from)
		w->from = value;
	if (column == 't' && operator!= 'g' && value<w->to)
		w->to = value;
	if (column == 'i' && operator!= 'l' && id> w->first)
		w->first = id;
	if (column == 'i' && operator!= 'g' && id<w->last)
		w->last = id;
}

static int cursor_filter(sqlite3_vtab_cursor *base, int number, const char *plan, int argc,
			 sqlite3_value **argv)
{
	struct cursor *c = (struct cursor *)base;
	const struct table *t = (const struct table *)base->pVtab;
	struct scan_want want = { .to = INT64_MAX,
				  .last = UINT64_MAX,
				  .ids = number & USES_IDS,
				  .people = number & USES_PEOPLE };
	struct error why = { 0 };

	if (!c->open && scan_open(&c->scan, t->db, &why))
		return table_failed(base->pVtab, &why);
	c->open = true;
	if (t->kind)
		want.kinds = event_set(t->kind);
	for (int i = 0; i < argc; i++)
		condition_take(&want, plan[i * 2], plan[i * 2 + 1], argv[i]);
	if (want.from < 0)
		want.from = 0;
	if (scan_start(&c->scan, &want, &why))
		return table_failed(base->pVtab, &why);
	while (t->kind && !c->scan.ended && c->scan.now.e.kind != t->kind)
		if (scan_next(&c->scan, &why))
			return table_failed(base->pVtab, &why);
	return SQLITE_OK;
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)base;
	const struct table *t = (const struct table *)base->pVtab;
	struct error why; /* not cleared: this is called for each row */

	do
		if (scan_next(&c->scan, &why))
			return table_failed(base->pVtab, &why);
	while (t->kind && !c->scan.ended && c->scan.now.e.kind != t->kind);
	return SQLITE_OK;
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
	return ((struct cursor *)base)->scan.ended;
}

static void tail_result(sqlite3_context *context, const struct event_info *info,
			const struct event *e)
{
	const uint64_t *tail = e->payload + info->words;
	const size_t size = (size_t)(e->words - info->words) * 8;
	size_t length = size;

	if (info->tail_kind == KIND_text) {
		length = strnlen((const char *)tail, size);
		sqlite3_result_text(context, (const char *)tail, (int)length, SQLITE_TRANSIENT);
		return;
	}
	if (e->kind == EV_syscall_data && (uint64_t)event_field(e, 2) < length)
		length = (size_t)event_field(e, 2);
	sqlite3_result_blob(context, tail, (int)length, SQLITE_TRANSIENT);
}

static void field_result(sqlite3_context *context, const struct event *e, unsigned field)
{
	const struct event_info *info = event_info(e->kind);

	if (!info)
		return;
	if (field == info->fields && info->tail) {
		tail_result(context, info, e);
		return;
	}
	if (field < info->fields)
		sqlite3_result_int64(context, event_field(e, field));
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	const struct scan *s = &((struct cursor *)base)->scan;
	const struct event *e = &s->now.e;
	const struct event_info *info;

	switch (column) {
	case COLUMN_ID:
		sqlite3_result_int64(context, (int64_t)e->id);
		break;
	case COLUMN_TIME:
		sqlite3_result_int64(context, e->time);
		break;
	case COLUMN_CPU:
		sqlite3_result_int64(context, e->cpu);
		break;
	case COLUMN_TID:
		sqlite3_result_int64(context, e->tid);
		break;
	case COLUMN_PID:
		sqlite3_result_int64(context, s->state.last.pid);
		break;
	case COLUMN_BEGIN:
		if (s->state.last.begin)
			sqlite3_result_int64(context, (int64_t)s->state.last.begin);
		break;
	case COLUMN_KIND:
		sqlite3_result_int64(context, e->kind);
		break;
	case COLUMN_NAME:
		info = event_info(e->kind);
		sqlite3_result_text(context, info ? info->name : "?", -1, SQLITE_STATIC);
		break;
	case COLUMN_WORDS:
		sqlite3_result_int64(context, e->words);
		break;
	default:
		field_result(context, e, (unsigned)column - COLUMN_FIELDS);
	}
	return SQLITE_OK;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	const struct timeline_event *now = &((struct cursor *)base)->scan.now;

	/* Block and place in it: a number that holds whatever was passed on the way. */
	*out = now->block << 24 | now->offset;
	return SQLITE_OK;
}

static const sqlite3_module module = {
	.iVersion = 0,
	.xConnect = table_connect, /* no xCreate: there without CREATE, and only so */
	.xBestIndex = table_best_index,
	.xDisconnect = table_disconnect,
	.xDestroy = table_disconnect,
	.xOpen = cursor_open,
	.xClose = cursor_close,
	.xFilter = cursor_filter,
	.xNext = cursor_next,
	.xEof = cursor_eof,
	.xColumn = cursor_column,
	.xRowid = cursor_rowid,
};

int sql_modules_register(sqlite3 *db)
{
	int code = sqlite3_create_module_v2(db, "event", &module, NULL, NULL);
	char name[64];

	for (unsigned kind = 1; kind < EV_LIMIT && code == SQLITE_OK; kind++) {
		const struct event_info *info = event_info(kind);

		if (!info)
			continue;
		snprintf(name, sizeof(name), "ev_%s", info->name);
		code = sqlite3_create_module_v2(db, name, &module, (void *)(uintptr_t)kind, NULL);
	}
	return code;
}
