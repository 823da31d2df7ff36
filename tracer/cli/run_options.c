#include "tracer/cli/run_options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracer/block.h"
#include "tracer/cli/command.h"
#include "tracer/vm/answers.h"
#include "tracer/vm/seeds.h"

/* Of --flight: events take an eighth of that at rest, cores a third. */
#define BLACK_BOX_MIB  2
#define KEEP_MAX_MIB   65536u
#define BLACK_BOX_CORE (256u << 10)

#define RING_BLOCKS_MOST 16384u
#define RING_KIB_MOST    (1024u << 10)
#define BLOCK_KIB_MOST   4096u

enum {
	OPT_CPUS = 256,
	OPT_MEMORY,
	OPT_MODE,
	OPT_KEEP,
	OPT_FILTER,
	OPT_TRIGGER,
	OPT_RING,
	OPT_TABLES,
	OPT_LOSS,
	OPT_ADD,
	OPT_ROOT,
	OPT_RW,
	OPT_TMPFS,
	OPT_TIMEOUT,
	OPT_WATCHDOG,
	OPT_NO_MEMORY,
	OPT_INJECT,
	OPT_SEED,
	OPT_SEEDS,
	OPT_NO_VDSO,
	OPT_ICOUNT,
	OPT_EXACT,
	OPT_KVM,
	OPT_KERNEL,
	OPT_QEMU,
	OPT_LOG,
	OPT_FORCE,
	OPT_VIEW,
	OPT_DATA,
	OPT_CORE_LIMIT,
	OPT_FUNCTIONS,
	OPT_RECORD_REPLAY,
	OPT_ANSWERS,
	OPT_FLIGHT,
	OPT_STACKS,
	OPT_SAMPLE,
	OPT_STACK_BYTES,
};

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "cpus", required_argument, NULL, OPT_CPUS },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "keep", required_argument, NULL, OPT_KEEP },
	{ "filter", required_argument, NULL, OPT_FILTER },
	{ "trigger", required_argument, NULL, OPT_TRIGGER },
	{ "ring", required_argument, NULL, OPT_RING },
	{ "tables", required_argument, NULL, OPT_TABLES },
	{ "on-tracer-loss", required_argument, NULL, OPT_LOSS },
	{ "data", required_argument, NULL, OPT_DATA },
	{ "core-limit", required_argument, NULL, OPT_CORE_LIMIT },
	{ "functions", required_argument, NULL, OPT_FUNCTIONS },
	{ "stacks", required_argument, NULL, OPT_STACKS },
	{ "sample", required_argument, NULL, OPT_SAMPLE },
	{ "stack-bytes", required_argument, NULL, OPT_STACK_BYTES },
	{ "add", required_argument, NULL, OPT_ADD },
	{ "root", required_argument, NULL, OPT_ROOT },
	{ "rw", required_argument, NULL, OPT_RW },
	{ "tmpfs", required_argument, NULL, OPT_TMPFS },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "watchdog", required_argument, NULL, OPT_WATCHDOG },
	{ "no-memory", no_argument, NULL, OPT_NO_MEMORY },
	{ "inject", no_argument, NULL, OPT_INJECT },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "seeds", required_argument, NULL, OPT_SEEDS },
	{ "no-vdso", no_argument, NULL, OPT_NO_VDSO },
	{ "icount", no_argument, NULL, OPT_ICOUNT },
	{ "exact", no_argument, NULL, OPT_EXACT },
	{ "record-replay", no_argument, NULL, OPT_RECORD_REPLAY },
	{ "answers", required_argument, NULL, OPT_ANSWERS },
	{ "kvm", no_argument, NULL, OPT_KVM },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "qemu", required_argument, NULL, OPT_QEMU },
	{ "log", no_argument, NULL, OPT_LOG },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "flight", no_argument, NULL, OPT_FLIGHT },
	{ "view", no_argument, NULL, OPT_VIEW },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* A number between limits; 0 and a message if it is none. */
static int number_read(const char *option, const char *text, unsigned low, unsigned high,
		       unsigned *out)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value < low || value > high) {
		fprintf(stderr, "ringscope: run: %s takes a number from %u to %u, not %s\n", option,
			low, high, text);
		return 0;
	}
	*out = (unsigned)value;
	return 1;
}

/* As the kernel, which checks its command line too. */
static int ring_read(const char *text, struct run_config *c)
{
	unsigned blocks, kib;
	char after;

	if (sscanf(text, "%5ux%5u%c", &blocks, &kib, &after) == 2 && !(blocks & (blocks - 1)) &&
	    !(kib & (kib - 1)) && blocks >= 2 && blocks <= RING_BLOCKS_MOST && kib >= 4 &&
	    kib <= BLOCK_KIB_MOST && blocks * kib <= RING_KIB_MOST) {
		c->ring_blocks = blocks;
		c->ring_kib = kib;
		return 1;
	}
	fprintf(stderr,
		"ringscope: run: --ring takes BLOCKSxKIB, powers of two from 2x4 to 1 GiB in all, as "
		"64x64, not %s\n",
		text);
	return 0;
}

static int mode_read(const char *text, struct run_config *c)
{
	c->mode = text;
	if (strcmp(text, "lossless") == 0 || strcmp(text, "flight") == 0 ||
	    strcmp(text, "drop") == 0 || strcmp(text, "off") == 0)
		return 1;
	fprintf(stderr, "ringscope: run: --mode takes lossless, flight, drop or off, not %s\n",
		text);
	return 0;
}

/* A size of at most so many MiB: 64M, 1G. */
static int size_read(const char *option, const char *text, unsigned most, unsigned *mib)
{
	unsigned size;
	char unit, after;

	if (sscanf(text, "%6u%c%c", &size, &unit, &after) == 2 && (unit == 'M' || unit == 'G') &&
	    size >= 1 && size <= (unit == 'G' ? most / 1024 : most)) {
		*mib = unit == 'G' ? size * 1024 : size;
		return 1;
	}
	fprintf(stderr, "ringscope: run: %s takes a size from 1M to %uM, not %s\n", option, most,
		text);
	return 0;
}

/* A size in bytes: 0, 512K, 64M, 1G. */
static int core_limit_read(const char *text, struct run_config *c)
{
	unsigned size = 0;
	char unit = 0, after;
	const int got = sscanf(text, "%6u%c%c", &size, &unit, &after);

	c->core_limit = (uint64_t)size << (unit == 'K' ? 10 : unit == 'M' ? 20 : 30);
	if ((got == 1 && !size) || (got == 2 && strchr("KMG", unit)))
		return 1;
	fprintf(stderr, "ringscope: run: --core-limit takes a size as 64M, or 0, not %s\n", text);
	return 0;
}

static int rule_read(struct run_lists *lists, const char *text, bool trigger)
{
	struct buffer *texts = trigger ? &lists->triggers : &lists->filters;
	struct error why = { 0 };

	if (trigger ? rules_trigger(&lists->rules, text, &why)
		    : rules_filter(&lists->rules, text, &why)) {
		fprintf(stderr, "ringscope: run: --%s %s\n", trigger ? "trigger" : "filter",
			why.text);
		return 0;
	}
	if (texts->length)
		buffer_char(texts, '\n');
	buffer_string(texts, text);
	return 1;
}

bool tables_when_ok(const char *text)
{
	return strcmp(text, "live") == 0 || strcmp(text, "end") == 0 || strcmp(text, "none") == 0;
}

static int tables_read(const char *text, struct run_config *c)
{
	c->tables = text;
	if (tables_when_ok(text))
		return 1;
	fprintf(stderr, "ringscope: run: --tables takes live, end or none, not %s\n", text);
	return 0;
}

static int loss_read(const char *text, struct run_config *c)
{
	c->on_tracer_loss = strcmp(text, "stop") == 0 ? NULL : text;
	if (!c->on_tracer_loss || strcmp(text, "go-on") == 0 || strcmp(text, "wait") == 0)
		return 1;
	fprintf(stderr, "ringscope: run: --on-tracer-loss takes stop, go-on or wait, not %s\n",
		text);
	return 0;
}

static int seed_read(const char *text, struct run_config *c)
{
	char *end;

	errno = 0;
	c->seed = strtoull(text, &end, 0);
	c->seeded = true;
	if (!errno && end != text && !*end)
		return 1;
	fprintf(stderr, "ringscope: run: --seed takes a number, not %s\n", text);
	return 0;
}

/* A..B, in order and not too many. */
static int seeds_read(const char *text, struct run_lists *lists)
{
	unsigned long long first, last;
	char after;

	if (isdigit((unsigned char)*text) &&
	    sscanf(text, "%llu..%llu%c", &first, &last, &after) == 2 && first <= last &&
	    last - first < SEEDS_MAX) {
		lists->seeds = true;
		lists->first_seed = first;
		lists->last_seed = last;
		return 1;
	}
	fprintf(stderr, "ringscope: run: --seeds takes A..B, as 1..100, at most %d, not %s\n",
		SEEDS_MAX, text);
	return 0;
}

static int list_add(const char *option, char **list, unsigned *count, char *text)
{
	if (*count < LIST_MAX) {
		list[(*count)++] = text;
		return 1;
	}
	fprintf(stderr, "ringscope: run: %s: at most %d times\n", option, LIST_MAX);
	return 0;
}

/* --flight: what keeps the file small, and the crash in it. */
static int black_box_set(struct run_config *c, struct run_lists *lists)
{
	c->mode = "flight";
	c->tables = "none";
	c->core_limit = BLACK_BOX_CORE;
	c->no_memory = true;
	if (!lists->flight && !rule_read(lists, "crash", true))
		return 0;
	return lists->flight = true;
}

/* One option; 0 if it is wrong, said already or by getopt. */
static int option_take(int option, struct run_config *c, struct run_lists *lists)
{
	switch (option) {
	case 'o':
		c->output = optarg;
		return 1;
	case OPT_CPUS:
		return number_read("--cpus", optarg, 1, TRACE_CPUS_MAX, &c->cpus);
	case OPT_MEMORY:
		return number_read("--memory", optarg, 64, 1 << 20, &c->memory);
	case OPT_TIMEOUT:
		return number_read("--timeout", optarg, 1, 1 << 30, &c->timeout);
	case OPT_WATCHDOG:
		return number_read("--watchdog", optarg, 0, 1 << 20, &c->watchdog);
	case OPT_NO_MEMORY:
		return c->no_memory = true;
	case OPT_INJECT:
		return c->inject = true;
	case OPT_MODE:
		return mode_read(optarg, c);
	case OPT_DATA:
		return number_read("--data", optarg, 0, 256, &c->data);
	case OPT_CORE_LIMIT:
		return core_limit_read(optarg, c);
	case OPT_KEEP:
		return size_read("--keep", optarg, KEEP_MAX_MIB, &c->keep);
	case OPT_FILTER:
		return rule_read(lists, optarg, false);
	case OPT_TRIGGER:
		return rule_read(lists, optarg, true);
	case OPT_RING:
		return ring_read(optarg, c);
	case OPT_TABLES:
		return tables_read(optarg, c);
	case OPT_LOSS:
		return loss_read(optarg, c);
	case OPT_SEED:
		return seed_read(optarg, c);
	case OPT_SEEDS:
		return seeds_read(optarg, lists);
	case OPT_ADD:
		return list_add("--add", lists->add, &lists->adds, optarg);
	case OPT_RW:
		return list_add("--rw", lists->rw, &lists->rws, optarg);
	case OPT_TMPFS:
		return list_add("--tmpfs", lists->tmpfs, &lists->tmpfss, optarg);
	case OPT_STACKS:
		return list_add("--stacks", lists->stacks, &lists->stack_count, optarg);
	case OPT_SAMPLE:
		return number_read("--sample", optarg, 1, 100000, &c->sample);
	case OPT_STACK_BYTES:
		return number_read("--stack-bytes", optarg, 8, 65536, &c->stack_bytes);
	case OPT_FUNCTIONS:
		return list_add("--functions", lists->functions, &lists->function_count, optarg);
	case OPT_ROOT:
		c->root = optarg;
		return 1;
	case OPT_QEMU:
		return list_add("--qemu", lists->qemu, &lists->qemus, optarg);
	case OPT_KERNEL:
		c->kernel = optarg;
		return 1;
	case OPT_NO_VDSO:
		return c->no_vdso = true;
	case OPT_ICOUNT:
		return c->icount = true;
	case OPT_EXACT:
		return c->exact = c->icount = true;
	case OPT_FLIGHT:
		return black_box_set(c, lists);
	case OPT_ANSWERS:
		return size_read("--answers", optarg, ANSWERS_MAX_MIB, &c->answers);
	case OPT_RECORD_REPLAY:
		return c->record_replay = c->exact = c->icount = true;
	case OPT_KVM:
		return c->kvm = true;
	case OPT_LOG:
		return c->show_log = true;
	case OPT_VIEW:
		return lists->view = true;
	case OPT_FORCE:
		return c->force = true;
	default:
		return complain_usage("run", "unknown or incomplete option", NULL, 0);
	}
}

/* Options up to the first word of the command.  -1: go on, else an exit status. */
static struct run_config config_default(struct run_lists *lists)
{
	return (struct run_config){
		.output = "trace.db",
		.mode = "lossless",
		.cpus = 1,
		.memory = 512,
		.watchdog = 20,
		.ring_blocks = 64,
		.ring_kib = 64,
		.core_limit = 64u << 20,
		.data = 32,
		.rules = &lists->rules,
		.adds = lists->add,
		.qemu = lists->qemu,
		.rws = lists->rw,
		.tmpfs = lists->tmpfs,
		.functions = lists->functions,
		.stacks = lists->stacks,
		.progress = progress_show,
	};
}

int run_options_read(int argc, char **argv, struct run_config *c, struct run_lists *lists,
		     const char *help)
{
	int option;

	*c = config_default(lists);
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+o:h", options, NULL)) != -1) {
		if (option == 'h')
			return fputs(help, stdout) < 0 ? 125 : 0;
		if (!option_take(option, c, lists))
			return 125;
	}
	if (c->exact && c->cpus > 1)
		return complain_usage("run", "--exact is for one CPU", NULL, 125);
	if (lists->seeds && (!c->exact || c->seeded))
		return complain_usage("run", "--seeds is for --exact, without --seed", NULL, 125);
	if (c->exact && c->kvm)
		return complain_usage("run", "--exact counts instructions, which --kvm cannot",
				      NULL, 125);
	if (c->exact && (lists->rules.count || strcmp(c->mode, "lossless") != 0))
		return complain_usage(
			"run", "--exact records all: it takes no --filter, --trigger or --mode",
			NULL, 125);
	if (c->exact && c->on_tracer_loss)
		return complain_usage("run", "--exact ends with its tracer: it takes no",
				      "--on-tracer-loss", 125);
	if (c->exact && isatty(STDIN_FILENO))
		return complain_usage("run", "--exact: a terminal is no exact input; redirect it",
				      "(< /dev/null)", 125);
	if ((lists->function_count || lists->stack_count || c->sample) &&
	    strcmp(c->mode, "off") == 0)
		return complain_usage("run", "--mode off records nothing: no functions, no stacks",
				      NULL, 125);
	if (c->icount && c->cpus > 1)
		return complain_usage("run", "--icount is for one CPU", NULL, 125);
	if (c->answers && !c->record_replay)
		return complain_usage("run", "--answers is for --record-replay", NULL, 125);
	if (c->keep && strcmp(c->mode, "flight") != 0)
		return complain_usage("run", "--keep is for --mode flight", NULL, 125);
	if (lists->flight && !c->keep)
		c->keep = BLACK_BOX_MIB;
	c->filters = buffer_text(&lists->filters);
	c->triggers = buffer_text(&lists->triggers);
	return -1;
}

int run_command_read(int argc, char **argv, struct run_config *config, struct run_lists *lists,
		     const char *help)
{
	const int status = run_options_read(argc, argv, config, lists, help);

	if (status >= 0)
		return status;
	if (optind == argc)
		return complain_usage(argv[0], "no command given", NULL, 125);
	config->argv = argv + optind;
	return -1;
}

int run_options(int argc, char **argv, struct run_config *config, const char *help)
{
	static struct run_lists lists;
	const int status = run_command_read(argc, argv, config, &lists, help);

	if (status < 0 && (lists.seeds || lists.view))
		return complain_usage(argv[0], "--seeds and --view are for `ringscope run`", NULL,
				      125);
	return status;
}
