#include "viewer/viewer.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/linear.h"
#include "viewer/screen.h"
#include "viewer/terminal.h"

struct options {
	bool linear, still, ascii, mono;
	uint64_t event;
	const char *export_to, *press;
	int cols, rows;
	const char *filter, *path, *other;
};

static const char usage[] =
	"usage: ringscope view [options] trace.db [other.db]\n"
	"Shows a recorded trace: programs above the line between ring 3 and ring 0, the\n"
	"kernel below it, and each crossing as it happened.  Key ? shows the keys.\n"
	"With another trace it begins with what differs between them.\n"
	"\n"
	"  --linear       print one plain line for each event instead (for pipes and\n"
	"                 screen readers)\n"
	"  --no-motion    show each event at once, without animation\n"
	"  --ascii        draw with ASCII only (chosen by itself if the locale is not UTF-8)\n"
	"  --mono         no colours (chosen by itself if NO_COLOR is set)\n"
	"  --event N      start at event N (else at the first crossing)\n"
	"  --filter EXPR  only events that pass: pid=7,8 kind=fault call=write !cpu=1\n"
	"  --export FILE  write what is seen to FILE.svg or .txt, or animated to .cast, and exit\n"
	"  --size CxR     of that, as 160x48 (default: 80x24)\n"
	"  --press KEYS   press keys first, as 2 for the timeline\n"
	"  --keys         print the table of keys and exit\n"
	"  --help         this text\n"
	"\n"
	"exit status: 0 done; 2 wrong usage, not a trace, or no terminal\n";

static void keys_print(void)
{
	puts("| keys | what they do |\n|---|---|");
#define KEY(code, shown, command, help) puts("| `" shown "` | " help " |");
#include "viewer/keys.def"
}

static int fail(const struct error *why)
{
	fprintf(stderr, "ringscope: %s\n", why->text);
	return 2;
}

static bool size_read(const char *text, struct options *options)
{
	char after;

	if (sscanf(text, "%4dx%4d%c", &options->cols, &options->rows, &after) == 2 &&
	    options->cols > 0 && options->rows > 0)
		return true;
	fprintf(stderr, "ringscope: view: --size wants COLUMNSxROWS, as 160x48, not %s\n", text);
	return false;
}

/* -1 to go on, else the exit status. */
static int options_read(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "linear", no_argument, NULL, 'l' },
		{ "no-motion", no_argument, NULL, 's' },
		{ "ascii", no_argument, NULL, 'a' },
		{ "mono", no_argument, NULL, 'm' },
		{ "event", required_argument, NULL, 'e' },
		{ "filter", required_argument, NULL, 'f' },
		{ "export", required_argument, NULL, 'x' },
		{ "size", required_argument, NULL, 'z' },
		{ "press", required_argument, NULL, 'p' },
		{ "keys", no_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;
	char *end;

	optind = 0; /* a fresh start, whatever main parsed before */
	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", table, NULL)) != -1) {
		options->linear |= option == 'l';
		options->still |= option == 's';
		options->ascii |= option == 'a';
		options->mono |= option == 'm';
		if (option == 'f')
			options->filter = optarg;
		if (option == 'x')
			options->export_to = optarg;
		if (option == 'p')
			options->press = optarg;
		if (option == 'z' && !size_read(optarg, options))
			return 2;
		if (option == 'k' || option == 'h') {
			if (option == 'k')
				keys_print();
			else
				fputs(usage, stdout);
			return 0;
		}
		if (option == 'e') {
			options->event = strtoull(optarg, &end, 10);
			if (optarg[0] < '0' || optarg[0] > '9' || *end != '\0') {
				fprintf(stderr, "ringscope: view: --event wants a number\n");
				return 2;
			}
		}
		if (option == '?') {
			fprintf(stderr, "ringscope: view: an option is unknown or lacks its value; "
					"'ringscope view --help' lists them\n");
			return 2;
		}
	}
	options->path = optind < argc ? argv[optind] : "trace.db";
	options->other = optind + 1 < argc ? argv[optind + 1] : NULL;
	if (optind + 2 < argc) {
		fprintf(stderr, "ringscope: view: two trace files at most\n");
		return 2;
	}
	return -1;
}

int viewer_main(int argc, char **argv)
{
	struct options options = { 0 };
	struct filter filter = { 0 };
	struct screen_options screen;
	struct error why = { 0 };
	struct reader *reader;
	int status = options_read(argc, argv, &options);

	if (status >= 0)
		return status;
	options.ascii |= !terminal_utf8();
	if (options.filter != NULL && !filter_parse(&filter, options.filter, &why))
		return fail(&why);
	if (reader_open(&reader, options.path, &why) != 0)
		return fail(&why);
	screen = (struct screen_options){
		.path = options.path,
		.ascii = options.ascii,
		.mono = options.mono,
		.still = options.still,
		.event = options.event,
		.filter = filter,
		.filter_text = options.filter,
		.export_to = options.export_to,
		.press = options.press,
		.cols = options.cols > 0 ? options.cols : 80,
		.rows = options.rows > 0 ? options.rows : 24,
		.other = options.other,
	};
	status = options.linear
			 ? linear_print(reader, &filter, options.event > 0 ? options.event : 1,
					options.ascii, stdout, &why)
			 : screen_run(reader, &screen, &why);
	reader_close(reader);
	return status == 0 ? 0 : fail(&why);
}
