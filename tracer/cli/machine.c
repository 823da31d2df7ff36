/* ringscope ps, stacks, salvage: a guest that runs or is stuck, looked at from outside. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/buffer.h"
#include "tracer/cli/command.h"
#include "tracer/salvage/vmcore.h"
#include "tracer/schema.h"
#include "tracer/symbols/symbol.h"
#include "tracer/vm/files.h"
#include "tracer/vm/inspect.h"

#define LOCKS_MAX 64u

static const char ps_help[] =
	"usage: ringscope ps PID|SOCKET|TRACE\n"
	"       ringscope stacks [--kernel FILE] PID|SOCKET|TRACE\n"
	"\n"
	"The CPUs and threads of a guest that runs, or is stuck: what each does, and with\n"
	"`stacks` where in the kernel, and which locks are held.  Named by its tracer's (or\n"
	"QEMU's) process, its tracer's control socket or the trace file.  The guest is not\n"
	"asked: its memory is read, while it stands still for a moment.\n"
	"\n"
	"exit status: 0; 2 no such guest, or input/output; 3 nothing can be read there.\n";

static const char salvage_help[] =
	"usage: ringscope salvage [OPTION]... -o TRACE PID|SOCKET|TRACE\n"
	"       ringscope salvage [OPTION]... -o TRACE --memory FILE\n"
	"\n"
	"A recording of a guest that runs, or is stuck, up to this moment: what was recorded\n"
	"so far and what is still in its rings, with the places of its CPUs and threads and\n"
	"its memory, for `ringscope crash`.  The guest is not asked, and goes on afterwards.\n"
	"\n"
	"options:\n"
	"  -o, --output FILE  the new trace file\n"
	"      --memory FILE  from an image of a guest's memory: an ELF core or RAM as it is\n"
	"      --vmcore FILE  write the memory as an ELF core for gdb, too\n"
	"      --force        replace whatever file is there\n"
	"      --help         this text\n"
	"\n"
	"exit status: 0; 2 usage or input/output; 3 nothing can be read there.\n";

static void place_print(struct symbols *symbols, const char *kernel, const struct guest_frame *f)
{
	const bool behind = f->kind == FRAME_RETURN;
	struct symbol s = { 0 };

	if (f->kind != FRAME_USER && *kernel)
		symbol_at_address(symbols, kernel, f->address - behind, &s);
	printf("      0x%llx %s%s", (unsigned long long)f->address,
	       f->kind == FRAME_USER     ? "(the program)"
	       : f->kind == FRAME_STRUCK ? "struck in "
					 : "",
	       s.name);
	if (s.file[0])
		printf(" (%s:%d)", strrchr(s.file, '/') ? strrchr(s.file, '/') + 1 : s.file,
		       s.line);
	putchar('\n');
}

static void stack_print(const struct guest *g, const struct salvage_registers *r,
			const struct guest_functions *functions, struct symbols *symbols,
			const char *kernel)
{
	struct guest_frame frames[GUEST_FRAMES];
	const unsigned count = symbols ? guest_stack(g, r, functions, frames) : 0;

	for (unsigned i = 0; i < count; i++)
		place_print(symbols, kernel, &frames[i]);
}

static void cpus_print(const struct guest *g, const char *registers, struct symbols *symbols,
		       const char *kernel)
{
	for (unsigned i = 0; i < g->cpus; i++) {
		struct guest_cpu c;

		guest_cpu(g, i, &c);
		if (c.source == SOURCE_NONE && qemu_registers(registers, i, &c.state))
			c.source = SOURCE_QEMU;
		printf("CPU %u: %s", i, c.tid ? "thread " : "idle");
		if (c.tid)
			printf("%u, %s", c.tid, c.in_user ? "in its program" : "in the kernel");
		putchar('\n');
		if (c.source != SOURCE_NONE)
			stack_print(g, &c.state.registers, &c.functions, symbols, kernel);
	}
}

static void threads_print(const struct guest *g, struct symbols *symbols, const char *kernel)
{
	static const char *const states[] = { "new",     "ready",   "running", "sleeping",
					      "blocked", "stopped", "dead" };
	struct guest_cursor cursor = { 0 };
	struct guest_thread t;

	printf("%5s %5s %-3s %-9s %-15s %s\n", "TID", "PID", "CPU", "STATE", "NAME", "WAITS FOR");
	while (guest_thread_next(g, &cursor, &t)) {
		struct buffer name = { 0 };
		const bool sleeps = !t.running && (t.state == 3 || t.state == 4);
		const char *wait = enum_label(KIND_WAIT, t.wait);

		buffer_clean(&name, t.name);
		printf("%5u %5u %3u %-9s %-15s %s\n", t.tid, t.pid, t.cpu,
		       t.running ? "running" : states[t.state < 7 ? t.state : 6],
		       buffer_text(&name), sleeps && wait ? wait : "");
		buffer_free(&name);
		if (!t.running)
			stack_print(g, &t.registers, &t.functions, symbols, kernel);
	}
}

static void locks_print(const struct guest *g)
{
	struct guest_lock locks[LOCKS_MAX];
	const unsigned count = guest_locks(g, locks, LOCKS_MAX);

	for (unsigned i = 0; i < count; i++)
		printf("lock \"%s\" at 0x%llx is held by CPU %d\n", locks[i].name,
		       (unsigned long long)locks[i].address, locks[i].cpu);
}

/* The kernel's file, if it is the one that runs there; "" else. */
static void kernel_check(struct symbols *symbols, const struct guest *g, char *kernel)
{
	char ran[41] = "", found[64];

	for (unsigned i = 0; i < 20; i++)
		snprintf(ran + 2 * i, 3, "%02x", g->page.hello.build_id[i]);
	symbol_build_id(symbols, kernel, found, sizeof(found));
	if (*kernel && strcmp(ran, found) != 0) {
		fprintf(stderr, "ringscope: %s is not the kernel that runs there: no names\n",
			kernel);
		*kernel = '\0';
	}
}

static int look(int argc, char **argv, bool stacks)
{
	const char *command = stacks ? "stacks" : "ps", *kernel = NULL;
	struct symbols *symbols = NULL;
	struct files files = { 0 };
	struct error why = { 0 };
	struct inspect inspect;
	struct guest *g;
	int status;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return fputs(ps_help, stdout) < 0 ? 2 : 0;
	if (argc == 4 && stacks && strcmp(argv[1], "--kernel") == 0) {
		kernel = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc != 2)
		return complain_usage(command, "one guest is needed", NULL, 2);
	g = calloc(1, sizeof(*g));
	status = g ? inspect_open(&inspect, argv[1], &why) : 2;
	if (!status)
		status = guest_find(g, &inspect.ram, &why);
	if (!status) {
		if (stacks)
			symbols = symbols_open();
		if (files_find(&files, kernel, NULL))
			files.kernel[0] = '\0';
		if (symbols)
			kernel_check(symbols, g, files.kernel);
		cpus_print(g, buffer_text(&inspect.registers), symbols, files.kernel);
		threads_print(g, symbols, files.kernel);
		if (stacks)
			locks_print(g);
		symbols_close(symbols);
	}
	if (g)
		inspect_close(&inspect);
	free(g);
	return status ? complain(&why) : fflush(stdout) ? 2 : 0;
}

int ps_main(int argc, char **argv)
{
	return look(argc, argv, false);
}

int stacks_main(int argc, char **argv)
{
	return look(argc, argv, true);
}

struct request {
	const char *output, *memory, *vmcore;
	bool force;
};

static int salvage(const struct request *r, const char *what)
{
	struct inspect inspect = { .ram = { .fd = -1 } };
	struct salvage_outcome outcome;
	struct error why = { 0 };
	int status = r->memory ? ram_of_file(&inspect.ram, r->memory, &why)
			       : inspect_open(&inspect, what, &why);
	const char *registers = inspect.registers.length ? buffer_text(&inspect.registers) : NULL;

	if (!status)
		status = salvage_file(r->output, r->force, inspect.trace, &inspect.ram, registers,
				      &outcome, &why);
	if (!status && r->vmcore)
		status = vmcore_write(r->vmcore, &inspect.ram, registers, &why);
	inspect_close(&inspect);
	if (status)
		return complain(&why);
	printf("%llu records in %u block%s came from memory\n",
	       (unsigned long long)outcome.rings.records, outcome.rings.blocks,
	       outcome.rings.blocks == 1 ? "" : "s");
	return 0;
}

int salvage_main(int argc, char **argv)
{
	enum { OPT_MEMORY = 256, OPT_VMCORE, OPT_FORCE };
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "memory", required_argument, NULL, OPT_MEMORY },
		{ "vmcore", required_argument, NULL, OPT_VMCORE },
		{ "force", no_argument, NULL, OPT_FORCE },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct request r = { 0 };
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			return fputs(salvage_help, stdout) < 0 ? 2 : 0;
		case 'o':
			r.output = optarg;
			break;
		case OPT_MEMORY:
			r.memory = optarg;
			break;
		case OPT_VMCORE:
			r.vmcore = optarg;
			break;
		case OPT_FORCE:
			r.force = true;
			break;
		default:
			return complain_usage("salvage", "unknown option:", argv[optind - 1], 2);
		}
	}
	if (!r.output)
		return complain_usage("salvage", "-o is needed", NULL, 2);
	if (argc - optind != (r.memory ? 0 : 1))
		return complain_usage("salvage", "one guest, or --memory, is needed", NULL, 2);
	return salvage(&r, argv[optind]);
}
