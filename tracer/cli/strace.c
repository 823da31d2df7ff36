/* ringscope strace: the system calls of a recording as strace writes them. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/buffer.h"
#include "tracer/cli/command.h"
#include "tracer/cli/facts.h"
#include "tracer/store/open.h"
#include "tracer/store/sql.h"

static const char help[] =
	"usage: ringscope strace [OPTION]... [TRACE]\n"
	"\n"
	"Lists the system calls of a recording (default: trace.db) in order of time, with\n"
	"arguments and results decoded: thread, seconds since the start, call.  A call\n"
	"during which another thread did something is split in two lines.\n"
	"\n"
	"options:\n"
	"      --pid N       only the threads of process N\n"
	"      --calls LIST  only these calls, separated by commas\n"
	"  -T                add the time spent in each call\n"
	"      --json        one JSON object a line and call\n"
	"      --help        this text\n"
	"\n"
	"exit status: 0; 2 the file cannot be read; 3 it is incomplete, and the list ends\n"
	"where the recording was cut off.\n";

/* Everything there is to print, by the event at which it is printed. */
static const char lines_sql[] =
	"SELECT id AS at, 0 AS what, id, tid, pid, enter AS time, name, args,"
	" coalesce(args_before, args), result_text, duration, coalesce(exit_event, 0)"
	" FROM syscall"
	" UNION ALL SELECT exit_event, 1, id, tid, pid, exit, name, args,"
	" coalesce(args_before, args), result_text, duration, exit_event"
	" FROM syscall WHERE exit_event IS NOT NULL"
	" UNION ALL SELECT s.id, 2, s.id, s.tid, e.pid, s.time, s.signal, '', '', '', 0, 0"
	" FROM signal s JOIN event e ON e.id = s.id WHERE s.what = 'delivered'"
	" UNION ALL SELECT e.id, 3, e.id, e.tid, e.pid, e.time, p.ended, '', '', '', 0, 0"
	" FROM process p JOIN event e ON e.time = p.end AND e.pid = p.pid AND e.kind = 42"
	" WHERE p.ended IS NOT NULL"
	" ORDER BY 1, 2";

enum { LINE_ENTER, LINE_EXIT, LINE_SIGNAL, LINE_END };

struct filter {
	long long pid; /* -1: all */
	char *calls;   /* ",read,write,", NULL: all */
	bool times;
};

/* A row of lines_sql, owned. */
struct line {
	int64_t at, what, call, tid, pid, time, duration, exit;
	char *name, *args, *before, *result;
};

static char *text_copy(sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);
	struct buffer clean = { 0 };

	buffer_clean(&clean, text ? text : "");
	return clean.data ? clean.data : strdup("");
}

static void line_free(struct line *l)
{
	free(l->name);
	free(l->args);
	free(l->before);
	free(l->result);
}

static bool filter_passes(const struct filter *f, const struct line *l)
{
	struct buffer name = { 0 };
	bool passes = true;

	if (f->pid >= 0 && l->pid != f->pid)
		return false;
	if (f->calls && l->what <= LINE_EXIT) {
		buffer_printf(&name, ",%s,", l->name);
		passes = strstr(f->calls, buffer_text(&name)) != NULL;
		buffer_free(&name);
	}
	return passes;
}

/* The next row that the filter passes; false: no more. */
static bool line_next(sqlite3_stmt *s, const struct filter *f, struct line *l)
{
	while (sqlite3_step(s) == SQLITE_ROW) {
		*l = (struct line){
			.at = sqlite3_column_int64(s, 0),
			.what = sqlite3_column_int64(s, 1),
			.call = sqlite3_column_int64(s, 2),
			.tid = sqlite3_column_int64(s, 3),
			.pid = sqlite3_column_int64(s, 4),
			.time = sqlite3_column_int64(s, 5),
			.name = text_copy(s, 6),
			.args = text_copy(s, 7),
			.before = text_copy(s, 8),
			.result = text_copy(s, 9),
			.duration = sqlite3_column_int64(s, 10),
			.exit = sqlite3_column_int64(s, 11),
		};
		if (filter_passes(f, l))
			return true;
		line_free(l);
	}
	return false;
}

/* Arguments that are the same before and after: printed at the entry.  Cut after
 * a comma. */
static size_t args_common(const struct line *l)
{
	size_t common = 0;

	if (strcmp(l->args, l->before) == 0)
		return strlen(l->args);
	for (size_t i = 0; l->args[i] && l->args[i] == l->before[i]; i++)
		if (l->args[i] == ' ' && i && l->args[i - 1] == ',')
			common = i + 1;
	return common;
}

static void result_print(const struct line *l, const struct filter *f)
{
	printf(") = %s", l->result);
	if (f->times && l->exit)
		printf(" <%lld.%09lld>", (long long)l->duration / 1000000000,
		       (long long)l->duration % 1000000000);
	putchar('\n');
}

/* next: what is printed after it, NULL: nothing. */
static void line_print(const struct line *l, const struct line *next, const struct filter *f)
{
	const bool ends = strncmp(l->name, "exit", 4) == 0;
	const size_t common = args_common(l);

	printf("[%lld] %lld.%09lld ", (long long)l->tid, (long long)l->time / 1000000000,
	       (long long)l->time % 1000000000);
	switch (l->what) {
	case LINE_ENTER:
		printf("%s(", l->name);
		if ((next && next->call == l->call && next->what == LINE_EXIT) ||
		    (ends && !l->exit)) {
			fputs(l->args, stdout);
			result_print(l, f);
		} else {
			printf("%.*s <unfinished ...>\n", (int)common, l->args);
		}
		break;
	case LINE_EXIT:
		printf("<... %s resumed>%s", l->name, l->args + common);
		result_print(l, f);
		break;
	case LINE_SIGNAL:
		printf("--- %s ---\n", l->name);
		break;
	case LINE_END:
		printf("+++ %s +++\n", l->name);
		break;
	}
}

static bool lines_print(sqlite3 *db, const struct filter *f)
{
	sqlite3_stmt *s;
	struct line line, next;
	bool more, split = true;

	if (sqlite3_prepare_v2(db, lines_sql, -1, &s, NULL) != SQLITE_OK)
		return false;
	more = line_next(s, f, &line);
	while (more) {
		more = line_next(s, f, &next);
		/* An exit right after its entry was printed with it. */
		if (line.what != LINE_EXIT || split)
			line_print(&line, more ? &next : NULL, f);
		split = !(more && line.what == LINE_ENTER && next.what == LINE_EXIT &&
			  next.call == line.call);
		line_free(&line);
		line = next;
	}
	return sqlite3_finalize(s) == SQLITE_OK;
}

static bool lines_json(sqlite3 *db, const struct filter *f)
{
	struct buffer b = { 0 };
	struct line l;
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db, lines_sql, -1, &s, NULL) != SQLITE_OK)
		return false;
	while (line_next(s, f, &l)) {
		if (l.what == LINE_ENTER) {
			buffer_clear(&b);
			buffer_printf(
				&b, "{\"tid\": %lld, \"pid\": %lld, \"time_ns\": %lld, \"call\": ",
				(long long)l.tid, (long long)l.pid, (long long)l.time);
			buffer_json(&b, l.name);
			buffer_string(&b, ", \"args\": ");
			buffer_json(&b, l.args);
			buffer_string(&b, ", \"result\": ");
			buffer_json(&b, l.result);
			if (l.exit)
				buffer_printf(&b, ", \"duration_ns\": %lld}",
					      (long long)l.duration);
			else
				buffer_string(&b, ", \"duration_ns\": null}");
			puts(buffer_text(&b));
		}
		line_free(&l);
	}
	buffer_free(&b);
	return sqlite3_finalize(s) == SQLITE_OK;
}

static int strace_print(const char *path, const struct filter *f, bool json)
{
	struct error why = { 0 };
	sqlite3 *db;
	bool good;

	if (trace_open(&db, path, progress_show, &why))
		return complain(&why);
	good = json ? lines_json(db, f) : lines_print(db, f);
	if (!good)
		fprintf(stderr, "ringscope: %s: %s\n", path, sqlite3_errmsg(db));
	loss_tell(db, path);
	return facts_end(db, good);
}

int strace_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "pid", required_argument, NULL, 'p' },
		{ "calls", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct filter filter = { .pid = -1 };
	bool json = false;
	char *end;
	int option, status;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "hTp:", options, NULL)) != -1) {
		switch (option) {
		case 'p':
			filter.pid = strtoll(optarg, &end, 10);
			if (*end || end == optarg || filter.pid < 0)
				return complain_usage("strace", "not a process:", optarg, 2);
			break;
		case 'c':
			free(filter.calls);
			if (asprintf(&filter.calls, ",%s,", optarg) < 0)
				return 2;
			break;
		case 'T':
			filter.times = true;
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			return fputs(help, stdout) < 0 ? 2 : 0;
		default:
			return complain_usage("strace", "unknown option", argv[optind - 1], 2);
		}
	}
	if (argc - optind > 1)
		return complain_usage("strace", "more than one file:", argv[optind + 1], 2);
	status = strace_print(optind < argc ? argv[optind] : "trace.db", &filter, json);
	free(filter.calls);
	return status;
}
