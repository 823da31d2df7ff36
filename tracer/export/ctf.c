/* Common Trace Format 1.8 (diamon.org/ctf): a directory with `metadata`, made from
 * events.def, and one stream.  Every field of a record becomes 64 bits, so that the
 * layout is the same whatever events.def packs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tracer/export/output.h"
#include "tracer/schema.h"
#include "tracer/tables/timeline.h"

#define CTF_MAGIC 0xc1fc1fc1u

struct ctf {
	struct output out; /* the stream */
	char path[4096];
};

static const char metadata_head[] =
	"/* CTF 1.8 */\n\n"
	"typealias integer { size = 32; align = 8; signed = false; } := u32;\n"
	"typealias integer { size = 64; align = 8; signed = false; } := u64;\n"
	"typealias integer { size = 64; align = 8; signed = true; } := i64;\n"
	"typealias integer { size = 64; align = 8; signed = false; base = 16; } := x64;\n"
	"typealias integer { size = 8; align = 8; signed = false; base = 16; } := x8;\n\n"
	"trace {\n\tmajor = 1;\n\tminor = 8;\n\tbyte_order = le;\n"
	"\tpacket.header := struct { u32 magic; u32 stream_id; };\n};\n\n"
	"env {\n\ttracer_name = \"ringscope\";\n};\n\n"
	"clock {\n\tname = guest;\n\tdescription = \"ns since the guest kernel's first line\";\n"
	"\tfreq = 1000000000;\n};\n\n"
	"typealias integer { size = 64; align = 8; signed = false; map = clock.guest.value; }"
	" := time;\n\n"
	"stream {\n\tid = 0;\n"
	"\tevent.header := struct { u32 id; time timestamp; };\n"
	"\tevent.context := struct { u32 cpu; u32 tid; };\n};\n";

/* TSDL forbids some words as names: an underscore before each is dropped by readers. */
static void event_declare(FILE *f, unsigned id, const struct event_info *info)
{
	fprintf(f,
		"\nevent {\n\tname = \"%s\";\n\tid = %u;\n\tstream_id = 0;\n\tfields := struct {\n",
		info->name, id);
	for (unsigned i = 0; i < info->fields; i++) {
		const struct field_info *field = &info->field[i];
		const bool hex = field->kind == KIND_hex || field->kind == KIND_addr;
		const bool sign = field->kind == KIND_int || field->kind == KIND_result;

		if (field->kind != KIND_pad)
			fprintf(f, "\t\t%s _%s;\n",
				hex    ? "x64"
				: sign ? "i64"
				       : "u64",
				field->name);
	}
	if (info->tail && info->tail_kind == KIND_text)
		fprintf(f, "\t\tstring _%s;\n", info->tail);
	else if (info->tail)
		fprintf(f, "\t\tu32 _%s_count;\n\t\t%s _%s[_%s_count];\n", info->tail,
			info->tail_kind == KIND_words ? "x64" : "x8", info->tail, info->tail);
	fputs("\t};\n};\n", f);
}

static int metadata_write(struct ctf *c, const char *folder, struct error *why)
{
	FILE *f;
	bool bad;

	snprintf(c->path, sizeof(c->path), "%s/metadata", folder);
	f = fopen(c->path, "w");
	if (!f)
		return error_set(why, 2, "%s: %s", c->path, strerror(errno));
	fputs(metadata_head, f);
	for (unsigned id = 1; id < EV_LIMIT; id++)
		if (event_info(id))
			event_declare(f, id, event_info(id));
	bad = ferror(f);
	bad |= fclose(f) != 0;
	return bad ? error_set(why, 2, "%s: cannot be written", c->path) : 0;
}

static void put32(struct buffer *b, uint32_t value)
{
	buffer_append(b, &value, sizeof(value));
}

static void put64(struct buffer *b, uint64_t value)
{
	buffer_append(b, &value, sizeof(value));
}

static void tail_write(struct buffer *b, const struct event_info *info, const struct event *e)
{
	const char *bytes = (const char *)(e->payload + info->words);
	const uint32_t words = e->words - info->words;
	uint32_t count = words * 8;

	if (info->tail_kind == KIND_text) {
		count = (uint32_t)strnlen(bytes, count);
		buffer_append(b, bytes, count);
		buffer_append(b, "", 1);
		return;
	}
	put32(b, info->tail_kind == KIND_words ? words : count);
	buffer_append(b, bytes, count);
}

static void event_write(struct buffer *b, const struct event *e)
{
	const struct event_info *info = event_info(e->kind);

	if (!info || e->words < info->words)
		return;
	put32(b, e->kind);
	put64(b, (uint64_t)e->time);
	put32(b, e->cpu);
	put32(b, e->tid);
	for (unsigned i = 0; i < info->fields; i++)
		if (info->field[i].kind != KIND_pad)
			put64(b, (uint64_t)event_field(e, i));
	if (info->tail)
		tail_write(b, info, e);
}

static int stream_write(struct ctf *c, struct error *why)
{
	struct timeline_event *next = malloc(sizeof(*next));
	struct timeline *t = NULL;
	int more = 0, status;

	if (!next)
		return error_set(why, 2, "cannot export the trace: out of memory");
	status = timeline_open(&t, c->out.db, NULL, NULL, why);
	put32(&c->out.line, CTF_MAGIC);
	put32(&c->out.line, 0);
	while (!status && (more = timeline_next(t, next, why)) > 0) {
		event_write(&c->out.line, &next->e);
		if (c->out.line.length > 1 << 16)
			output_flush(&c->out);
	}
	timeline_close(t);
	free(next);
	return status ? status : more < 0 ? 2 : 0;
}

static int ctf_run(const struct export_job *job, struct error *why)
{
	struct ctf c = { .path = "" };
	struct export_job stream = *job;
	int status;

	if (!job->target)
		return error_set(why, 2, "which directory? name it with -o");
	if (strlen(job->target) > sizeof(c.path) - 16)
		return error_set(why, 2, "%s: %s", job->target, strerror(ENAMETOOLONG));
	if (mkdir(job->target, 0777) < 0 && (errno != EEXIST || !job->force))
		return error_set(why, 2, "%s: %s%s", job->target, strerror(errno),
				 errno == EEXIST ? "; --force writes into it" : "");
	status = metadata_write(&c, job->target, why);
	if (status)
		return status;
	snprintf(c.path, sizeof(c.path), "%s/events", job->target);
	stream.target = c.path;
	status = output_open(&c.out, &stream, false, why);
	if (!status)
		status = stream_write(&c, why);
	return output_close(&c.out, status, why);
}

const struct export_format export_format_ctf = {
	.name = "ctf",
	.summary = "Common Trace Format 1.8, for babeltrace2 and Trace Compass; needs -o DIRECTORY",
	.run = ctf_run,
};
