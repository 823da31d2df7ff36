#include "tracer/vm/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tracer/buffer.h"
#include "tracer/store/meta.h"
#include "tracer/store/sql.h"
#include "tracer/tables/live.h"
#include "tracer/vm/files.h"
#include "tracer/vm/functions.h"
#include "tracer/vm/image.h"
#include "tracer/vm/origin.h"
#include "tracer/vm/session.h"
#include "tracer/vm/terminal.h"

/* Memory that the kernel needs beside two copies of the initramfs, MiB. */
#define MEMORY_BASE 48

/* When exact runs begin: 2024-01-01, as QEMU's clock. */
#define EXACT_TIME 1704067200

/* What a run holds, in order of acquisition. */
struct run {
	const struct run_config *config;
	struct program program;
	struct files files;
	int image;
	uint64_t image_size, inputs;
	const char *tree; /* of the host, as the guest's root; NULL: packed files */
	struct places places;
	bool tty;
	struct buffer input;            /* of an exact run: all of it */
	struct kernel_functions kernel; /* if any are recorded */
	struct buffer functions;        /* which: the list for the kernel */
	char append[1024];
	struct store *store;
	unsigned ring_blocks, ring_kib;
	struct control control;
	struct live *live; /* NULL: tables are made at the end */
	struct machine machine;
	struct session session;
};

static int say(const struct error *why)
{
	fprintf(stderr, "ringscope: %s\n", why->text);
	return why->status;
}

/* The command, and whether it runs in a tree of the host's.  In another than "/" the
 * guest looks for the command. */
static int command_find(struct run *r, struct error *why)
{
	const struct run_config *c = r->config;
	struct stat st;
	int status;

	r->tree = c->root;
	if (c->root && stat(c->root, &st) < 0)
		return error_set(why, 125, "--root %s: %s", c->root, strerror(errno));
	if (c->root && !S_ISDIR(st.st_mode))
		return error_set(why, 125, "--root %s: %s", c->root, strerror(ENOTDIR));
	if (c->root && strcmp(c->root, "/") != 0) {
		r->program.argv = c->argv;
		return 0;
	}
	status = program_find(&r->program, c->argv, c->adds, why);
	if (r->program.tree || *c->rws || *c->tmpfs)
		r->tree = "/";
	return status;
}

/* An exact run has its input before it begins: when it comes would be the host's time. */
static int input_read_all(struct buffer *b, struct error *why)
{
	char bytes[65536];
	ssize_t got;

	while ((got = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0 ||
	       (got < 0 && errno == EINTR)) {
		if (got > 0)
			buffer_append(b, bytes, (size_t)got);
		if (b->length >= BUFFER_LIMIT)
			return error_set(why, 125, "--exact: more than %u MiB of standard input",
					 BUFFER_LIMIT >> 20);
	}
	return got < 0 ? error_set(why, 125, "--exact: standard input: %s", strerror(errno)) : 0;
}

/* All that can be known to be wrong before anything is started. */
static int run_prepare(struct run *r, struct error *why)
{
	const struct run_config *c = r->config;
	struct image_config image = {
		.program = &r->program,
		.init = r->files.init,
		.adds = c->adds,
		.terminal = getenv("TERM") && r->tty ? getenv("TERM") : "dumb",
	};
	int status = command_find(r, why);

	if (!status)
		status = files_find(&r->files, c->kernel, why);
	if (status)
		return status;
	if (r->tree && (status = places_find(&r->places, r->tree, c->rws, c->tmpfs, why)))
		return status;
	image.places = r->tree ? &r->places : NULL;
	if (*c->functions) {
		status = kernel_functions_read(&r->kernel, r->files.kernel, why);
		if (!status)
			status = functions_select(&r->kernel, c->functions, &r->functions, why);
		if (status)
			return status;
		image.functions = &r->functions;
	}
	if (c->exact && (status = input_read_all(&r->input, why)))
		return status;
	image.input = c->exact ? &r->input : NULL;
	r->image = image_pack(&image, &r->image_size, &r->inputs, why);
	if (r->image < 0)
		return why->status;
	if ((r->image_size >> 20) * 2 + MEMORY_BASE > c->memory)
		return error_set(why, 125,
				 "%llu MiB of files do not fit into %u MiB of memory; give more"
				 " with --memory",
				 (unsigned long long)(r->image_size >> 20), c->memory);
	return 0;
}

static void append_make(struct run *r)
{
	const struct run_config *c = r->config;
	const char *console = r->tty ? "tty" : "port";
	uint64_t seed = c->seed;
	struct timespec now;
	uint16_t rows, columns;
	size_t length;
	char exact[80] = "", turns[32];

	snprintf(turns, sizeof(turns), " turns=0x%016llx", (unsigned long long)c->seed);
	if (c->exact && !c->seeded)
		seed = EXACT_SEED;
	else if (!c->seeded && getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		seed = (uint64_t)getpid();
	clock_gettime(CLOCK_REALTIME, &now);
	if (c->exact) {
		snprintf(exact, sizeof(exact), " exact=%lld000000000%s", (long long)now.tv_sec,
			 c->seeded ? turns : "");
		now = (struct timespec){ .tv_sec = EXACT_TIME };
	}
	terminal_size(c->exact ? -1 : STDOUT_FILENO, &rows, &columns);
	snprintf(r->append, sizeof(r->append),
		 "mode=%s ring=%ux%u realtime=%lld%09ld stdin=%s stdout=%s stderr=%s rows=%u"
		 " cols=%u seed=0x%016llx%s%s%s%s",
		 c->mode, r->ring_blocks, r->ring_kib, (long long)now.tv_sec, now.tv_nsec, console,
		 console, r->tty && isatty(STDERR_FILENO) ? "tty" : "port", rows, columns,
		 (unsigned long long)seed, r->tree ? " root=host" : "",
		 c->rules->count ? " rules=1" : "", exact,
		 c->no_vdso || c->exact ? " vdso=off" : "");
	length = strlen(r->append);
	snprintf(r->append + length, sizeof(r->append) - length, " data=%u core=%llu%s", c->data,
		 (unsigned long long)c->core_limit, r->functions.length ? " functions=1" : "");
}

/* The ring of each CPU: as asked, or as large as its part of what is to be kept. */
static int ring_size(struct run *r, struct error *why)
{
	const struct run_config *c = r->config;
	uint64_t kib = (uint64_t)c->keep * 1024 / c->cpus;

	r->ring_blocks = c->ring_blocks;
	r->ring_kib = c->ring_kib;
	if (c->keep) {
		r->ring_blocks = 4;
		while ((uint64_t)r->ring_blocks * r->ring_kib < kib)
			r->ring_blocks *= 2;
	}
	kib = (uint64_t)r->ring_blocks * r->ring_kib * c->cpus;
	if ((kib >> 10) + MEMORY_BASE > c->memory)
		return error_set(why, 125,
				 "rings of %llu MiB do not fit into %u MiB of memory; give more"
				 " with --memory",
				 (unsigned long long)(kib >> 10), c->memory);
	return 0;
}

/* Why there was no HELLO: QEMU's or the kernel's own words. */
static void boot_explain(struct session *s, struct error *why)
{
	const int wait = s->machine->wait_status;
	char version[128];
	const char *last;

	if (machine_too_old(version, sizeof(version))) {
		error_set(why, 125, "%s is too old: version 6 or newer is needed", version);
		return;
	}
	if (s->early.length) {
		error_set(why, 125, "the kernel did not start: %s", tail_lines(&s->early, 1));
		return;
	}
	last = tail_lines(&s->qemu, 1);
	if (*last)
		error_set(why, 125, "QEMU did not start the kernel: %s", last);
	else if (WIFSIGNALED(wait))
		error_set(why, 125, "QEMU did not start the kernel: killed by signal %d",
			  WTERMSIG(wait));
	else
		error_set(why, 125, "QEMU did not start the kernel: it ended with status %d",
			  WEXITSTATUS(wait));
}

/* The guest's last words below a message. */
static void log_show(struct session *s)
{
	struct tail *t = s->log.length ? &s->log : &s->early;
	const char *lines = tail_lines(t, 8);

	while (*lines) {
		const size_t length = strcspn(lines, "\n");
		struct buffer clean = { 0 };
		char *line = strndup(lines, length);

		if (line) {
			line[strcspn(line, "\r")] = '\0';
			buffer_clean(&clean, line);
			fprintf(stderr, "  kernel: %s\n", buffer_text(&clean));
		}
		buffer_free(&clean);
		free(line);
		lines += length + (lines[length] != '\0');
	}
}

/* What the kernel said when it panicked: from the trace, else from its log. */
static void panic_explain(struct session *s, sqlite3 *db, struct error *why)
{
	sqlite3_stmt *q =
		sql_prepare(db, "SELECT text FROM log WHERE level = -1 ORDER BY id LIMIT 1", NULL);
	const char *text = NULL, *line;

	if (q && sqlite3_step(q) == SQLITE_ROW)
		text = (const char *)sqlite3_column_text(q, 0);
	if (!text) {
		line = strstr(tail_lines(&s->log, 100), "panic");
		if (!line)
			line = strstr(tail_lines(&s->early, 100), "panic");
		text = line ? line : "no reason was recorded";
	}
	error_set(why, 125, "the guest kernel panicked: %.*s", (int)strcspn(text, "\r\n"), text);
	sqlite3_finalize(q);
}

/* The exit status, with a message if it is one of ours. */
static int run_outcome(struct run *r, const struct error *decoded)
{
	struct session *s = &r->session;
	sqlite3 *db = store_database(r->store);
	struct error why = { 0 };

	if (s->state.bye && s->state.bye_frame.reason == 1) {
		panic_explain(s, db, &why);
	} else if (s->why.status) {
		why = s->why;
	} else if (s->stopped) {
		return s->stopped;
	} else if (!s->state.hello) {
		boot_explain(s, &why);
	} else if (!s->state.bye) {
		error_set(&why, 125, "the guest ended without a word: %s",
			  s->qemu.length ? tail_lines(&s->qemu, 1) : "QEMU is gone");
	} else if (s->state.store.status) {
		error_set(&why, 125, "%s: %s; the file holds what fitted", r->config->output,
			  s->state.store.text);
	} else if (decoded->status) {
		why = *decoded;
	} else if (tables_identity(db, &why) == 1) {
		return (int)(s->state.bye_frame.status & 0xff);
	} else if (!why.status) {
		error_set(&why, 125, "the trace is not complete: the guest's counts are missing");
	}
	why.status = 125;
	say(&why);
	if (!s->state.bye || s->state.bye_frame.reason == 1)
		log_show(s);
	return why.status;
}

static bool tables_are(const struct run_config *c, const char *what)
{
	return c->tables && strcmp(c->tables, what) == 0;
}

static void tables_make(struct run *r, struct error *why)
{
	const struct run_config *c = r->config;

	if (!r->session.state.hello || r->session.state.store.status)
		live_drop(r->live);
	else if (r->live)
		live_end(r->live, c->progress, why);
	else
		tables_build(store_database(r->store), !tables_are(c, "none"), c->progress, why);
	r->live = NULL;
}

/* The guest is gone: decode what came, and say how it went. */
static int run_finish(struct run *r)
{
	struct error decoded = { 0 }, closed = { 0 };
	int status;

	session_signals_unblock();
	tables_make(r, &decoded);
	origin_finish(store_database(r->store), r->config);
	status = run_outcome(r, &decoded);
	meta_set_integer(store_database(r->store), "status", status);
	if (store_close(r->store, &closed) && status != 125) {
		closed.status = 125;
		status = say(&closed);
	}
	r->store = NULL;
	return status;
}

static int run_machine(struct run *r, struct error *why)
{
	const struct run_config *c = r->config;
	const struct machine_config machine = {
		.kernel = r->files.kernel,
		.initramfs = r->image,
		.append = r->append,
		.cpus = c->cpus,
		.memory = c->memory,
		.tree = r->tree,
		.places = &r->places,
		.icount = c->icount,
		.exact = c->exact,
		.kvm = c->kvm,
		.extra = c->qemu,
	};
	struct session *s = &r->session;
	int status = machine_start(&r->machine, &machine, why);

	if (status)
		return status;
	meta_set_text(store_database(r->store), "qemu_arguments",
		      buffer_text(&r->machine.arguments));
	s->machine = &r->machine;
	s->rules = c->rules;
	s->control = &r->control;
	s->tty = r->tty;
	s->show_log = c->show_log;
	s->timeout = c->timeout;
	status = receiver_start(&s->receiver, r->machine.port[PORT_TRACE],
				r->machine.port[PORT_CORE], r->store, c->rules, why);
	/* A flight recorder's blocks come late and may be many at once. */
	if (!status && !tables_are(c, "end") && strcmp(c->mode, "flight") != 0)
		live_start(&r->live, c->output, r->store, !tables_are(c, "none"), NULL);
	if (!status && s->tty && !terminal_raw(STDIN_FILENO))
		s->tty = false;
	if (!status) {
		session_run(s);
		receiver_finish(s->receiver, &s->state);
	}
	machine_close(&r->machine);
	return status;
}

int run(const struct run_config *config)
{
	struct run *r = calloc(1, sizeof(*r));
	struct error why = { 0 };
	int status;

	if (!r)
		return 125;
	r->config = config;
	r->image = r->control.fd = -1;
	r->tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	session_signals_block();
	status = ring_size(r, &why);
	if (!status)
		status = run_prepare(r, &why);
	if (!status)
		status = control_open(&r->control, &why);
	if (!status) {
		append_make(r);
		status = store_create(&r->store, config->output, config->force, &why) ? 125 : 0;
	}
	if (!status) {
		origin_write(store_database(r->store), config, r->append, r->inputs,
			     r->files.kernel);
		if (r->control.fd >= 0)
			meta_set_text(store_database(r->store), "control", r->control.path);
		status = kernel_functions_store(&r->kernel, store_database(r->store), &why);
	}
	if (!status) {
		status = run_machine(r, &why);
	}
	if (status) {
		fprintf(stderr, "ringscope: %s\n", why.text);
		live_drop(r->live);
		store_close(r->store, NULL);
	} else {
		status = run_finish(r);
	}
	control_close(&r->control);
	if (r->image >= 0)
		close(r->image);
	buffer_free(&r->input);
	buffer_free(&r->functions);
	kernel_functions_free(&r->kernel);
	program_free(&r->program);
	places_free(&r->places);
	free(r);
	return status;
}
