/* ringscope run, ringscope shell. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/cli/command.h"
#include "tracer/cli/run_options.h"
#include "tracer/crash/blackbox.h"
#include "tracer/store/store.h"
#include "tracer/vm/files.h"
#include "tracer/vm/program.h"
#include "tracer/vm/run.h"
#include "tracer/vm/seeds.h"

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
	"      --answers SIZE      keep more of what is read of them: up to 2560M\n"               \
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
	static struct run_lists lists;
	struct run_config config;
	const int status = run_command_read(argc, argv, &config, &lists, help);

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
	static struct run_lists lists;
	struct run_config config;
	int status = run_options_read(argc, argv, &config, &lists, shell_help), at = 0;
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
