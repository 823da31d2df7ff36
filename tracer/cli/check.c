/* ringscope check: what a strace log asks of the kernel that is not there yet. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/cli/command.h"
#include "tracer/decode/call.h"
#include "tracer/support/check.h"
#include "tracer/vm/files.h"

static const char help[] =
	"usage: ringscope check [OPTION]... [LOG]\n"
	"\n"
	"Reads what strace wrote of a program on Linux (strace -f -o LOG PROGRAM; - is\n"
	"standard input) and says which system calls, and which flags and operations of\n"
	"them, the kernel does not have yet.\n"
	"\n"
	"options:\n"
	"      --kernel FILE  another kernel; also $RINGSCOPE_KERNEL\n"
	"      --table        instead: all calls, as the table in kernel/syscall/README.md\n"
	"      --json         for programs\n"
	"      --help         this text\n"
	"\n"
	"exit status: 0 all is there; 1 something is missing; 2 the log or the kernel cannot\n"
	"be read.\n";

static const char *const gap_names[GAP_LIMIT] = {
	[GAP_ABSENT] = "absent",
	[GAP_REFUSED] = "refused",
	[GAP_UNKNOWN] = "unknown",
	[GAP_PARTIAL] = "partial",
};

static const char *words_of(const struct check_gap *g)
{
	int nr = g->gap == GAP_PARTIAL ? support_number(g->call) : -1;
	const char *words = nr < 0 ? NULL : support_missing((unsigned)nr);

	return words ? words : "";
}

static void gaps_text(const struct check *c)
{
	for (enum gap gap = 0; gap < GAP_LIMIT; gap++) {
		for (size_t i = 0; i < c->count; i++) {
			const struct check_gap *g = &c->gaps[i];

			if (g->gap != gap)
				continue;
			printf("%-8s %s", gap_names[gap], g->call);
			if (g->gap == GAP_PARTIAL)
				printf(": all but %s\n", words_of(g));
			else
				printf("%s%s, %lu time%s\n", *g->name ? " " : "", g->name, g->times,
				       g->times == 1 ? "" : "s");
		}
	}
	if (c->others)
		printf("and %lu more\n", c->others);
	printf("%lu calls: %s\n", c->calls,
	       check_missing(c) ? "not everything is there" : "everything is there");
}

static void gaps_json(const struct check *c)
{
	struct buffer b = { 0 };

	buffer_printf(&b, "{\"lines\": %lu, \"calls\": %lu, \"complete\": %s, \"more\": %lu,",
		      c->lines, c->calls, check_missing(c) ? "false" : "true", c->others);
	buffer_string(&b, " \"gaps\": [");
	for (size_t i = 0; i < c->count; i++) {
		const struct check_gap *g = &c->gaps[i];

		buffer_printf(&b, "%s{\"kind\": \"%s\", \"call\": ", i ? ", " : "",
			      gap_names[g->gap]);
		buffer_json(&b, g->call);
		buffer_string(&b, ", \"name\": ");
		buffer_json(&b, g->name);
		buffer_string(&b, ", \"missing\": ");
		buffer_json(&b, words_of(g));
		buffer_printf(&b, ", \"times\": %lu}", g->times);
	}
	buffer_string(&b, "]}");
	puts(buffer_text(&b));
	buffer_free(&b);
}

/* The names of all calls of one state, in order of their numbers. */
static void names_print(const struct handlers *h, enum support state, const char *title)
{
	struct buffer b = { 0 };
	unsigned count = 0;

	for (unsigned nr = 0; nr < SYSCALL_LIMIT; nr++) {
		if (!call_info(nr) || support_of(h, nr) != state)
			continue;
		buffer_printf(&b, "%s`%s`", count ? " " : "", call_info(nr)->name);
		count++;
	}
	printf("%s (%u): %s\n", title, count, buffer_text(&b));
	buffer_free(&b);
}

static int table_print(const struct handlers *h)
{
	int wrong = support_contradiction(h);

	if (wrong >= 0) {
		fprintf(stderr,
			"ringscope: schemas/support.def names %s, of which the kernel has no "
			"handler\n",
			call_info((unsigned)wrong)->name);
		return 2;
	}
	names_print(h, SUPPORT_FULL, "**Full**");
	puts("\n| partial | what is missing | refused | only |\n|---|---|---|---|");
	for (unsigned nr = 0; nr < SYSCALL_LIMIT; nr++) {
		struct buffer refused = { 0 }, only = { 0 };

		if (!call_info(nr) || support_of(h, nr) != SUPPORT_PARTIAL)
			continue;
		support_refused_print(&refused, nr);
		support_only_print(&only, nr);
		printf("| `%s` | %s | %s | %s |\n", call_info(nr)->name,
		       support_missing(nr) ? support_missing(nr) : "", buffer_text(&refused),
		       buffer_text(&only));
		buffer_free(&refused);
		buffer_free(&only);
	}
	putchar('\n');
	names_print(h, SUPPORT_ABSENT, "**Absent**, answered with `ENOSYS`");
	return 0;
}

/* The log's gaps, printed: the exit status. */
static int log_report(struct check *c, FILE *log, const char *path, bool json)
{
	struct error why = { 0 };

	if (check_read(c, log, path, &why))
		return complain(&why);
	if (json)
		gaps_json(c);
	else
		gaps_text(c);
	if (fflush(stdout) || ferror(stdout))
		return 2;
	return check_missing(c) ? 1 : 0;
}

static int log_check(const struct handlers *h, const char *path, bool json)
{
	FILE *log = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct error why = { 0 };
	struct check *c;
	int status;

	if (!log) {
		error_set(&why, 2, "%s: %s", path, strerror(errno));
		return complain(&why);
	}
	c = calloc(1, sizeof(*c));
	if (c) {
		c->handlers = h;
		status = log_report(c, log, path, json);
	} else {
		error_set(&why, 2, "%s: %s", path, strerror(ENOMEM));
		status = complain(&why);
	}
	if (log != stdin)
		fclose(log);
	free(c);
	return status;
}

int check_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "kernel", required_argument, NULL, 'k' },
		{ "table", no_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *kernel = NULL;
	struct handlers handlers;
	struct error why = { 0 };
	struct files files;
	bool table = false, json = false;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'k':
			kernel = optarg;
			break;
		case 't':
			table = true;
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			return fputs(help, stdout) < 0 ? 2 : 0;
		default:
			return complain_usage("check", "unknown option", argv[optind - 1], 2);
		}
	}
	if (argc - optind != (table ? 0 : 1))
		return complain_usage("check", table ? "no log with --table" : "which log?", NULL,
				      2);
	if (files_find(&files, kernel, &why) || handlers_read(&handlers, files.kernel, &why)) {
		why.status = 2;
		return complain(&why);
	}
	return table ? table_print(&handlers) : log_check(&handlers, argv[optind], json);
}
