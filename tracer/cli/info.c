/* ringscope info: facts about a recording. */
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
	"sysret and iret those of the ways back.\n"
	"\n"
	"identity_holds says whether, for every CPU and event, emitted = stored + lost +\n"
	"filtered + missing, by the guest's own counters; missing ones are in blocks that\n"
	"never came, and as many as the headers of the blocks around them say.\n"
	"sequence_gaps is how often block numbers do not follow each other.  Per CPU, user +\n"
	"kernel + idle are what the guest accounted for, elapsed is from the record with\n"
	"which the CPU began to the close of its last block, error what they differ by.\n"
	"clock_error is how far apart guest and host clock may be at the best of the pairs\n"
	"(half its round trip), clock_drift_ppm how much faster the guest's clock runs than\n"
	"was stated, and clock_drift_error_ppm the bound of that.\n"
	"store_cpu_ns is the CPU time of all that receives, packs and stores while the guest\n"
	"runs; tracer_cpu_ns is that of the whole tracer, with making the tables.\n"
	"\n"
	"exit status: 0; 2 the file cannot be read; 3 it is incomplete.\n";

/* clang-format off */
/* Places where the number of a CPU's block is not one more than that of the one before. */
#define GAPS                                                                                       \
	"(SELECT count(*) FROM (SELECT sequence - lag(sequence, 1, -1) OVER"                       \
	" (PARTITION BY cpu ORDER BY sequence) AS step FROM block) WHERE step <> 1)"

/* By the count that the tables were made with; before they are finished, those so far. */
#define CR3_LOADS                                                                                  \
	"coalesce(" META("cr3_loads") ", CASE WHEN " META("decoded") " IS NOT 2 THEN"              \
	" (SELECT count(*) FROM context_switch WHERE space) END)"

/* Of the best pair of the first half and the best of the second; the host's time of a
 * pair is in the middle of its round trip, and may be wrong by half of it. */
#define CLOCK(expression)                                                                          \
	"(WITH p AS (SELECT id, tsc, (host_received - host_sent) / 2.0 AS error,"                  \
	"  (host_received + host_sent) / 2.0 AS host, ntile(2) OVER (ORDER BY id) AS half"         \
	"  FROM clock)"                                                                            \
	" SELECT round(" expression ", 1)"                                                         \
	"  FROM (SELECT * FROM p WHERE half = 1 ORDER BY error LIMIT 1) a,"                        \
	"  (SELECT * FROM p WHERE half = 2 ORDER BY error LIMIT 1) b)"

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
	META("structure_hash") " AS structure_hash, "
	META("cost_hash") " AS cost_hash, "
	"(SELECT count(*) FROM running_hash) AS running_hashes, "
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
	CR3_LOADS " AS cr3_loads, "
	"(SELECT count(*) FROM process) AS processes, "
	"(SELECT count(*) FROM thread WHERE tid <> 0) AS threads, "
	"(SELECT coalesce(sum(emitted), 0) FROM counter) AS emitted, "
	"(SELECT coalesce(sum(stored), 0) FROM counter) AS stored, "
	"(SELECT coalesce(sum(lost), 0) FROM counter) AS lost, "
	"(SELECT coalesce(sum(filtered), 0) FROM counter) AS filtered, "
	"(SELECT coalesce(sum(missing), 0) FROM counter) AS missing, "
	GAPS " AS sequence_gaps, "
	"(SELECT count(*) FROM block) AS blocks, "
	"(SELECT coalesce(sum(bytes), 0) FROM block) AS bytes, "
	META("bad_blocks") " AS bad_blocks, "
	META("store_cpu_ns") " AS store_cpu_ns, "
	META("tracer_cpu_ns") " AS tracer_cpu_ns, "
	META("tracer_peak_kib") " AS tracer_peak_kib, "
	META("tsc_hz") " AS tsc_hz, "
	META("tsc_error_ppm") " AS tsc_error_ppm, "
	"(SELECT count(*) FROM clock) AS clock_pairs, "
	"(SELECT min(host_received - host_sent) / 2 FROM clock) AS clock_error_ns, "
	CLOCK("((b.tsc - a.tsc) * 1e9 / " META("tsc_hz") " / (b.host - a.host) - 1) * 1e6")
	" AS clock_drift_ppm, "
	CLOCK("(a.error + b.error) / (b.host - a.host) * 1e6 + " META("tsc_error_ppm"))
	" AS clock_drift_error_ppm, "
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

#define TICKS_NS(ticks) "CAST((" ticks ") * 1e9 / " META("tsc_hz") " AS INTEGER)"
/* The first CPU accounts from the kernel's first lines on, the others from when they say so. */
#define BEGUN "CASE cpu WHEN 0 THEN " META("boot_tsc") " ELSE online END"

/* clang-format off */
static const char cpus_sql[] =
	"SELECT cpu, " TICKS_NS("user_ticks") " AS user_ns, " TICKS_NS("kernel_ticks")
	" AS kernel_ns, " TICKS_NS("idle_ticks") " AS idle_ns, " TICKS_NS("closed - " BEGUN)
	" AS elapsed_ns, " TICKS_NS("user_ticks + kernel_ticks + idle_ticks - (closed - " BEGUN ")")
	" AS error_ns, " TICKS_NS("wait_ticks") " AS ring_wait_ns, blocks,"
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
	" sum(stored) AS stored, sum(lost) AS lost, sum(filtered) AS filtered,"
	" sum(missing) AS missing FROM counter GROUP BY event ORDER BY event";

/* What the proof is of; with one CPU the table above says it. */
static const char counters_sql[] =
	"SELECT cpu, coalesce(name, 'event ' || event) AS event, emitted, stored, lost, filtered,"
	" missing FROM counter WHERE " META("cpus") " > 1 ORDER BY cpu, event";

static bool info_print(sqlite3 *db, bool json)
{
	bool good;

	if (!json)
		return members_text(db, facts_sql) && table_text(db, "CPUs", cpus_sql) &&
		       table_text(db, "events", events_sql) &&
		       table_text(db, "events by CPU", counters_sql);
	puts("{");
	good = members_json(db, facts_sql);
	puts(",");
	good = good && table_json(db, "per_cpu", cpus_sql);
	puts(",");
	good = good && table_json(db, "events", events_sql);
	puts(",");
	good = good && table_json(db, "events_by_cpu", counters_sql);
	puts("\n}");
	return good;
}

int info_main(int argc, char **argv)
{
	static const struct facts_command c = { "info", help, trace_open_index, info_print };

	return facts_main(&c, argc, argv);
}
