/* ringscope run: options. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracer/block.h"
#include "tracer/buffer.h"
#include "tracer/cli/command.h"
#include "tracer/cli/run_options.h"
#include "tracer/crash/blackbox.h"
#include "tracer/store/store.h"
#include "tracer/vm/files.h"
#include "tracer/vm/program.h"
#include "tracer/vm/run.h"
#include "tracer/vm/seeds.h"

#define LIST_MAX 256

/* Of --flight: events take an eighth of that at rest, cores a third. */
#define BLACK_BOX_MIB  2
#define BLACK_BOX_CORE (256u << 10)

#define OPTIONS_HELP                                                                               \
	"options:\n"                                                                               \
	"  -o, --output FILE       the trace (default: trace.db); an older trace is replaced,\n"   \
	"                          any other file is not touched\n"                                \
	"      --force             replace whatever file is there\n"                               \
	"      --view              the guest's terminal beside the animation of what it causes;\n" \
	"                          Ctrl-] gives the keys to the one or the other, q ends it\n"     \
	"      --cpus N            CPUs of the guest, 1 to 64 (default: 1)\n"                      \
	"      --memory MIB        memory of the guest (default: 512)\n"                           \
	"      --mode MODE         lossless: wait when the ring is full (default); drop: count\n"  \
	"                          what does not fit; flight: keep the last and store it at a\n"   \
	"                          trigger and at the end; off: record nothing\n"                  \
	"      --keep SIZE         what a flight recorder keeps, all CPUs together, as 64M\n"      \
	"      --flight            a black box, to be left on: --mode flight --keep 2M, stored\n"  \
	"                          when a program or the kernel crashes, and with it symbols\n"    \
	"                          and source lines: a small file that tells the crash\n"          \
	"                          anywhere, where neither program nor kernel are\n"               \
	"      --filter FILTER     record only what FILTER keeps; may be repeated\n"               \
	"      --trigger TRIGGER   mark the moment, and store what a flight recorder has kept;\n"  \
	"                          may be repeated\n"                                              \
	"      --functions CALLS:FUNCTIONS\n"                                                      \
	"                          record entry and exit of kernel functions in these calls,\n"    \
	"                          as 'read:*'; may be repeated; see below\n"                      \
	"      --stacks WHERE      record the stacks of program and kernel at calls, kernel\n"     \
	"                          functions and events, as 'openat,page_fault'; see below\n"      \
	"      --sample HZ         and of what runs, so often a second\n"                          \
	"      --stack-bytes N     of a program's stack, for each (default: 4096)\n"               \
	"      --ring BLOCKSxKIB   trace ring of each CPU (default: 64x64)\n"                      \
	"      --tables WHEN       make tables for SQL live, while it is recorded (default), at\n" \
	"                          the end, or none: the smallest file, ringscope makes them\n"    \
	"                          when they are asked for\n"                                      \
	"      --on-tracer-loss WHAT\n"                                                            \
	"                          when this program dies or the trace port closes: stop the\n"    \
	"                          guest (default), let it go-on unrecorded, or wait where it\n"   \
	"                          would lose a record; `ringscope attach` takes over\n"           \
	"      --core-limit SIZE   memory kept of a program that dies, as 16M (default: 64M);\n"   \
	"                          0: no core file\n"                                              \
	"      --data N            bytes kept of what calls read and write, 0 to 256\n"            \
	"                          (default: 32)\n"                                                \
	"      --add HOST[:GUEST]  pack a file or directory of the host; may be repeated\n"        \
	"      --root DIR          show DIR as the guest's root, read-only (default: / for\n"      \
	"                          dynamic programs, else only what is packed); --add then\n"      \
	"                          goes to /tmp or /run only\n"                                    \
	"      --rw DIR[:GUEST]    let the guest write to DIR of the host; may be repeated\n"      \
	"      --tmpfs DIR         memory at DIR of the guest; may be repeated\n"                  \
	"      --timeout SECONDS   end a guest that runs longer\n"                                 \
	"      --watchdog SECONDS  a kernel that makes no progress for so long hangs, and the\n"   \
	"                          run ends (default: 20; 0: never)\n"                             \
	"      --no-memory         of a kernel that dies do not keep the memory in the trace\n"    \
	"      --inject            let programs break the kernel, to see what is told of it:\n"    \
	"                          echo NAME >/proc/ringscope; kernel/main/inject.c has them\n"    \
	"      --seed NUMBER       for addresses and random numbers (default: random); with\n"     \
	"                          --exact also when threads take turns\n"                         \
	"      --seeds A..B        --exact with each of these seeds: says which make COMMAND\n"    \
	"                          fail, keeps the trace and the output of the first that\n"       \
	"                          does (else of the last) and has its exit status\n"              \
	"      --no-vdso           have programs ask the kernel for the time: with the vDSO\n"     \
	"                          such calls never cross, and the trace has none of them\n"       \
	"      --icount            count instructions for time: one instruction, one ns\n"         \
	"      --exact             the same, and nothing of the host comes at its own time: two\n" \
	"                          runs with the same input give the same trace, to the\n"         \
	"                          instruction; input is read before it begins; no vDSO\n"         \
	"      --record-replay     the same, and keep what `ringscope replay` needs, also\n"       \
	"                          of the host's files: up to 256 MiB of what is read\n"           \
	"      --kvm               use the host's CPU directly\n"                                  \
	"      --kernel FILE       another kernel; also $RINGSCOPE_KERNEL\n"                       \
	"      --qemu ARG          a further argument for QEMU; may be repeated;\n"                \
	"                          $RINGSCOPE_QEMU names another QEMU\n"                           \
	"      --log               kernel log to standard error\n"                                 \
	"      --help              this text\n"                                                    \
	"\n"

#define RULES_HELP                                                                                  \
	"filters: terms that all must hold, as --filter 'call=openat,read result<0'; a record is\n" \
	"kept if one of the filters keeps it.  Who runs and who is who is always recorded.\n"       \
	"  event=NAME,...     page_fault, wakeup, ... or syscall, fault, exception, interrupt,\n"   \
	"                     nmi, sched, signal, memory\n"                                         \
	"  call=NAME,...      system calls\n"                                                       \
	"  result OP VALUE    number or error, as result=ENOENT or result<0\n"                      \
	"  latency OP TIME    of a call, as latency>5ms\n"                                          \
	"  path=PATH          that a call was given; * at the end stands for anything\n"            \
	"  pid=N, tid=N, program=NAME\n"                                                            \
	"OP is = != < <= > >=; lists go with = and != only.\n"                                      \
	"triggers: 'signal NAME,...', 'syscall NAME,...', 'latency NAME,... OP TIME', 'crash',\n"   \
	"each with further terms, as 'syscall openat path=/etc/shadow'; 'key': Ctrl-] f.\n"         \
	"\n"

#define FUNCTIONS_HELP                                                                             \
	"functions: both sides of the colon are shell patterns with commas between.  CALLS are\n"  \
	"system calls, or kernel functions in which recording begins, as 'sys_read:*',\n"          \
	"'read,write:pipe_*,sched_*', 'page_fault:*'; a ! before a pattern of FUNCTIONS takes\n"   \
	"away, as '*:*,!spin_*'.  What several name is recorded in all of their calls.  A pair\n"  \
	"costs 57 instructions; `ringscope profile --path CALL` subtracts them.\n"                 \
	"\n"

static const char help[] =
	"usage: ringscope run [OPTION]... [--] COMMAND [ARGUMENT]...\n"
	"\n"
	"Boots the kernel in QEMU, runs COMMAND in it and records what happens at the\n"
	"boundary into a trace file.  Standard input, output and error are COMMAND's own;\n"
	"on a terminal the guest has it for its console (three times Ctrl-] leaves).\n"
	"\n"
	"COMMAND is found as a shell would find it.  A dynamic x86-64 program, or a script\n"
	"whose interpreter is one, sees the host's file tree, read-only, with the host's\n"
	"environment and working directory; /tmp, /var/tmp, /run, /dev, /proc and /sys are\n"
	"the guest's own.  Of a static program and its files the guest sees only the\n"
	"program itself, with busybox all applets, and what --add names, unless --root is\n"
	"given.  What the guest writes is in memory and gone afterwards, but for what lies\n"
	"in a directory that --rw names.  The working directory is seen also where it lies in\n"
	"/tmp, /var/tmp or /run; --rw . makes it writable.  --rw and --tmpfs, too, show the\n"
	"host's tree to a static program.\n"
	"\n" OPTIONS_HELP RULES_HELP FUNCTIONS_HELP
	"exit status: COMMAND's own, 128+n if signal n ended it; 125 if Ringscope failed,\n"
	"126 if COMMAND cannot be executed, 127 if it is not found.\n";

static const char shell_help[] =
	"usage: ringscope shell [OPTION]... [--] [ARGUMENT]...\n"
	"\n"
	"An interactive shell in the guest, recorded: the host's bash with ARGUMENTs, as\n"
	"`ringscope run bash ARGUMENT...`; where there is none, busybox's sh.\n"
	"On the terminal three times Ctrl-] leaves.\n"
	"\n" OPTIONS_HELP "exit status: the shell's own, or as `ringscope run` has it.\n";

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

struct lists {
	char *add[LIST_MAX + 1], *qemu[LIST_MAX + 1], *rw[LIST_MAX + 1], *tmpfs[LIST_MAX + 1];
	char *functions[LIST_MAX + 1], *stacks[LIST_MAX + 1];
	unsigned adds, qemus, rws, tmpfss, function_count, stack_count;
	bool seeds; /* --seeds is given */
	uint64_t first_seed, last_seed;
	struct rules rules;
	struct buffer filters, triggers; /* as written, by lines */
	bool flight;                     /* a black box */
	bool view;                       /* share the terminal with the viewer */
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

static int ring_read(const char *text, struct run_config *c)
{
	char after;

	if (sscanf(text, "%5ux%5u%c", &c->ring_blocks, &c->ring_kib, &after) == 2 &&
	    c->ring_blocks >= 2 && c->ring_blocks <= 65536 && c->ring_kib >= 4 &&
	    c->ring_kib <= TRACE_BLOCK_MAX / 1024)
		return 1;
	fprintf(stderr, "ringscope: run: --ring takes BLOCKSxKIB, as 64x64, not %s\n", text);
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

/* A size in MiB: 64M, 1G. */
static int keep_read(const char *text, struct run_config *c)
{
	unsigned size;
	char unit, after;

	if (sscanf(text, "%6u%c%c", &size, &unit, &after) == 2 && (unit == 'M' || unit == 'G') &&
	    size >= 1 && size <= (unit == 'G' ? 64u : 65536u)) {
		c->keep = unit == 'G' ? size * 1024 : size;
		return 1;
	}
	fprintf(stderr, "ringscope: run: --keep takes a size from 1M to 64G, not %s\n", text);
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

static int rule_read(struct lists *lists, const char *text, bool trigger)
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
static int seeds_read(const char *text, struct lists *lists)
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
static int black_box_set(struct run_config *c, struct lists *lists)
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
static int option_take(int option, struct run_config *c, struct lists *lists)
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
		return keep_read(optarg, c);
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
static int options_take(int argc, char **argv, struct run_config *c, struct lists *lists,
			const char *help_text)
{
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "+o:h", options, NULL)) != -1) {
		if (option == 'h')
			return fputs(help_text, stdout) < 0 ? 125 : 0;
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
	if (c->keep && strcmp(c->mode, "flight") != 0)
		return complain_usage("run", "--keep is for --mode flight", NULL, 125);
	if (lists->flight && !c->keep)
		c->keep = BLACK_BOX_MIB;
	c->filters = buffer_text(&lists->filters);
	c->triggers = buffer_text(&lists->triggers);
	return -1;
}

static struct run_config config_default(struct lists *lists)
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

static int command_read(int argc, char **argv, struct run_config *config, struct lists *lists,
			const char *help_text)
{
	int status;

	*config = config_default(lists);
	status = options_take(argc, argv, config, lists, help_text);
	if (status >= 0)
		return status;
	if (optind == argc)
		return complain_usage(argv[0], "no command given", NULL, 125);
	config->argv = argv + optind;
	return -1;
}

int run_options(int argc, char **argv, struct run_config *config, const char *help_text)
{
	static struct lists lists;
	const int status = command_read(argc, argv, config, &lists, help_text);

	if (status < 0 && (lists.seeds || lists.view))
		return complain_usage(argv[0], "--seeds and --view are for `ringscope run`", NULL,
				      125);
	return status;
}

/* Run it, and put into the recording what its crashes need to be told elsewhere. */
static int black_box_run(const struct run_config *c)
{
	const int status = run(c);
	struct files files = { 0 };
	struct error why = { 0 };

	if (store_is_trace(c->output) == 1 && !files_find(&files, c->kernel, &why) &&
	    blackbox_fill(c->output, files.kernel, &why))
		fprintf(stderr, "ringscope: the crash can be told here only: %s\n", why.text);
	return status;
}

int run_main(int argc, char **argv)
{
	static struct lists lists;
	struct run_config config;
	const int status = command_read(argc, argv, &config, &lists, help);

	if (status >= 0)
		return status;
	if (lists.view)
		return run_view(argv, optind, config.output);
	if (lists.seeds)
		return run_seeds(&config, lists.first_seed, lists.last_seed);
	return lists.flight ? black_box_run(&config) : run(&config);
}

/* The words before the shell's own arguments: bash, or busybox's sh where the guest's
 * tree has no bash. */
static const char *const *shell_words(const struct run_config *c)
{
	static const char *const bash[] = { "bash", NULL };
	static const char *const sh[] = { "sh", NULL };
	static const char *const busybox[] = { "busybox", "sh", NULL };
	const bool other = c->root && strcmp(c->root, "/") != 0;

	if (other ? program_in_tree(c->root, bash[0]) : program_on_path(bash[0]))
		return bash;
	fprintf(stderr, "ringscope: shell: no bash on %s: this is %s\n",
		other ? c->root : "this host", other ? "its sh" : "busybox's sh");
	return other ? sh : busybox;
}

int shell_main(int argc, char **argv)
{
	static struct lists lists;
	struct run_config config = config_default(&lists);
	int status = options_take(argc, argv, &config, &lists, shell_help), at = 0;
	const char *const *words;

	if (status >= 0)
		return status;
	if (lists.view)
		return run_view(argv, optind, config.output);
	words = shell_words(&config);
	config.argv = calloc((size_t)(argc - optind) + 3, sizeof(*config.argv));
	if (!config.argv)
		return 125;
	while (words[at]) {
		config.argv[at] = (char *)words[at];
		at++;
	}
	memcpy(config.argv + at, argv + optind, (size_t)(argc - optind) * sizeof(*argv));
	status = run(&config);
	free(config.argv);
	return status;
}
