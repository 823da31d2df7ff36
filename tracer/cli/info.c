/* ringscope info: facts about a recording. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "tracer/cli/command.h"
#include "tracer/cli/facts.h"
#include "tracer/cli/table.h"
#include "tracer/store/open.h"
#include "tracer/store/sql.h"

static const char help[] =
	"usage: ringscope info [--json] [TRACE]\n"
	"\n"
	"Facts about a recording (default: trace.db): what was run, whether it is complete,\n"
	"and exact counts: syscall_entered is the number of SYSCALL instructions taken,\n"
	"sysret and iret those of the ways back.  identity_holds says whether, for every\n"
	"CPU and event, emitted = stored + lost + filtered.\n"
	"\n"
	"exit status: 0; 2 the file cannot be read; 3 it is incomplete.\n";

/* clang-format off */
static const char facts_sql[] =
	"SELECT " META("command") " AS command, "
	META("exit_status") " AS exit_status, "
	FACTS_COMPLETE " AS complete, "
	META("identity") " AS identity_holds, "
	META("mode") " AS mode, "
	META("filter") " AS filter, "
	META("trigger") " AS triggers, "
	META("cpus") " AS cpus, "
	META("memory_mib") " AS memory_mib, "
	META("icount") " AS icount, "
	META("exact") " AS exact, "
	META("trace_hash") " AS trace_hash, "
	META("vdso") " AS vdso, "
	META("never_cross") " AS never_cross, "
	META("duration") " AS duration_ns, "
	EVENTS("syscall_enter") " AS syscall_entered, "
	WAYS("= 'sysret'") " AS sysret, "
	WAYS("LIKE 'iret%'") " AS iret, "
	WAYS("= 'iret to ring 3'") " AS iret_user, "
	WAYS("= 'iret within ring 0'") " AS iret_kernel, "
	EVENTS("page_fault") " AS page_fault, "
	EVENTS("exception") " AS exceptions, "
	EVENTS("interrupt") " AS interrupts, "
	EVENTS("nmi") " AS nmi, "
	EVENTS("context_switch") " AS context_switch, "
	"(SELECT count(*) FROM context_switch WHERE space) AS cr3_loads, "
	"(SELECT count(*) FROM process) AS processes, "
	"(SELECT count(*) FROM thread WHERE tid <> 0) AS threads, "
	"(SELECT coalesce(sum(emitted), 0) FROM counter) AS emitted, "
	"(SELECT coalesce(sum(stored), 0) FROM counter) AS stored, "
	"(SELECT coalesce(sum(lost), 0) FROM counter) AS lost, "
	"(SELECT coalesce(sum(filtered), 0) FROM counter) AS filtered, "
	"(SELECT count(*) FROM block) AS blocks, "
	"(SELECT coalesce(sum(bytes), 0) FROM block) AS bytes, "
	META("bad_blocks") " AS bad_blocks, "
	META("tsc_hz") " AS tsc_hz, "
	META("tsc_error_ppm") " AS tsc_error_ppm, "
	META("kernel_build_id") " AS kernel_build_id, "
	META("schema") " AS schema, "
	META("version") " AS version, "
	META("kernel_compiler") " AS kernel_compiler, "
	META("qemu") " AS qemu, "
	META("qemu_version") " AS qemu_version, "
	META("qemu_arguments") " AS qemu_arguments, "
	META("inputs") " AS inputs, "
	META("seed") " AS seed, "
	META("kernel_command_line") " AS kernel_command_line, "
	META("started") " AS started";
/* clang-format on */

#define TICKS_NS(column) "CAST(" column " * 1e9 / " META("tsc_hz") " AS INTEGER)"

/* clang-format off */
static const char cpus_sql[] =
	"SELECT cpu, " TICKS_NS("user_ticks") " AS user_ns, " TICKS_NS("kernel_ticks")
	" AS kernel_ns, " TICKS_NS("idle_ticks") " AS idle_ns, " TICKS_NS("wait_ticks")
	" AS ring_wait_ns, blocks,"
	" (SELECT sum(emitted) FROM counter c WHERE c.cpu = cpu.cpu) AS emitted,"
	" (SELECT sum(stored) FROM counter c WHERE c.cpu = cpu.cpu) AS stored,"
	" (SELECT sum(lost) FROM counter c WHERE c.cpu = cpu.cpu) AS lost,"
	" (SELECT sum(filtered) FROM counter c WHERE c.cpu = cpu.cpu) AS filtered,"
	" (SELECT coalesce(sum(emitted), 0) FROM counter c"
	"  WHERE c.cpu = cpu.cpu AND name = 'syscall_enter') AS syscall_entered,"
	" (SELECT coalesce(sum(emitted), 0) FROM counter c"
	"  WHERE c.cpu = cpu.cpu AND name = 'context_switch') AS context_switch"
	" FROM cpu ORDER BY cpu";
/* clang-format on */

static const char events_sql[] =
	"SELECT coalesce(name, 'event ' || event) AS event, sum(emitted) AS emitted,"
	" sum(stored) AS stored, sum(lost) AS lost, sum(filtered) AS filtered"
	" FROM counter GROUP BY event ORDER BY event";

static bool info_print(sqlite3 *db, bool json)
{
	bool good;

	if (!json)
		return members_text(db, facts_sql) && table_text(db, "CPUs", cpus_sql) &&
		       table_text(db, "events", events_sql);
	puts("{");
	good = members_json(db, facts_sql);
	puts(",");
	good = good && table_json(db, "per_cpu", cpus_sql);
	puts(",");
	good = good && table_json(db, "events", events_sql);
	puts("\n}");
	return good;
}

int info_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct error why = { 0 };
	bool json = false, good;
	sqlite3 *db;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return fputs(help, stdout) < 0 ? 2 : 0;
		if (option != 'j')
			return complain_usage("info", "unknown option", argv[optind - 1], 2);
		json = true;
	}
	if (argc - optind > 1)
		return complain_usage("info", "more than one file:", argv[optind + 1], 2);
	if (trace_open(&db, optind < argc ? argv[optind] : "trace.db", progress_show, &why))
		return complain(&why);
	good = info_print(db, json);
	return facts_end(db, good);
}
