#include "tracer/vm/origin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tracer/analysis/running.h"
#include "tracer/buffer.h"
#include "tracer/store/meta.h"
#include "tracer/vm/image.h"
#include "tracer/vm/machine.h"

static void hash_set(sqlite3 *db, const char *name, uint64_t hash)
{
	char text[20];

	snprintf(text, sizeof(text), "%016" PRIx64, hash);
	meta_set_text(db, name, text);
}

static void word_add(struct buffer *b, const char *word)
{
	if (b->length)
		buffer_char(b, ' ');
	buffer_string(b, word);
}

static void words_add(struct buffer *b, char *const *words)
{
	for (; *words; words++)
		word_add(b, *words);
}

/* Is a word of the kernel's command line none of what must be alike: a time, what a fact of
 * its own tells, what changes no record? */
static bool word_varies(const char *word)
{
	static const char *const names[] = { "realtime=", "exact=", "seed=", "turns=",
					     "rows=",     "cols=",  "core=", "answers=" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(word, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* The kernel's options but for those that differ each time, and QEMU's further ones. */
static void settings_write(sqlite3 *db, const struct run_config *c, const char *append)
{
	struct buffer b = { 0 };
	char copy[1024], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", append);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		if (!word_varies(word))
			word_add(&b, word);
	if (c->exact && c->seeded)
		word_add(&b, "turns by seed");
	for (char *const *text = c->functions; *text; text++) {
		word_add(&b, "functions=");
		buffer_string(&b, *text);
	}
	for (char *const *text = c->stacks; *text; text++) {
		word_add(&b, "stacks=");
		buffer_string(&b, *text);
	}
	words_add(&b, c->qemu);
	meta_set_text(db, "settings", buffer_text(&b));
	buffer_free(&b);
}

/* Where the programs' files are, if not where the guest has them. */
static void root_write(sqlite3 *db, const char *root)
{
	char *whole = root ? realpath(root, NULL) : NULL;

	if (whole && strcmp(whole, "/") != 0)
		meta_set_text(db, "root", whole);
	free(whole);
}

/* The first program, which the guest has under a name of its own. */
static void init_write(sqlite3 *db, const char *file, bool tree)
{
	char *whole = *file ? realpath(file, NULL) : NULL;

	if (whole) {
		meta_set_text(db, "init", tree ? IMAGE_INIT_IN_TREE : IMAGE_INIT);
		meta_set_text(db, "init_file", whole);
	}
	free(whole);
}

void origin_write(sqlite3 *db, const struct run_config *c, const char *append, uint64_t inputs,
		  const struct files *files, bool tree)
{
	struct buffer command = { 0 };
	char compiler[128];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	words_add(&command, c->argv);
	hash_set(db, "schema", RINGSCOPE_SCHEMA_HASH);
	meta_set_text(db, "version", RINGSCOPE_VERSION);
	meta_set_text(db, "command", buffer_text(&command));
	meta_set_text(db, "kernel_command_line", append);
	settings_write(db, c, append);
	root_write(db, c->root);
	init_write(db, files->init, tree);
	hash_set(db, "inputs", inputs);
	if (files_compiler(files->kernel, compiler, sizeof(compiler)))
		meta_set_text(db, "kernel_compiler", compiler);
	meta_set_text(db, "qemu", machine_program());
	if (*c->filters)
		meta_set_text(db, "filter", c->filters);
	if (*c->triggers)
		meta_set_text(db, "trigger", c->triggers);
	meta_set_integer(db, "memory_mib", c->memory);
	meta_set_integer(db, "icount", c->icount);
	meta_set_integer(db, "exact", c->exact);
	if (c->exact)
		meta_set_integer(db, "seed", (int64_t)(c->seeded ? c->seed : EXACT_SEED));
	meta_set_integer(db, "started", (int64_t)now.tv_sec);
	buffer_free(&command);
}

void origin_finish(sqlite3 *db, const struct run_config *c)
{
	char version[128];

	if (!c->exact)
		return;
	if (machine_version(version, sizeof(version)))
		meta_set_text(db, "qemu_version", version);
	running_write(db, NULL);
}
