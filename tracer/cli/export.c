/* ringscope export: recordings in other programs' formats. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "tracer/cli/command.h"
#include "tracer/cli/facts.h"
#include "tracer/export/format.h"

static const char help[] =
	"usage: ringscope export --to FORMAT [OPTION]... [URL] TRACE...\n"
	"\n"
	"Writes recordings in the format of another program.\n"
	"\n"
	"options:\n"
	"      --to FORMAT    one of the formats below\n"
	"  -o, --output FILE  write there, for formats that are files (default: standard output)\n"
	"      --force        send what is there already once more\n"
	"      --help         this text\n"
	"\n"
	"formats:\n";

static const char help_end[] =
	"\nexit status: 0; 2 a file cannot be read, or the other side refuses; 3 a recording\n"
	"is cut off beyond use.\n";

static int help_print(void)
{
	const struct export_format *f;

	fputs(help, stdout);
	for (unsigned i = 0; (f = export_format_at(i)); i++) {
		printf("  %-12s %s\n", f->name, f->summary);
		if (f->url)
			printf("               first argument: %s\n", f->url);
	}
	return fputs(help_end, stdout) < 0 ? 2 : 0;
}

static int words_check(const struct export_format *f, int words, const char *output)
{
	if (f->url && output)
		return complain_usage("export", "-o is for formats that are files, not", f->name,
				      2);
	if (words < (f->url ? 2 : 1))
		return complain_usage(
			"export", f->url && !words ? "which URL?" : "which recording?", NULL, 2);
	if (!f->many && words > 1)
		return complain_usage("export", "one recording at a time for", f->name, 2);
	return 0;
}

int export_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "to", required_argument, NULL, 't' },
		{ "output", required_argument, NULL, 'o' },
		{ "force", no_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct export_job job = { .progress = progress_show };
	const struct export_format *format = NULL;
	const char *to = NULL;
	struct error why = { 0 };
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "ho:", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			return help_print();
		case 't':
			to = optarg;
			break;
		case 'o':
			job.target = optarg;
			break;
		case 'f':
			job.force = true;
			break;
		default:
			return complain_usage("export", "unknown option", argv[optind - 1], 2);
		}
	}
	if (!to)
		return complain_usage("export", "--to which format?", NULL, 2);
	format = export_format_find(to);
	if (!format)
		return complain_usage("export", "no such format:", to, 2);
	if (words_check(format, argc - optind, job.target))
		return 2;
	if (format->url)
		job.target = argv[optind++];
	job.files = argv + optind;
	if (format->run(&job, &why))
		return complain(&why);
	for (char *const *file = job.files; *file; file++)
		loss_tell_file(*file);
	return 0;
}
