#include "tracer/vm/attach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracer/store/meta.h"
#include "tracer/store/store.h"
#include "tracer/vm/recording.h"

struct attach {
	const struct attach_config *config;
	struct buffer facts;
	struct rules rules; /* in force in the guest */
	const char *first;  /* the file that was begun */
	struct recording recording;
};

static int facts_load(struct attach *a, int *pid, struct error *why)
{
	struct run_directory *d = &a->recording.directory;
	const char *schema;
	char ours[32];
	int status = run_directory_load(d, &a->facts, &a->rules, why);

	if (status)
		return status;
	*pid = run_guest(&a->facts);
	if (!*pid) {
		error_set(why, 125, "%s: the guest has ended", a->config->guest);
		run_directory_remove(d);
		return 125;
	}
	schema = run_fact(&a->facts, "schema");
	snprintf(ours, sizeof(ours), "%016llx", (unsigned long long)RINGSCOPE_SCHEMA_HASH);
	if (!schema || strcmp(schema, ours) != 0)
		return error_set(why, 125, "%s: was begun with schema %s, this program has %s",
				 a->config->guest, schema ? schema : "?", ours);
	a->first = run_fact(&a->facts, "output");
	a->recording.output = a->config->output ? a->config->output : a->first;
	if (!a->recording.output)
		return error_set(why, 125, "%s: its state names no trace file", d->path);
	return 0;
}

/* Go on with the file that was begun, or begin one that says as much as that. */
static int store_open(struct attach *a, struct error *why)
{
	struct recording *r = &a->recording;
	int status = a->config->output ? store_create(&r->store, r->output, a->config->force, why)
				       : store_continue(&r->store, r->output, why);
	sqlite3 *db = store_database(r->store);

	if (status)
		return 125;
	if (a->config->output && a->first && store_copy_facts(r->store, a->first, why))
		return 125;
	meta_set_text(db, "schema", run_fact(&a->facts, "schema"));
	meta_set_text(db, "control", r->control.path);
	meta_set_text(db, "guest", r->directory.path);
	meta_set_integer(db, "attached", meta_integer(db, "attached", 0) + 1);
	return 0;
}

/* The next one who attaches goes on with the file that is written now. */
static int state_save(struct attach *a, int pid, struct error *why)
{
	static const char *const kept[] = { "schema", "mode", "tty", "watchdog" };
	char *output = realpath(a->recording.output, NULL);
	struct buffer facts = { 0 };
	int status;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (run_fact(&a->facts, kept[i]))
			run_fact_add(&facts, kept[i], run_fact(&a->facts, kept[i]));
	run_fact_add(&facts, "output", output ? output : a->recording.output);
	run_fact_guest(&facts, pid);
	status = run_directory_save(&a->recording.directory, &facts, why);
	buffer_free(&facts);
	free(output);
	return status;
}

static int attach_run(struct attach *a, struct error *why)
{
	static const struct rules none = { 0 };
	struct recording *r = &a->recording;
	const char *mode, *tty, *watchdog;
	int pid = 0, status = run_directory_open(&r->directory, a->config->guest, why);

	if (!status)
		status = facts_load(a, &pid, why);
	if (!status)
		status = control_open(&r->control, why);
	if (!status)
		status = store_open(a, why);
	if (!status)
		status = state_save(a, pid, why);
	if (!status)
		status = machine_attach(&r->machine, pid, &r->directory, why);
	if (status)
		return status;
	mode = run_fact(&a->facts, "mode");
	tty = run_fact(&a->facts, "tty");
	watchdog = run_fact(&a->facts, "watchdog");
	r->session.watchdog = watchdog ? (unsigned)strtoul(watchdog, NULL, 10) : 0;
	r->flight = mode && strcmp(mode, "flight") == 0;
	r->session.tty =
		tty && strcmp(tty, "1") == 0 && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	return recording_run(r, &none, why);
}

int attach(const struct attach_config *config)
{
	struct attach *a = calloc(1, sizeof(*a));
	struct error why = { 0 };
	struct recording *r;
	int status;

	if (!a)
		return 125;
	r = &a->recording;
	recording_init(r);
	a->config = config;
	r->tables = config->tables;
	r->progress = config->progress;
	r->again = true;
	r->session.rules = &a->rules;
	r->session.show_log = config->show_log;
	session_signals_block();
	why.status = attach_run(a, &why);
	/* What we could not take over is left as it was. */
	r->session.left = r->session.left || why.status;
	status = recording_end(r, &why);
	run_directory_leave(&r->directory);
	buffer_free(&a->facts);
	free(a);
	return status;
}
