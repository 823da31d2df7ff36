/* ringscope crash: why a program died, or the kernel panicked. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracer/buffer.h"
#include "tracer/cli/command.h"
#include "tracer/cli/facts.h"
#include "tracer/crash/core.h"
#include "tracer/crash/story.h"
#include "tracer/symbols/symbol.h"
#include "tracer/decode/names.h"
#include "tracer/reader.h"
#include "tracer/salvage/vmcore.h"
#include "tracer/vm/files.h"

static const char help[] =
	"usage: ringscope crash [OPTION]... [TRACE]\n"
	"       ringscope crash --core PID [-o FILE] [TRACE]\n"
	"       ringscope crash --vmcore FILE [TRACE]\n"
	"\n"
	"Tells the story of each program that died of a signal in a recording (default:\n"
	"trace.db), and of a panic of the kernel: where, why, what was mapped there, who\n"
	"called, what happened before.  [N] is the event that says so; (?) marks what was\n"
	"concluded, not recorded.  Names and lines come from the files of this machine, as far\n"
	"as they are still those that ran, by their build ids; what is not is named.\n"
	"\n"
	"With --core, writes the ELF core file of a process that died of a signal, for `gdb\n"
	"PROGRAM core`: threads, registers, memory, mapped files.  Nothing else is needed.\n"
	"\n"
	"With --vmcore, writes the memory of a kernel that panicked or hung as an ELF core for\n"
	"`gdb kernel.elf FILE -x FILE.gdb`, where `ps` lists CPUs and threads, and `cpu N` and\n"
	"`task TID` go to one, with its stack.\n"
	"\n"
	"options:\n"
	"      --pid N        only this process\n"
	"      --core PID     write its core file; `last`: of the last one that died\n"
	"  -o, --output FILE  where to (default: core.PID)\n"
	"      --kernel FILE  the kernel that ran, for its symbols\n"
	"      --root DIR     the guest's files are there now, for their symbols\n"
	"      --json         for programs\n"
	"      --help         this text\n"
	"\n"
	"exit status: 0 nothing crashed; 1 something did; 2 usage or input/output; 3 the\n"
	"recording is incomplete, and nothing crashed in what there is of it.\n";

struct request {
	const char *kernel, *root, *output, *vmcore;
	bool core;
	int64_t pid; /* -1: all */
	bool json;
};

static const char *const section_names[] = {
#define SECTION(id, name, heading) name,
	STORY_SECTIONS(SECTION)
#undef SECTION
};

static const char *const section_headings[] = {
#define SECTION(id, name, heading) heading,
	STORY_SECTIONS(SECTION)
#undef SECTION
};

static void fact_print(struct buffer *b, const struct fact *f)
{
	buffer_string(b, "  ");
	buffer_clean(b, f->text);
	if (f->deduced)
		buffer_string(b, " (?)");
	if (f->event)
		buffer_printf(b, " [%" PRIu64 "]", f->event);
	buffer_char(b, '\n');
}

static void story_print(struct buffer *b, const struct story *s)
{
	for (unsigned section = 0; section < STORY_SECTION_COUNT; section++) {
		bool headed = false;

		for (unsigned i = 0; i < s->count; i++) {
			if (s->facts[i].section != section)
				continue;
			if (!headed)
				buffer_printf(b, "%s\n", section_headings[section]);
			headed = true;
			fact_print(b, &s->facts[i]);
		}
	}
}

static void story_json(struct buffer *b, const struct story *s)
{
	struct buffer signal = { 0 };

	signal_print(&signal, s->signal);
	buffer_printf(b, "{\"kind\": \"%s\", \"event\": %" PRIu64 ", \"pid\": %u, \"tid\": %u, ",
		      s->panic ? "panic" : "signal", s->event, s->pid, s->tid);
	buffer_string(b, "\"signal\": ");
	buffer_json(b, s->panic ? "" : buffer_text(&signal));
	buffer_string(b, ", \"cause\": ");
	buffer_json(b, s->cause);
	buffer_string(b, ", \"function\": ");
	buffer_json(b, s->symbol);
	buffer_string(b, ",\n    \"facts\": [");
	for (unsigned i = 0; i < s->count; i++) {
		const struct fact *f = &s->facts[i];

		buffer_printf(b,
			      "%s\n      {\"section\": \"%s\", \"event\": %" PRIu64
			      ", \"deduced\": %s, \"text\": ",
			      i ? "," : "", section_names[f->section], f->event,
			      f->deduced ? "true" : "false");
		buffer_json(b, f->text);
		buffer_char(b, '}');
	}
	buffer_string(b, "]}");
	buffer_free(&signal);
}

/* Print the stories asked for; how many. */
static unsigned stories_print(struct buffer *b, const struct request *r, struct reader *reader,
			      const struct crashes *all, struct symbols *symbols)
{
	unsigned told = 0;

	for (unsigned i = 0; i < all->count; i++) {
		const struct crash *c = &all->crash[i];
		struct story s;

		if (r->pid >= 0 && c->pid != r->pid)
			continue;
		story_make(&s, reader, all, c, symbols, r->kernel);
		if (told++)
			buffer_string(b, r->json ? ",\n  " : "\n");
		if (r->json)
			story_json(b, &s);
		else
			story_print(b, &s);
		story_free(&s);
	}
	return told;
}

static int crashes_print(const struct request *r, struct reader *reader, const struct crashes *all)
{
	struct symbols *symbols = symbols_open();
	struct file_places places;
	struct buffer b = { 0 };
	unsigned told;

	if (symbols && r->root) {
		file_places_read(&places, reader_database(reader));
		snprintf(places.root, sizeof(places.root), "%s", r->root);
		symbols_places(symbols, &places, r->kernel);
	}
	if (r->json)
		buffer_string(&b, "{\"crashes\": [\n  ");
	told = stories_print(&b, r, reader, all, symbols);
	if (r->json)
		buffer_printf(&b, "],\n  \"not_told\": %" PRIu64 ", \"complete\": %s}\n", all->more,
			      reader_complete(reader) ? "true" : "false");
	else if (!told)
		buffer_string(&b, "nothing crashed\n");
	else if (all->more)
		buffer_printf(&b, "\nand %" PRIu64 " more\n", all->more);
	symbols_close(symbols);
	if (fputs(buffer_text(&b), stdout) < 0 || fflush(stdout)) {
		buffer_free(&b);
		return 2;
	}
	buffer_free(&b);
	if (!reader_complete(reader))
		fprintf(stderr, "ringscope: the recording is incomplete: it was cut off\n");
	return told ? 1 : reader_complete(reader) ? 0 : 3;
}

static const char *signal_name(int signal, struct buffer *b)
{
	signal_print(b, signal);
	return buffer_text(b);
}

/* Why there is no core of a process, in one line. */
static int core_absent(const struct request *r, struct reader *reader)
{
	struct crashes all = { 0 };
	struct error why = { 0 };
	struct buffer name = { 0 };
	const struct crash *died = NULL;
	int status = crashes_find(&all, reader, &why);

	if (status)
		return complain(&why);
	for (unsigned i = 0; i < all.count; i++)
		if (!all.crash[i].panic && (r->pid < 0 || all.crash[i].pid == r->pid))
			died = &all.crash[i];
	if (!died && r->pid < 0)
		error_set(&why, 2, "no program died of a signal in this recording: no core");
	else if (!died)
		error_set(&why, 2,
			  "process %" PRId64 " died of no signal in this recording: no core",
			  r->pid);
	else
		error_set(&why, 2,
			  "no core of process %u in this recording: %s makes none, or --core-limit "
			  "was 0",
			  died->pid, signal_name((int)(died->status & 0x7f), &name));
	buffer_free(&name);
	crashes_free(&all);
	return complain(&why);
}

static int trace_core(const struct request *r, struct reader *reader)
{
	sqlite3 *db = reader_database(reader);
	struct error why = { 0 };
	struct core_file core;
	char name[32];
	int status = core_find(&core, db, r->pid, &why);

	if (status < 0)
		return complain(&why);
	if (status == 0)
		return core_absent(r, reader);
	snprintf(name, sizeof(name), "core.%u", core.pid);
	status = core_write(db, &core, r->output ? r->output : name, &why);
	if (status)
		return complain(&why);
	if (core.bytes < 0)
		fprintf(stderr, "ringscope: the core is cut off: the recording ended before it "
				"did\n");
	if (core.omitted)
		fprintf(stderr,
			"ringscope: %" PRId64 " KiB of the largest pieces of memory are not in the "
			"core: run --core-limit takes more\n",
			core.omitted >> 10);
	return core.bytes < 0 || core.omitted ? 3 : 0;
}

static int trace_vmcore(const struct request *r, struct reader *reader)
{
	struct error why = { 0 };
	struct ram ram;
	int status = ram_of_trace(&ram, reader_database(reader), &why);

	if (status)
		return complain(&why);
	status = vmcore_write(r->vmcore, &ram, NULL, &why);
	ram_close(&ram);
	return status ? complain(&why) : 0;
}

static int trace_crash(struct request r, const char *path)
{
	struct error why = { 0 };
	struct files files = { 0 };
	struct crashes all = { 0 };
	struct reader *reader;
	int status;

	status = reader_open(&reader, path, &why);
	if (status)
		return complain(&why);
	if (r.core || r.vmcore) {
		status = r.core ? trace_core(&r, reader) : trace_vmcore(&r, reader);
		reader_close(reader);
		return status;
	}
	if (r.kernel && !realpath(r.kernel, files.kernel)) {
		error_set(&why, 2, "%s: %s", r.kernel, strerror(errno));
		reader_close(reader);
		return complain(&why);
	}
	if (r.root && access(r.root, R_OK | X_OK)) {
		error_set(&why, 2, "%s: %s", r.root, strerror(errno));
		reader_close(reader);
		return complain(&why);
	}
	if (r.kernel)
		r.kernel = files.kernel;
	else if (files_find(&files, NULL, NULL) == 0)
		r.kernel = files.kernel;
	status = crashes_find(&all, reader, &why);
	status = status ? complain(&why) : crashes_print(&r, reader, &all);
	crashes_free(&all);
	loss_tell(reader_database(reader), path);
	reader_close(reader);
	return status;
}

static bool pid_read(const char *text, int64_t *pid)
{
	char *end = NULL;

	errno = 0;
	*pid = strtoll(text, &end, 10);
	return !errno && end != text && !*end && *pid >= 0 && *pid <= INT32_MAX;
}

int crash_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "pid", required_argument, NULL, 'p' },
		{ "core", required_argument, NULL, 'c' },
		{ "vmcore", required_argument, NULL, 'v' },
		{ "output", required_argument, NULL, 'o' },
		{ "kernel", required_argument, NULL, 'k' },
		{ "root", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct request r = { .pid = -1 };
	bool good = true;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		if (option == 'h')
			return fputs(help, stdout) < 0 ? 2 : 0;
		r.core |= option == 'c';
		if (option == 'p' || (option == 'c' && strcmp(optarg, "last") != 0))
			good = pid_read(optarg, &r.pid);
		if (option == 'k')
			r.kernel = optarg;
		if (option == 'r')
			r.root = optarg;
		if (option == 'v')
			r.vmcore = optarg;
		if (option == 'o')
			r.output = optarg;
		r.json |= option == 'j';
		if (option == '?' || !good)
			return complain_usage("crash",
					      "unknown option or bad value:", argv[optind - 1], 2);
	}
	if (r.output && !r.core)
		return complain_usage("crash", "-o is for --core", NULL, 2);
	if (argc - optind > 1)
		return complain_usage("crash", "more than one file:", argv[optind + 1], 2);
	return trace_crash(r, optind < argc ? argv[optind] : "trace.db");
}
