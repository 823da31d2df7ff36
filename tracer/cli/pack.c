/* ringscope pack: recordings put away. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tracer/cli/command.h"
#include "tracer/store/pack.h"

static const char help[] =
	"usage: ringscope pack TRACE...\n"
	"\n"
	"Makes recordings as small as they can be: the guest's own blocks, packed harder, and\n"
	"what the viewer needs to show any place at once.  The tables that grow with the\n"
	"events go (as with `run --tables none`): plain sqlite3 finds them empty, and our own\n"
	"commands make them anew in a temporary copy whenever they are asked for.\n"
	"\n"
	"exit status: 0; 2 a file cannot be read or written; 3 it is no whole recording.\n";

static long long file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? 0 : (long long)st.st_size;
}

int pack_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct error why = { 0 };

	opterr = 0;
	if (getopt_long(argc, argv, "h", options, NULL) != -1) {
		if (optopt)
			return complain_usage("pack", "unknown option", argv[optind - 1], 2);
		return fputs(help, stdout) < 0 ? 2 : 0;
	}
	if (optind == argc)
		return complain_usage("pack", "which recording?", NULL, 2);
	for (; optind < argc; optind++) {
		const long long before = file_size(argv[optind]);

		if (trace_pack(argv[optind], progress_show, &why))
			return complain(&why);
		printf("%s: %lld KiB, was %lld KiB\n", argv[optind], file_size(argv[optind]) >> 10,
		       before >> 10);
	}
	return fflush(stdout) ? 2 : 0;
}
