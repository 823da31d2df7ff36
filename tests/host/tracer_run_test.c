/* `run` from the command to the exit status, with a QEMU that is this program
 * itself: started with QEMU's arguments it plays a guest, after the script that
 * $FAKE_GUEST names.
 * Sources: tests/host/synthetic.c tests/host/synthetic_tale.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/host/synthetic.h"
#include "tracer/store/open.h"
#include "tracer/store/sql.h"
#include "tracer/vm/run.h"
#include "tracer/wire.h"

static const char trace[] = "tracer_run_test.db";

/* --- the guest --------------------------------------------------------------- */

static struct synthetic guest;
static int guest_trace, guest_in, guest_out, guest_early;

static void put_all(int fd, const void *bytes, size_t count)
{
	const char *p = bytes;

	while (count) {
		const ssize_t put = write(fd, p, count);

		if (put < 0)
			exit(9);
		p += put;
		count -= (size_t)put;
	}
}

static void frame_put(unsigned kind, const void *payload, uint32_t length)
{
	const struct trace_frame head = wire_header(kind, payload, length);

	put_all(guest_trace, &head, sizeof(head));
	put_all(guest_trace, payload, length);
}

/* One block for each credit: reads frames of the host until there is one. */
static void block_put(const struct trace_block *head, const void *bytes)
{
	static uint64_t credits;

	while (!credits) {
		struct trace_frame f;
		uint64_t payload = 0;

		if (read(guest_trace, &f, sizeof(f)) != (ssize_t)sizeof(f) || f.length > 8 ||
		    (f.length && read(guest_trace, &payload, f.length) != (ssize_t)f.length))
			exit(9);
		if (f.kind == FRAME_CREDIT)
			credits += payload;
	}
	credits--;
	frame_put(FRAME_BLOCK, bytes, head->bytes);
}

/* Bytes of standard input to standard output, until its end. */
static void input_echo(void)
{
	struct input_message m;
	char bytes[8192];

	while (read(guest_in, &m, sizeof(m)) == (ssize_t)sizeof(m) && m.kind != INPUT_END) {
		for (uint32_t got = 0; got < m.length;) {
			const ssize_t n = read(guest_in, bytes, m.length - got);

			if (n <= 0)
				exit(9);
			put_all(guest_out, bytes, (size_t)n);
			got += (uint32_t)n;
		}
	}
}

static void stats_put(bool lie)
{
	for (unsigned cpu = 0; cpu < guest.cpus; cpu++) {
		struct trace_stats *stats = &guest.cpu[cpu].stats;

		synthetic_flush(&guest, cpu);
		stats->emitted[EV_syscall_enter] += lie;
		frame_put(FRAME_STATS, stats, sizeof(*stats));
	}
}

static int descriptor(int argc, char **argv, const char *id)
{
	const char *at;

	for (int i = 1; i < argc; i++)
		if ((at = strstr(argv[i], id)))
			return atoi(at + strlen(id));
	return -1;
}

static int guest_main(int argc, char **argv, const char *script)
{
	struct trace_hello hello = synthetic_hello(2);
	struct trace_bye bye = { .status = 7 };

	guest_trace = descriptor(argc, argv, "id=c0,fd=");
	guest_in = descriptor(argc, argv, "id=c1,fd=");
	guest_out = descriptor(argc, argv, "id=c2,fd=");
	guest_early = descriptor(argc, argv, "id=c6,fd=");
	if (strcmp(script, "refuse") == 0) {
		fputs("qemu: no such machine\n", stderr);
		return 1;
	}
	if (strcmp(script, "no boot") == 0) {
		put_all(guest_early, "cannot find memory\n", 19);
		return 0;
	}
	if (strcmp(script, "schema") == 0)
		hello.schema++;
	frame_put(FRAME_HELLO, &hello, sizeof(hello));
	if (strcmp(script, "garbage") == 0)
		put_all(guest_trace, "this is no frame at all", 23);
	if (strcmp(script, "hang") == 0 || strcmp(script, "garbage") == 0 ||
	    strcmp(script, "schema") == 0)
		for (;;)
			pause();
	synthetic_open(&guest, NULL, 2);
	guest.sink = block_put;
	synthetic_tale(&guest, 60000);
	if (strcmp(script, "panic") == 0) {
		SYNTHETIC_TAIL(&guest, 0, panic, "page table is on fire", 21, .rip = 1);
		bye.reason = 1;
	}
	if (strcmp(script, "flood") == 0)
		for (;;)
			put_all(guest_out, trace, sizeof(trace));
	input_echo();
	stats_put(strcmp(script, "lie") == 0);
	if (strcmp(script, "cut") != 0)
		frame_put(FRAME_BYE, &bye, sizeof(bye));
	return 15;
}

/* --- the host ---------------------------------------------------------------- */

struct outcome {
	int status;
	char out[4096], err[4096];
};

static void read_all(int fd, char *to, size_t size)
{
	size_t length = 0;
	ssize_t got;

	while (length + 1 < size && (got = read(fd, to + length, size - 1 - length)) > 0)
		length += (size_t)got;
	to[length] = '\0';
	close(fd);
}

/* In the child: what main would do with `run --timeout N ./program`. */
static void child_run(const char *script, int in, int out, int err, unsigned timeout)
{
	static char program[] = "./run_test_program";
	static char *argv[] = { program, NULL };
	static char *none[] = { NULL };
	static struct rules rules;
	const struct run_config config = {
		.argv = argv,
		.output = trace,
		.kernel = program,
		.mode = "lossless",
		.rules = &rules,
		.filters = "",
		.triggers = "",
		.cpus = 2,
		.memory = 512,
		.ring_blocks = 64,
		.ring_kib = 64,
		.adds = none,
		.qemu = none,
		.rws = none,
		.tmpfs = none,
		.functions = none,
		.stacks = none,
		.timeout = timeout,
	};

	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	setenv("RINGSCOPE_QEMU", "/proc/self/exe", 1);
	setenv("FAKE_GUEST", script, 1);
	exit(run(&config));
}

/* signal: sent once the first output is there, 0 none. */
static struct outcome play(const char *script, const char *input, unsigned timeout, int signal)
{
	struct outcome o = { 0 };
	int in[2], out[2], err[2], wait;
	pid_t child;

	unlink(trace);
	assert_int_equal(pipe(in) | pipe(out) | pipe(err), 0);
	child = fork();
	if (child == 0)
		child_run(script, in[0], out[1], err[1], timeout);
	close(in[0]);
	close(out[1]);
	close(err[1]);
	assert_int_equal(write(in[1], input, strlen(input)), strlen(input));
	if (strcmp(script, "flood") != 0)
		close(in[1]);
	if (signal) {
		usleep(700000);
		kill(child, signal);
	}
	if (strcmp(script, "flood") == 0) {
		assert_int_equal(read(out[0], o.out, 1), 1);
		close(out[0]);
		close(in[1]);
	} else {
		read_all(out[0], o.out, sizeof(o.out));
	}
	read_all(err[0], o.err, sizeof(o.err));
	assert_int_equal(waitpid(child, &wait, 0), child);
	assert_true(WIFEXITED(wait));
	o.status = WEXITSTATUS(wait);
	return o;
}

static int64_t ask(const char *sql)
{
	struct error why = { 0 };
	sqlite3 *db;
	int64_t answer;

	if (trace_open(&db, trace, NULL, &why))
		return -why.status;
	answer = sql_integer(db, sql, -1);
	sqlite3_close_v2(db);
	return answer;
}

static void a_good_run_gives_the_commands_status(void **state)
{
	const struct outcome o = play("good", "line one\nline two", 0, 0);

	(void)state;
	assert_string_equal(o.err, "");
	assert_string_equal(o.out, "line one\nline two");
	assert_int_equal(o.status, 7);
	assert_true(ask("SELECT max(id) FROM event") > 59000);
	assert_int_equal(ask("SELECT value FROM meta WHERE name = 'identity'"), 1);
	assert_int_equal(ask("SELECT sum(emitted - stored) FROM counter"), 0);
	assert_true(ask("SELECT count(*) FROM clock") >= 0);
	assert_int_equal(access("tracer_run_test.db-wal", F_OK), -1);
}

static void failures_are_told_in_a_line(void **state)
{
	static const struct {
		const char *script, *message;
	} cases[] = {
		{ "refuse", "ringscope: QEMU did not start the kernel: qemu: no such machine\n" },
		{ "no boot", "ringscope: the kernel did not start: cannot find memory\n" },
		{ "schema", "ringscope: the kernel was built with schema" },
		{ "garbage", "ringscope: the trace is broken: no frame begins after frame 1\n" },
		{ "panic", "ringscope: the guest kernel panicked: page table is on fire\n" },
		{ "cut", "ringscope: the guest ended without a word" },
		{ "lie", "ringscope: the trace is not complete: CPU 0 emitted" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct outcome o = play(cases[i].script, "", 0, 0);

		if (strncmp(o.err, cases[i].message, strlen(cases[i].message)) != 0)
			fail_msg("%s: said \"%s\"", cases[i].script, o.err);
		assert_int_equal(o.status, 125);
	}
}

static void what_came_before_the_end_is_kept(void **state)
{
	(void)state;
	play("cut", "", 0, 0);
	assert_true(ask("SELECT max(id) FROM event") > 59000);
	assert_int_equal(ask("SELECT value FROM meta WHERE name = 'bye_reason'"), -1);
}

static void hanging_guests_are_ended(void **state)
{
	struct outcome o = play("hang", "", 1, 0);

	(void)state;
	assert_string_equal(o.err, "ringscope: the guest did not end within 1 seconds\n");
	assert_int_equal(o.status, 125);
	o = play("hang", "", 0, SIGTERM);
	assert_string_equal(o.err, "");
	assert_int_equal(o.status, 128 + SIGTERM);
	o = play("hang", "", 0, SIGINT);
	assert_int_equal(o.status, 128 + SIGINT);
}

static void a_closed_output_ends_the_run(void **state)
{
	const struct outcome o = play("flood", "", 0, 0);

	(void)state;
	assert_string_equal(o.err, "");
	assert_int_equal(o.status, 128 + SIGPIPE);
}

/* A static program to name, and init beside this one: neither is executed. */
static int files_make(void **state)
{
	const struct {
		Elf64_Ehdr head;
		Elf64_Phdr part;
	} elf = {
		.head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
			  .e_type = ET_EXEC,
			  .e_machine = EM_X86_64,
			  .e_phoff = sizeof(Elf64_Ehdr),
			  .e_phentsize = sizeof(Elf64_Phdr),
			  .e_phnum = 1 },
		.part = { .p_type = PT_LOAD },
	};
	char folder[4096];
	const ssize_t length = readlink("/proc/self/exe", folder, sizeof(folder) - 16);
	FILE *f;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	if (length < 0)
		return -1;
	folder[length] = '\0';
	snprintf(strrchr(folder, '/') + 1, 16, "user");
	mkdir(folder, 0755);
	snprintf(folder + strlen(folder), 16, "/init");
	f = fopen(folder, "w");
	if (!f || fclose(f))
		return -1;
	f = fopen("run_test_program", "w");
	if (!f || fwrite(&elf, sizeof(elf), 1, f) != 1 || fclose(f))
		return -1;
	return chmod("run_test_program", 0755);
}

int main(int argc, char **argv)
{
	const char *script = getenv("FAKE_GUEST");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_run_gives_the_commands_status),
		cmocka_unit_test(failures_are_told_in_a_line),
		cmocka_unit_test(what_came_before_the_end_is_kept),
		cmocka_unit_test(hanging_guests_are_ended),
		cmocka_unit_test(a_closed_output_ends_the_run),
	};

	if (script && argc == 2) /* --version: must not run the tests in their own folder */
		return puts("QEMU emulator version 8.0") < 0;
	if (script)
		return guest_main(argc, argv, script);
	return cmocka_run_group_tests(tests, files_make, NULL);
}
