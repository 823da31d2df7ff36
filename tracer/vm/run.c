#include "tracer/vm/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "tracer/buffer.h"
#include "tracer/store/inputs.h"
#include "tracer/store/meta.h"
#include "tracer/vm/answers.h"
#include "tracer/vm/files.h"
#include "tracer/vm/functions.h"
#include "tracer/vm/image.h"
#include "tracer/vm/origin.h"
#include "tracer/vm/recording.h"
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
	uint64_t image_size;
	struct given given;
	const char *tree; /* of the host, as the guest's root; NULL: packed files */
	struct places places;
	unsigned answers; /* MiB, as machine_config; 0: none are kept */
	bool tty;
	struct buffer input;            /* of an exact run: all of it */
	struct kernel_functions kernel; /* if any are recorded */
	struct buffer functions;        /* which: the list for the kernel */
	char append[1024];
	unsigned ring_blocks, ring_kib;
	struct recording recording;
};

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

/* Memory for what the host's file trees answer, behind the guest's own. */
static int answers_size(struct run *r, struct error *why)
{
	const struct run_config *c = r->config;

	r->recording.answers_mib = c->answers ? c->answers : ANSWERS_MIB;
	/* QEMU packs the image there, too. */
	r->answers = r->recording.answers_mib + (unsigned)(r->image_size >> 20);
	if (c->memory + r->answers <= ANSWERS_TOP_MIB)
		return 0;
	return error_set(why, 125,
			 "--record-replay needs %u MiB beside the guest's memory, and together"
			 " not more than %u MiB; give less with --memory",
			 r->answers, ANSWERS_TOP_MIB);
}

/* What a recording has in place of a command. */
static int again_prepare(struct run *r, struct error *why)
{
	const struct run_again *again = r->config->again;

	snprintf(r->files.kernel, sizeof(r->files.kernel), "%s", again->kernel);
	r->image = dup(again->image);
	if (r->image < 0)
		return error_set(why, 125, "the image: %s", strerror(errno));
	r->answers = again->trees.answers;
	r->tree = again->trees.directory;
	return r->tree ? places_again(&r->places, r->tree, again->trees.writable, why) : 0;
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
	int status;

	if (c->again) {
		return again_prepare(r, why);
	}
	status = command_find(r, why);
	if (!status)
		status = files_find(&r->files, c->kernel, why);
	if (status)
		return status;
	if (r->tree && (status = places_find(&r->places, r->tree, c->rws, c->tmpfs, why)))
		return status;
	image.places = r->tree ? &r->places : NULL;
	if (*c->functions || *c->stacks || c->sample) {
		status = kernel_functions_read(&r->kernel, r->files.kernel, why);
		if (!status)
			status = functions_select(&r->kernel, c->functions, c->stacks,
						  &r->functions, why);
		if (status)
			return status;
		image.functions = &r->functions;
	}
	if (c->exact && (status = input_read_all(&r->input, why)))
		return status;
	image.input = c->exact ? &r->input : NULL;
	r->image = image_pack(&image, &r->image_size, &r->given, why);
	if (r->image < 0)
		return why->status;
	if ((r->image_size >> 20) * 2 + MEMORY_BASE > c->memory)
		return error_set(why, 125,
				 "%llu MiB of files do not fit into %u MiB of memory; give more"
				 " with --memory",
				 (unsigned long long)(r->image_size >> 20), c->memory);
	return c->record_replay && r->tree ? answers_size(r, why) : 0;
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

	if (c->again) {
		snprintf(r->append, sizeof(r->append), "%s", c->again->append);
		return;
	}
	snprintf(turns, sizeof(turns), " turns=0x%016llx", (unsigned long long)c->seed);
	if (c->exact && !c->seeded)
		seed = EXACT_SEED;
	else if (!c->seeded && getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		seed = (uint64_t)getpid();
	clock_gettime(CLOCK_REALTIME, &now);
	if (c->exact) {
		snprintf(exact, sizeof(exact), " exact=%lld%09ld%s", (long long)now.tv_sec,
			 now.tv_nsec, c->seeded ? turns : "");
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
	snprintf(r->append + length, sizeof(r->append) - length,
		 " data=%u core=%llu watchdog=%u%s%s%s%s", c->data,
		 (unsigned long long)c->core_limit, c->watchdog, c->inject ? " inject=1" : "",
		 r->functions.length ? " functions=1" : "", c->on_tracer_loss ? " tracer=" : "",
		 c->on_tracer_loss ? c->on_tracer_loss : "");
	length = strlen(r->append);
	if (c->sample)
		length += (size_t)snprintf(r->append + length, sizeof(r->append) - length,
					   " sample=%u", c->sample);
	if (c->stack_bytes)
		length += (size_t)snprintf(r->append + length, sizeof(r->append) - length,
					   " stack=%u", c->stack_bytes / 8);
	if (r->answers)
		snprintf(r->append + length, sizeof(r->append) - length, " answers=%u", c->memory);
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

/* What a tracer that comes after us has to know. */
static int state_save(struct run *r, struct error *why)
{
	const struct run_directory *d = &r->recording.directory;
	struct buffer facts = { 0 };
	char schema[32], watchdog[32], *output = realpath(r->config->output, NULL);
	int status;

	snprintf(schema, sizeof(schema), "%016llx", (unsigned long long)RINGSCOPE_SCHEMA_HASH);
	snprintf(watchdog, sizeof(watchdog), "%u", r->config->watchdog);
	run_fact_add(&facts, "schema", schema);
	run_fact_add(&facts, "output", output ? output : r->config->output);
	run_fact_add(&facts, "mode", r->config->mode);
	run_fact_add(&facts, "tty", r->recording.session.tty ? "1" : "0");
	run_fact_add(&facts, "watchdog", watchdog);
	run_fact_guest(&facts, r->recording.machine.pid);
	free(output);
	status = run_directory_save(d, &facts, why);
	buffer_free(&facts);
	return status ? status : run_directory_save_rules(d, r->config->rules, why);
}

static int run_machine(struct run *r, struct error *why)
{
	const struct run_config *c = r->config;
	const bool outlives = c->on_tracer_loss != NULL;
	const struct machine_config machine = {
		.kernel = r->files.kernel,
		.initramfs = r->image,
		.append = r->append,
		.cpus = c->cpus,
		.memory = c->memory,
		.answers = r->answers,
		.answered = c->again ? c->again->trees.answered : -1,
		.tree = r->tree,
		.places = &r->places,
		.icount = c->icount,
		.exact = c->exact,
		.kvm = c->kvm,
		.record = c->again ? c->again->record : NULL,
		.extra = c->qemu,
		.directory = outlives ? &r->recording.directory : NULL,
	};
	struct session *s = &r->recording.session;
	int status = machine_start(&r->recording.machine, &machine, why);

	if (status)
		return status;
	meta_set_text(store_database(r->recording.store), "qemu_arguments",
		      buffer_text(&r->recording.machine.arguments));
	s->rules = c->rules;
	s->tty = r->tty;
	s->show_log = c->show_log;
	s->timeout = c->timeout;
	s->watchdog = c->watchdog;
	r->recording.no_memory = c->no_memory;
	r->recording.answers = c->again ? 0 : (uint64_t)(r->answers ? c->memory : 0) << 20;
	s->unhurried = c->debugged;
	status = outlives ? state_save(r, why) : 0;
	if (status) {
		machine_close(&r->recording.machine);
		return status;
	}
	return recording_run(&r->recording, c->rules, why);
}

/* What it takes to run again, for `ringscope replay`. */
static int inputs_keep(struct run *r, struct error *why)
{
	sqlite3 *db = store_database(r->recording.store);
	const int kernel = open(r->files.kernel, O_RDONLY | O_CLOEXEC);
	int status;

	if (kernel < 0) {
		status = error_set(why, 125, "%s: %s", r->files.kernel, strerror(errno));
	} else {
		status = input_save(db, "initramfs", r->image, why) ||
					 input_save(db, "kernel", kernel, why)
				 ? 125
				 : 0;
	}
	if (kernel >= 0)
		close(kernel);
	if (!status && r->answers) {
		meta_set_integer(db, "answers_mib", r->answers);
		meta_set_integer(db, "trees_writable", places_writable(&r->places));
	}
	return status;
}

int run(const struct run_config *config)
{
	struct run *r = calloc(1, sizeof(*r));
	struct error why = { 0 };
	struct recording *rec;
	sqlite3 *db;
	int status;

	if (!r)
		return 125;
	rec = &r->recording;
	recording_init(rec);
	rec->output = config->output;
	rec->tables = config->tables;
	rec->progress = config->progress;
	rec->exact = config->exact ? config : NULL;
	rec->flight = strcmp(config->mode, "flight") == 0;
	r->config = config;
	r->image = -1;
	r->tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	session_signals_block();
	status = ring_size(r, &why);
	if (!status)
		status = run_prepare(r, &why);
	if (!status)
		status = control_open(&rec->control, &why);
	if (!status && config->on_tracer_loss)
		status = run_directory_create(&rec->directory, &why);
	if (!status) {
		append_make(r);
		status = store_create(&rec->store, config->output, config->force, &why) ? 125 : 0;
	}
	if (!status) {
		db = store_database(rec->store);
		rec->kernel = *config->stacks || config->sample ? r->files.kernel : NULL;
		origin_write(db, config, r->append, given_hash(&r->given), &r->files, r->tree);
		if (rec->control.fd >= 0)
			meta_set_text(db, "control", rec->control.path);
		if (rec->directory.path[0])
			meta_set_text(db, "guest", rec->directory.path);
		status = given_write(&r->given, db, &why) ? 125 : 0;
	}
	if (!status)
		status = kernel_functions_store(&r->kernel, db, &why) ? 125 : 0;
	if (!status && config->record_replay)
		status = inputs_keep(r, &why);
	if (!status)
		status = run_machine(r, &why);
	why.status = status;
	status = recording_end(rec, &why);
	if (r->image >= 0)
		close(r->image);
	given_free(&r->given);
	buffer_free(&r->input);
	buffer_free(&r->functions);
	kernel_functions_free(&r->kernel);
	program_free(&r->program);
	places_free(&r->places);
	free(r);
	return status;
}
