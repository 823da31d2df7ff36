/* ringscope profile: where the time went. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"
#include "tracer/analysis/profile.h"
#include "tracer/cli/command.h"
#include "tracer/cli/facts.h"
#include "tracer/cli/profile_stacks.h"
#include "tracer/cli/profile_text.h"
#include "tracer/cli/profile_tree.h"
#include "tracer/analysis/flame.h"
#include "tracer/duration.h"
#include "tracer/schema.h"
#include "tracer/store/meta.h"
#include "tracer/store/open.h"
#include "tracer/store/sql.h"

static const char help[] =
	"usage: ringscope profile [OPTION]... [TRACE]\n"
	"\n"
	"Says where the time of a recording (default: trace.db) went: by system call and\n"
	"fault, in the kernel itself, in what was nested, blocked, waiting for a CPU; how the\n"
	"durations are spread; who waited for whom.  In an exact recording a ns is an\n"
	"instruction.\n"
	"\n"
	"options:\n"
	"      --by WHAT      call (default), program, process, thread, fault, irq, path, file\n"
	"                     (path, or what a descriptor refers to), lock (waits for futexes,\n"
	"                     file locks, semaphores and sleeping locks of the kernel; spin locks\n"
	"                     leave no record)\n"
	"      --call NAME    only this system call\n"
	"      --pid N        only this process\n"
	"      --from TIME, --to TIME\n"
	"                     only what began then: seconds since the recording began, as the\n"
	"                     viewer prints them (0.102852563), or 450us, 20ms; of the CPUs'\n"
	"                     time what is between them; whose time it was is not told then\n"
	"      --stacks       by function, from the stacks of `ringscope run --stacks`; with\n"
	"                     --folded and --flame whole stacks\n"
	"      --samples      the same, from those of `ringscope run --sample`\n"
	"      --path CALL    the tree of kernel functions in a call, or in all: needs a\n"
	"                     recording of `ringscope run --functions`; of an exact one what\n"
	"                     recording them costs is told apart\n"
	"      --flame FILE   write a flame graph, an SVG that zooms in a browser\n"
	"      --heatmap FILE write when calls and faults happened, and how long each took, an SVG\n"
	"      --folded       print folded stacks instead, for other tools\n"
	"      --json         for programs; all rows\n"
	"      --help         this text\n"
	"\n"
	"self is work and exit, exit what comes after a call's result is known; what comes before\n"
	"its record is made, some instructions, is charged to ring 3.  untraced is self without\n"
	"what making the records took, at the shortest time between two records of this run.\n"
	"\n"
	"exit status: 0; 2 usage or input/output; 3 the recording is incomplete, and what is\n"
	"said holds for the part that was recorded.\n";

struct request {
	struct profile_config config;
	const char *flame, *heatmap;
	unsigned stacks;  /* group STACK: which are asked for; 0: none */
	const char *path; /* call whose functions are asked for, "all" for all of them */
	struct heatmap heat;
	int64_t until; /* --to; 0: to the end */
	bool folded, json;
	bool exact;
	bool gaps; /* records are missing */
};

static void rows_json(struct buffer *b, const struct profile *p)
{
	for (uint32_t i = 0; i < p->row_count; i++) {
		const struct profile_row *w = &p->rows[i];

		buffer_string(b, i ? ",\n    {\"what\": " : "\n    {\"what\": ");
		buffer_json(b, w->name);
		buffer_printf(
			b,
			", \"count\": %" PRIu64 ", \"errors\": %" PRIu64 ", \"total\": %" PRId64
			", \"self\": %" PRId64 ", \"untraced\": %" PRId64 ", \"records\": %" PRIu64
			", \"exit\": %" PRId64 ", \"nested\": %" PRId64 ", \"blocked\": %" PRId64
			", \"ready\": %" PRId64 ", \"ring_wait\": %" PRId64 ", \"p50\": %" PRId64
			", \"p90\": %" PRId64 ", \"p99\": %" PRId64 ", \"p99_9\": %" PRId64
			", \"max\": %" PRId64 ", \"longest_event\": %" PRIu64 "}",
			w->count, w->errors, w->total, w->self, profile_untraced(p, w), w->records,
			w->leaving, w->nested, w->blocked, w->ready, w->held, w->p50, w->p90,
			w->p99, w->p999, w->longest, w->example);
	}
}

static void profile_json(struct buffer *b, const struct request *r, const struct profile *p,
			 sqlite3 *db)
{
	buffer_printf(b, "{\n  \"unit\": \"%s\",\n  \"rows\": [", r->exact ? "instructions" : "ns");
	rows_json(b, p);
	buffer_string(b, "],\n  \"waits\": [");
	for (uint32_t i = 0; i < p->wait_count; i++) {
		const struct profile_wait *w = &p->waits[i];
		const char *label = enum_label(KIND_WAIT, w->wait);

		buffer_string(b, i ? ",\n    {\"waiter\": " : "\n    {\"waiter\": ");
		buffer_json(b, w->waiter);
		buffer_string(b, ", \"waker\": ");
		buffer_json(b, w->waker);
		buffer_printf(b,
			      ", \"for\": \"%s\", \"count\": %" PRIu64 ", \"total\": %" PRId64
			      ", \"longest\": %" PRId64 "}",
			      label ? label : "?", w->count, w->total, w->longest);
	}
	buffer_string(b, "],\n  \"shares\": [");
	for (uint32_t i = 0; i < p->share_count; i++) {
		const struct profile_share *s = &p->shares[i];

		buffer_string(b, i ? ",\n    {\"who\": " : "\n    {\"who\": ");
		buffer_json(b, s->name);
		buffer_printf(b,
			      ", \"user\": %" PRId64 ", \"kernel\": %" PRId64
			      ", \"blocked\": %" PRId64 ", \"ready\": %" PRId64 "}",
			      s->user, s->kernel, s->blocked, s->ready);
	}
	buffer_printf(b, "],\n  \"records\": %" PRIu64 ",\n  \"record_ns\": %" PRId64,
		      p->walk.events, p->walk.record_ns);
	buffer_printf(
		b,
		",\n  \"elapsed\": %" PRId64 ", \"user\": %" PRId64 ", \"kernel\": %" PRId64
		", \"idle\": %" PRId64 ", \"error\": %" PRId64 ", \"ring_wait\": %" PRId64
		",\n  \"switches\": %" PRIu64 ", \"wakeups\": %" PRIu64 ", \"strays\": %" PRIu64,
		p->elapsed, p->user, p->kernel, p->idle, p->elapsed - p->user - p->kernel - p->idle,
		p->held, p->walk.switches, p->walk.wakeups, p->walk.strays);
	loss_json(b, db);
	buffer_string(b, "\n}\n");
}

static int file_write(const char *path, const struct buffer *b)
{
	FILE *f = fopen(path, "w");
	bool good = f && fwrite(buffer_text(b), 1, b->length, f) == b->length;
	struct error why = { 0 };

	if (f && fclose(f))
		good = false;
	if (good)
		return 0;
	error_set(&why, 2, "%s: %s", path, strerror(errno));
	return complain(&why);
}

static int profile_print(const struct request *r, const struct profile *p, const char *command,
			 sqlite3 *db)
{
	struct buffer b = { 0 };
	int status = 0;

	if (r->flame) {
		flame_svg(&b, p, command, r->exact ? "instructions" : "ns");
		status = file_write(r->flame, &b);
		buffer_clear(&b);
	}
	if (r->heatmap && !status) {
		heatmap_svg(&b, &r->heat, command, r->exact ? "instructions" : "ns");
		status = file_write(r->heatmap, &b);
		buffer_clear(&b);
	}
	if (r->folded) {
		flame_folded(&b, p);
	} else if (r->json) {
		profile_json(&b, r, p, db);
	} else {
		profile_text(&b, p,
			     &(struct profile_style){ .exact = r->exact,
						      .gaps = r->gaps,
						      .ranged = r->config.to != 0 });
	}
	if (fputs(buffer_text(&b), stdout) < 0 || fflush(stdout))
		status = 2;
	buffer_free(&b);
	return status;
}

/* A time of the command line.  0 or -1. */
static int time_take(int64_t *time)
{
	const char *rest = "";

	*time = duration_read(optarg, &rest);
	return *time < 0 || *rest ? -1 : 0;
}

static int option_take(struct request *r, int option)
{
	char *end;
	int by;

	switch (option) {
	case 'b':
		by = profile_by_name(optarg);
		r->config.by = by < 0 ? PROFILE_CALL : by;
		return by < 0 ? -1 : 0;
	case 'c':
		r->config.call = optarg;
		return 0;
	case 'p':
		errno = 0;
		r->config.pid = strtoll(optarg, &end, 10);
		return errno || end == optarg || *end || r->config.pid < 0 ? -1 : 0;
	case 'a':
		return time_take(&r->config.from);
	case 'z':
		return time_take(&r->until) || !r->until ? -1 : 0;
	case 'f':
		r->flame = optarg;
		return 0;
	case 's':
		r->stacks = STACK_EVENT;
		return 0;
	case 'S':
		r->stacks = STACK_SAMPLE;
		return 0;
	case 'P':
		r->path = optarg;
		return 0;
	case 'H':
		r->heatmap = optarg;
		r->config.heatmap = &r->heat;
		return 0;
	case 'F':
		r->folded = true;
		return 0;
	case 'j':
		r->json = true;
		return 0;
	default:
		return -1;
	}
}

static int functions_print(const struct request *r, sqlite3 *db)
{
	const bool all = strcmp(r->path, "all") == 0;
	struct functions f;
	struct error why = { 0 };
	struct buffer b = { 0 };
	int status = functions_make(&f, db, all ? NULL : r->path, r->config.pid, NULL, &why);

	if (!status && !f.recorded)
		status = error_set(&why, 3,
				   "the recording has no kernel functions: make one with ringscope"
				   " run --functions '%s:*'",
				   all ? "*" : r->path);
	else if (!status && !f.count)
		status = error_set(&why, 2, "no call %s in the recording", r->path);
	else if (!status && !(r->json ? profile_tree_json : profile_tree_print)(&b, &f, r->exact))
		status = error_set(&why, 2, "cannot print the functions: out of memory");
	if (!status && (fputs(buffer_text(&b), stdout) < 0 || fflush(stdout)))
		status = error_set(&why, 2, "standard output: %s", strerror(errno));
	buffer_free(&b);
	functions_free(&f);
	return status ? complain(&why) : 0;
}

static int stacks_write(const struct request *r, const struct stacks *s, const char *command)
{
	struct buffer b = { 0 };
	int status = 0;

	if (r->flame) {
		flame_svg(&b, &s->tree, command, r->stacks == STACK_SAMPLE ? "samples" : "stacks");
		status = file_write(r->flame, &b);
		buffer_clear(&b);
	}
	if (r->folded)
		flame_folded(&b, &s->tree);
	else if (r->json)
		profile_stacks_json(&b, s);
	else
		profile_stacks_print(&b, s);
	if (fputs(buffer_text(&b), stdout) < 0 || fflush(stdout))
		status = 2;
	buffer_free(&b);
	return status;
}

static int stacks_print(const struct request *r, sqlite3 *db)
{
	const char *option = r->stacks == STACK_SAMPLE ? "--sample 99" : "--stacks '*'";
	struct stacks s;
	struct error why = { 0 };
	char command[256];
	int status = stacks_make(&s, db, r->stacks, r->config.pid, &why);

	meta_text(db, "command", command, sizeof(command));
	if (!status && !s.count)
		status = error_set(&why, 3,
				   "the recording has no such stacks: make one with ringscope run"
				   " %s",
				   option);
	if (status)
		complain(&why);
	else
		status = stacks_write(r, &s, command);
	for (unsigned i = 0; !status && unwind_complaint(s.unwind, i); i++)
		fprintf(stderr, "ringscope: %s\n", unwind_complaint(s.unwind, i));
	stacks_free(&s);
	return status;
}

/* The range that is asked for of a recording of this length, ns; none leaves it whole.
 * 0 or 2. */
static int range_set(struct request *r, int64_t length, struct error *why)
{
	struct profile_config *c = &r->config;

	if (c->from > length)
		return error_set(why, 2,
				 "--from: the recording ends at %" PRId64 ".%09" PRId64 " s",
				 length / 1000000000, length % 1000000000);
	if (c->from || r->until)
		c->to = r->until ? r->until : length + 1;
	r->heat.from = c->from;
	r->heat.length = (c->to && c->to < length ? c->to : length) - c->from;
	return 0;
}

static int range_check(const struct request *r)
{
	struct error why = { 0 };

	if (!r->config.from && !r->until)
		return 0;
	if (r->path || r->stacks)
		error_set(&why, 2, "--from and --to do not go with --path, --stacks, --samples");
	else if (r->until && r->until <= r->config.from)
		error_set(&why, 2, "--to is not after --from");
	return why.status ? complain(&why) : 0;
}

static int trace_profile(struct request *r, const char *path)
{
	struct error why = { 0 };
	struct profile p;
	char command[256];
	sqlite3 *db;
	int status;

	if (trace_open_index(&db, path, progress_show, &why))
		return complain(&why);
	r->exact = meta_integer(db, "icount", 0) == 1;
	r->gaps = sql_integer(db, "SELECT count(*) FROM loss", 0) > 0;
	meta_text(db, "command", command, sizeof(command));
	if (r->path || r->stacks) {
		status = r->path ? functions_print(r, db) : stacks_print(r, db);
		if (!status) {
			loss_tell(db, path);
			return facts_end(db, true);
		}
		sqlite3_close_v2(db);
		return status;
	}
	status = range_set(r, meta_integer(db, "duration", 0), &why);
	if (!status)
		status = profile_make(&p, db, &r->config, NULL, &why);
	if (status) {
		sqlite3_close_v2(db);
		return complain(&why);
	}
	status = profile_print(r, &p, command, db);
	profile_free(&p);
	loss_tell(db, path);
	return facts_end(db, status == 0);
}

int profile_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "by", required_argument, NULL, 'b' },
		{ "call", required_argument, NULL, 'c' },
		{ "pid", required_argument, NULL, 'p' },
		{ "from", required_argument, NULL, 'a' },
		{ "to", required_argument, NULL, 'z' },
		{ "path", required_argument, NULL, 'P' },
		{ "stacks", no_argument, NULL, 's' },
		{ "samples", no_argument, NULL, 'S' },
		{ "flame", required_argument, NULL, 'f' },
		{ "heatmap", required_argument, NULL, 'H' },
		{ "folded", no_argument, NULL, 'F' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static struct request r = { .config = { .pid = -1 } };
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return fputs(help, stdout) < 0 ? 2 : 0;
		if (option_take(&r, option))
			return complain_usage("profile",
					      "unknown option or bad value:", argv[optind - 1], 2);
	}
	if (argc - optind > 1)
		return complain_usage("profile", "more than one file:", argv[optind + 1], 2);
	if (range_check(&r))
		return 2;
	return trace_profile(&r, optind < argc ? argv[optind] : "trace.db");
}
