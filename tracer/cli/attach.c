/* ringscope attach: options. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "tracer/cli/command.h"
#include "tracer/vm/attach.h"

static const char help[] =
	"usage: ringscope attach [OPTION]... [GUEST]\n"
	"\n"
	"Go on recording a guest that was run with --on-tracer-loss go-on or wait, and whose\n"
	"tracer died, lost its connection or left (`ringscope ctl ... detach`).  GUEST is the\n"
	"trace file that was begun (default: trace.db), the pid of the first tracer, or the\n"
	"directory that a message named.  The guest's standard streams are this program's\n"
	"from then on; what it wrote meanwhile waited.\n"
	"\n"
	"The file that was begun goes on, or with -o a new one begins; table loss tells what\n"
	"is missing, and `ringscope info` whether all of it is accounted for.\n"
	"\n"
	"options:\n"
	"  -o, --output FILE  a new trace file\n"
	"      --force        replace whatever file is there\n"
	"      --tables WHEN  as of `ringscope run`\n"
	"      --log          kernel log to standard error\n"
	"      --help         this text\n"
	"\n"
	"exit status: the command's own, or as `ringscope run` has it.\n";

int attach_main(int argc, char **argv)
{
	enum { OPT_FORCE = 256, OPT_TABLES, OPT_LOG };
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "force", no_argument, NULL, OPT_FORCE },
		{ "tables", required_argument, NULL, OPT_TABLES },
		{ "log", no_argument, NULL, OPT_LOG },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct attach_config config = { .guest = "trace.db", .progress = progress_show };
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			return fputs(help, stdout) < 0 ? 125 : 0;
		case 'o':
			config.output = optarg;
			break;
		case OPT_FORCE:
			config.force = true;
			break;
		case OPT_TABLES:
			if (!tables_when_ok(optarg))
				return complain_usage("attach", "--tables does not take", optarg,
						      125);
			config.tables = optarg;
			break;
		case OPT_LOG:
			config.show_log = true;
			break;
		default:
			return complain_usage("attach", "unknown or incomplete option",
					      argv[optind - 1], 125);
		}
	}
	if (argc - optind > 1)
		return complain_usage("attach", "more than one guest:", argv[optind + 1], 125);
	if (optind < argc)
		config.guest = argv[optind];
	return attach(&config);
}
