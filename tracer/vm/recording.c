#include "tracer/vm/recording.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tracer/buffer.h"
#include "tracer/store/meta.h"
#include "tracer/store/sql.h"
#include "tracer/symbols/program.h"
#include "tracer/vm/answers.h"
#include "tracer/vm/origin.h"
#include "tracer/vm/terminal.h"

static int say(const struct error *why)
{
	fprintf(stderr, "ringscope: %s\n", why->text);
	return why->status;
}

void recording_init(struct recording *r)
{
	r->control.fd = r->directory.lock = r->machine.memory = -1;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		r->control.client[i].fd = -1;
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

/* What the kernel said when it panicked: in its memory, in the trace, else in its log. */
static void panic_text(struct recording *r, sqlite3 *db, char *text, size_t size)
{
	static const char prefix[] = "panic: ";
	struct session *s = &r->session;
	sqlite3_stmt *q;
	const char *said = r->salvaged.panic.text;

	if (said[0]) {
		snprintf(text, size, "%s", said);
		return;
	}
	q = sql_prepare(db, "SELECT text FROM log WHERE level = -1 ORDER BY id LIMIT 1", NULL);
	said = q && sqlite3_step(q) == SQLITE_ROW ? (const char *)sqlite3_column_text(q, 0) : NULL;
	if (!said)
		said = strstr(tail_lines(&s->log, 100), prefix);
	if (!said)
		said = strstr(tail_lines(&s->early, 100), prefix);
	if (!said)
		said = "no reason was recorded";
	else if (strncmp(said, prefix, strlen(prefix)) == 0)
		said += strlen(prefix);
	snprintf(text, size, "%.*s", (int)strcspn(said, "\r\n"), said);
	sqlite3_finalize(q);
}

/* How the machine came to its end. */
static void crash_explain(struct recording *r, sqlite3 *db, struct error *why)
{
	static const char hang[] = "hang: "; /* kernel/sched/watchdog.c */
	const struct session *s = &r->session;
	const enum stop_reason reason = s->crashed ? s->reason : STOP_PANIC;
	char said[256], more[300] = "";

	panic_text(r, db, said, sizeof(said));
	if (r->salvage_worked)
		snprintf(more, sizeof(more), "; `ringscope crash %.200s` tells more", r->output);
	if (strncmp(said, hang, strlen(hang)) == 0)
		error_set(why, 125, "the guest kernel hangs: %s%s", said + strlen(hang), more);
	else if (reason == STOP_HANG && !r->salvaged.panic.owner && s->suspect >= 0)
		error_set(why, 125,
			  "the guest kernel hangs: CPU %d makes no progress for %u s and takes no"
			  " NMI%s",
			  s->suspect, s->watchdog, more);
	else if (reason == STOP_HANG && !r->salvaged.panic.owner)
		error_set(why, 125, "the guest kernel hangs: it answers nothing for %u s%s",
			  s->watchdog, more);
	else if (reason == STOP_TRIPLE_FAULT)
		error_set(why, 125,
			  "the guest's CPU could not take a double fault (triple fault)%s", more);
	else
		error_set(why, 125, "the guest kernel panicked: %s%s", said, more);
}

/* What is left of the trace in the guest's memory, when its end was not a good one. */
static void salvage(struct recording *r)
{
	struct session *s = &r->session;
	const struct salvage_request request = {
		.reason = s->crashed ? s->reason : STOP_PANIC,
		.registers = s->registers.length ? buffer_text(&s->registers) : NULL,
		.memory = !r->no_memory && s->crashed && s->reason != STOP_TIMEOUT,
	};
	struct error why = { 0 };

	if (s->left || s->state.store.status || r->machine.memory < 0 ||
	    (!s->crashed && !(s->state.bye && s->state.bye_frame.reason == 1)))
		return;
	r->salvage_worked = salvage_store(r->store, &s->ram, &request, &r->salvaged, &why) == 0;
	if (!r->salvage_worked && why.status == 2)
		s->state.store = why;
}

/* The exit status, with a message if it is one of ours. */
static int outcome(struct recording *r, const struct error *decoded)
{
	struct session *s = &r->session;
	sqlite3 *db = store_database(r->store);
	struct error why = { 0 };

	if (s->left && !s->why.status) {
		fprintf(stderr,
			"ringscope: the guest goes on; `ringscope attach %s` goes on"
			" recording it\n",
			r->directory.path);
		return 0;
	}
	if ((s->state.bye && s->state.bye_frame.reason == 1) ||
	    (s->crashed && s->reason < STOP_TIMEOUT) || r->salvaged.panic.owner) {
		crash_explain(r, db, &why);
	} else if (s->why.status) {
		why = s->why;
	} else if (s->stopped) {
		return s->stopped;
	} else if (!s->state.hello && r->again) {
		error_set(&why, 125, "%s: the guest has ended", r->output);
	} else if (!s->state.hello) {
		boot_explain(s, &why);
	} else if (!s->state.bye && s->unhurried) {
		return 125; /* the debugger ended it */
	} else if (!s->state.bye) {
		error_set(&why, 125, "the guest ended without a word: %s",
			  s->qemu.length ? tail_lines(&s->qemu, 1) : "QEMU is gone");
	} else if (s->state.store.status) {
		error_set(&why, 125, "%s: %s; the file holds what fitted", r->output,
			  s->state.store.text);
	} else if (decoded->status) {
		why = *decoded;
	} else if (tables_identity(db, &why) == 1) {
		const int64_t missing = sql_integer(db, "SELECT sum(missing) FROM counter", 0);

		if (missing <= 0 || r->again)
			return (int)(s->state.bye_frame.status & 0xff);
		error_set(
			&why, 125,
			"the trace is not complete: %lld records are in blocks that never arrived",
			(long long)missing);
	} else if (!why.status) {
		error_set(&why, 125, "the trace is not complete: the guest's counts are missing");
	}
	why.status = 125;
	say(&why);
	if (!s->left && !r->salvage_worked && (!s->state.bye || s->state.bye_frame.reason == 1))
		log_show(s);
	return why.status;
}

static bool tables_are(const struct recording *r, const char *what)
{
	return r->tables && strcmp(r->tables, what) == 0;
}

static void tables_make(struct recording *r, struct error *why)
{
	if (r->session.state.store.status || (!r->session.state.hello && !r->salvage_worked))
		live_drop(r->live);
	else if (r->live)
		live_end(r->live, r->progress, why);
	else
		tables_build(store_database(r->store), !tables_are(r, "none"), r->progress, why);
	r->live = NULL;
}

static int64_t time_ns(const struct timeval *t)
{
	return (int64_t)t->tv_sec * 1000000000 + (int64_t)t->tv_usec * 1000;
}

/* What recording cost us. */
static void cost_write(struct recording *r)
{
	sqlite3 *db = store_database(r->store);
	struct rusage used = { 0 };

	getrusage(RUSAGE_SELF, &used);
	meta_set_integer(db, "store_cpu_ns", (int64_t)r->session.state.cpu_ns);
	meta_set_integer(db, "tracer_cpu_ns", time_ns(&used.ru_utime) + time_ns(&used.ru_stime));
	meta_set_integer(db, "tracer_peak_kib", used.ru_maxrss);
}

/* A recording that cannot be run again is still one. */
static void answers_take(struct recording *r)
{
	struct error why = { 0 };

	if (r->answers && r->machine.memory >= 0 && r->session.state.hello &&
	    answers_store(store_database(r->store), r->machine.memory, r->answers, r->answers_mib,
			  &why))
		say(&why);
}

/* The guest is gone, or left: decode what came, and say how it went. */
static int recording_finish(struct recording *r)
{
	struct error decoded = { 0 }, closed = { 0 };
	int status;

	session_signals_unblock();
	salvage(r);
	tables_make(r, &decoded);
	answers_take(r);
	programs_store(store_database(r->store), r->kernel, &decoded);
	if (r->exact)
		origin_finish(store_database(r->store), r->exact);
	cost_write(r);
	status = outcome(r, &decoded);
	meta_set_integer(store_database(r->store), "status", status);
	if (store_close(r->store, &closed) && status != 125) {
		closed.status = 125;
		status = say(&closed);
	}
	r->store = NULL;
	return status;
}

int recording_run(struct recording *r, const struct rules *send, struct error *why)
{
	struct session *s = &r->session;
	int status;

	s->machine = &r->machine;
	s->control = &r->control;
	s->trace = r->output;
	s->directory = r->directory.path[0] ? &r->directory : NULL;
	status = receiver_start(&s->receiver, r->machine.port[PORT_TRACE],
				r->machine.port[PORT_CORE], r->store, send, r->again, why);
	/* A flight recorder's blocks come late and may be many at once. */
	if (!status && !tables_are(r, "end") && !r->flight)
		live_start(&r->live, r->output, r->store, !tables_are(r, "none"), NULL);
	if (!status && s->tty && !terminal_raw(STDIN_FILENO))
		s->tty = false;
	if (!status) {
		session_run(s);
		receiver_finish(s->receiver, &s->state);
		session_judge(s);
	}
	if (!status && s->left) {
		machine_leave(&r->machine);
		run_directory_leave(&r->directory);
	} else {
		machine_close(&r->machine);
	}
	return status;
}

int recording_end(struct recording *r, const struct error *why)
{
	int status;

	if (why->status) {
		status = say(why);
		live_drop(r->live);
		store_close(r->store, NULL);
	} else {
		status = recording_finish(r);
	}
	control_close(&r->control);
	buffer_free(&r->session.registers);
	machine_forget(&r->machine);
	if (!r->session.left)
		run_directory_remove(&r->directory);
	return status;
}
