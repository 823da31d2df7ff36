/* ringscope sql: a recording asked in SQL. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracer/buffer.h"
#include "tracer/cli/command.h"
#include "tracer/cli/facts.h"
#include "tracer/cli/rows.h"
#include "tracer/store/open.h"

static const char help[] =
	"usage: ringscope sql [OPTION]... TRACE [QUERY]...\n"
	"\n"
	"Asks a recording in SQL: the tables that plain sqlite3 shows as well, and virtual\n"
	"tables over the raw blocks: event has every event, ev_NAME those of one kind with\n"
	"their fields (ev_page_fault, ev_context_switch, ...).  schemas/README.md says what\n"
	"each table is for.  Without a query, reads queries from standard input.  The file is\n"
	"never written.\n"
	"\n"
	"options:\n"
	"      --mode MODE  box (default on a terminal), list (else), csv, json\n"
	"      --csv, --json, --box\n"
	"      --extension  print where the extension for plain sqlite3 is, for its .load\n"
	"      --help       this text\n"
	"\n"
	"exit status: 0; 2 the file cannot be read or a query is wrong.\n";

static sqlite3 *interrupted_db;

static void on_interrupt(int signal)
{
	(void)signal;
	sqlite3_interrupt(interrupted_db);
}

struct asking {
	sqlite3 *db;
	enum rows_mode mode;
	bool terminal; /* stdout is one */
};

static bool failed(const struct asking *a)
{
	fprintf(stderr, "ringscope: sql: %s\n", sqlite3_errmsg(a->db));
	return false;
}

/* All statements of a text. */
static bool text_run(const struct asking *a, const char *sql)
{
	while (*sql) {
		sqlite3_stmt *s;
		const char *rest;
		int code;

		if (sqlite3_prepare_v2(a->db, sql, -1, &s, &rest) != SQLITE_OK)
			return failed(a);
		sql = rest;
		if (!s)
			continue;
		code = rows_print(s, a->mode, a->terminal);
		sqlite3_finalize(s);
		if (code != SQLITE_DONE && code != SQLITE_OK)
			return failed(a);
	}
	return true;
}

/* Queries from standard input, each run as soon as it is whole. */
static bool input_run(const struct asking *a)
{
	const bool prompt = a->terminal && isatty(STDIN_FILENO);
	struct buffer text = { 0 };
	char *line = NULL;
	size_t room = 0;
	bool good = true;

	for (;;) {
		if (prompt) {
			fputs(text.length ? "   ...> " : "trace> ", stdout);
			fflush(stdout);
		}
		if (getline(&line, &room, stdin) < 0)
			break;
		if (prompt && !text.length && (strcmp(line, ".quit\n") == 0 || *line == '\n')) {
			if (*line == '.')
				break;
			continue;
		}
		buffer_string(&text, line);
		if (!sqlite3_complete(buffer_text(&text)))
			continue;
		good = text_run(a, buffer_text(&text)) && good;
		buffer_clear(&text);
		if (!good && !prompt)
			break;
	}
	if (text.length && (good || prompt))
		good = text_run(a, buffer_text(&text)) && good;
	if (prompt)
		putchar('\n');
	free(line);
	buffer_free(&text);
	return good || prompt;
}

static int extension_print(void)
{
	char path[4096];
	const ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	path[length > 0 ? length : 0] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return 2;
	*slash = '\0';
	return printf("%s/ringscope_sqlite.so\n", path) < 0 ? 2 : 0;
}

static int file_ask(struct asking *a, const char *path, char **queries)
{
	struct error why = { 0 };
	bool good = true;

	if (trace_open(&a->db, path, progress_show, &why))
		return complain(&why);
	sqlite3_exec(a->db, "PRAGMA query_only = ON", NULL, NULL, NULL);
	interrupted_db = a->db;
	signal(SIGINT, on_interrupt);
	if (!*queries)
		good = input_run(a);
	for (; good && *queries; queries++)
		good = text_run(a, *queries);
	sqlite3_exec(a->db, "PRAGMA query_only = OFF", NULL, NULL, NULL);
	loss_tell(a->db, path);
	sqlite3_close_v2(a->db);
	return good && !fflush(stdout) ? 0 : 2;
}

int sql_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "mode", required_argument, NULL, 'm' },
		{ "csv", no_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "box", no_argument, NULL, 'b' },
		{ "extension", no_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct asking a = { .terminal = isatty(STDOUT_FILENO) };
	int option;

	a.mode = a.terminal ? ROWS_BOX : ROWS_LIST;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			return fputs(help, stdout) < 0 ? 2 : 0;
		case 'e':
			return extension_print();
		case 'c':
			a.mode = ROWS_CSV;
			break;
		case 'j':
			a.mode = ROWS_JSON;
			break;
		case 'b':
			a.mode = ROWS_BOX;
			break;
		case 'm':
			if (rows_mode_parse(optarg, &a.mode))
				break;
			return complain_usage("sql", "no such mode:", optarg, 2);
		default:
			return complain_usage("sql", "unknown option", argv[optind - 1], 2);
		}
	}
	if (optind == argc)
		return complain_usage("sql", "which recording?", NULL, 2);
	return file_ask(&a, argv[optind], argv + optind + 1);
}
