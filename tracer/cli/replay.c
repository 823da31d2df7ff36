/* ringscope replay: a recording run again, up to an event, with gdb. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/cli/command.h"
#include "tracer/cli/replay_to.h"
#include "tracer/crash/moment.h"
#include "tracer/debug/replay.h"
#include "tracer/reader.h"

#define COMMANDS_MAX 64u

static const char help[] =
	"usage: ringscope replay [OPTION]... [TRACE]\n"
	"\n"
	"Runs a recording of `ringscope run --record-replay` (default: trace.db) again, bit\n"
	"for bit, stops it at an event and starts gdb there: with the symbols of kernel and\n"
	"programs, and backwards too: reverse-stepi, reverse-continue, a watchpoint that is\n"
	"run backwards.  First it is run once without gdb: if what it does is not what was\n"
	"recorded (another QEMU), that is said, and nothing else is done.\n"
	"\n"
	"options:\n"
	"      --to EVENT          stop when this event is recorded (its number)\n"
	"      --to crash          stop before the instruction of which a program died, or at\n"
	"                          the kernel's panic (default)\n"
	"      --before EVENT N    stop N events before EVENT, which may be `crash`\n"
	"      --last-writer ADDR  go back from there to who wrote to this address last\n"
	"      --check             only say whether it runs the same way again\n"
	"      --force             go on where it does not\n"
	"      --ex COMMAND        have gdb do this then; may be repeated\n"
	"  -x, --commands FILE     likewise the commands of a file\n"
	"      --batch             end after that\n"
	"      --help              this text\n"
	"\n"
	"In gdb, `ringscope` lists the commands that know the guest: why, threads, task,\n"
	"pagewalk, ring.\n"
	"\n"
	"exit status: gdb's; 2 usage or input/output; 3 it is not the same run any more, or\n"
	"the recording cannot be run again.\n";

struct request {
	const char *to;
	uint64_t before;
	const char *writer;
	bool check, force, batch;
	const char *file;
	char *commands[COMMANDS_MAX + 1];
	unsigned count;
};

static bool number_read(const char *text, uint64_t *out)
{
	char *end = NULL;

	errno = 0;
	*out = strtoull(text, &end, 0);
	return !errno && end != text && !*end && *text != '-';
}

/* The last crash of the recording. */
static int crash_target(struct reader *r, struct replay_target *t, struct error *why)
{
	struct crashes all = { 0 };
	int status = crashes_find(&all, r, why);

	if (!status && !all.count)
		status = error_set(why, 2, "nothing crashed in this recording; --to EVENT");
	if (!status) {
		t->event = crash_moment(r, &all.crash[all.count - 1], &t->instruction);
		t->crash = true;
	}
	crashes_free(&all);
	return status;
}

static int target_find(struct reader *r, const struct request *q, struct replay_target *t,
		       struct error *why)
{
	int status = 0;

	if (strcmp(q->to, "crash") == 0)
		status = crash_target(r, t, why);
	else if (!number_read(q->to, &t->event))
		status = error_set(why, 2, "%s is neither the number of an event nor `crash`",
				   q->to);
	if (status)
		return status;
	if (q->before) {
		t->crash = false;
		t->event = t->event > q->before ? t->event - q->before : 1;
	}
	if (!t->event || t->event > reader_count(r))
		return error_set(why, 2,
				 "event %" PRIu64 " is not in this recording: it has %" PRIu64,
				 t->event, reader_count(r));
	t->writer = q->writer != NULL;
	if (q->writer && !number_read(q->writer, &t->address))
		return error_set(why, 2, "%s is no address", q->writer);
	return 0;
}

static int trace_replay(const struct request *q, const char *path)
{
	const struct debugger_options o = { q->commands, q->file, q->batch };
	struct replay_target t = { 0 };
	struct error why = { 0 };
	struct reader *r;
	int status = reader_open(&r, path, &why);

	if (status)
		return complain(&why);
	if (!q->check)
		status = target_find(r, q, &t, &why);
	if (status)
		complain(&why);
	else
		status = replay(r, &t, &o, q->check, q->force);
	if (!status && q->check)
		puts("it runs the same way again");
	reader_close(r);
	return status;
}

int replay_to(const char *path, const char *event, char *const *commands, const char *file,
	      bool batch)
{
	struct request q = { .to = event, .file = file, .batch = batch };

	while (commands[q.count] && q.count < COMMANDS_MAX) {
		q.commands[q.count] = commands[q.count];
		q.count++;
	}
	return trace_replay(&q, path);
}

static bool option_take(struct request *q, int option, int argc, char **argv)
{
	switch (option) {
	case 't':
		q->to = optarg;
		return true;
	case 'b':
		q->to = optarg;
		return optind < argc && number_read(argv[optind++], &q->before);
	case 'w':
		q->writer = optarg;
		return true;
	case 'c':
		return q->check = true;
	case 'f':
		return q->force = true;
	case 'B':
		return q->batch = true;
	case 'x':
		q->file = optarg;
		return true;
	case 'e':
		if (q->count < COMMANDS_MAX)
			q->commands[q->count++] = optarg;
		return q->count < COMMANDS_MAX;
	default:
		return false;
	}
}

int replay_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "to", required_argument, NULL, 't' },
		{ "before", required_argument, NULL, 'b' },
		{ "last-writer", required_argument, NULL, 'w' },
		{ "check", no_argument, NULL, 'c' },
		{ "force", no_argument, NULL, 'f' },
		{ "batch", no_argument, NULL, 'B' },
		{ "commands", required_argument, NULL, 'x' },
		{ "ex", required_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct request q = { .to = "crash" };
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "x:h", options, NULL)) != -1) {
		if (option == 'h')
			return fputs(help, stdout) < 0 ? 2 : 0;
		if (!option_take(&q, option, argc, argv))
			return complain_usage("replay",
					      "unknown option or bad value:", argv[optind - 1], 2);
	}
	if (argc - optind > 1)
		return complain_usage("replay", "more than one file:", argv[optind + 1], 2);
	return trace_replay(&q, optind < argc ? argv[optind] : "trace.db");
}
