/* Where the time went as stacks: folded lines, and speedscope's JSON (its file format's
 * schema is on www.speedscope.app). */
#include <inttypes.h>

#include "schemas/events.h"
#include "tracer/analysis/flame.h"
#include "tracer/analysis/stacks.h"
#include "tracer/export/output.h"
#include "tracer/store/meta.h"

static int profile_open(struct output *o, struct profile *p, const struct export_job *job,
			struct error *why)
{
	const struct profile_config config = { .pid = -1 };
	int status = output_open(o, job, false, why);

	*p = (struct profile){ 0 };
	return status ? status : profile_make(p, o->db, &config, NULL, why);
}

static int folded_run(const struct export_job *job, struct error *why)
{
	struct output o;
	struct profile p;
	int status = profile_open(&o, &p, job, why);

	if (!status)
		flame_folded(&o.line, &p);
	profile_free(&p);
	return output_close(&o, status, why);
}

/* The frames from the root's child down to a node, as their numbers; the first is before. */
static void sample_json(struct buffer *b, const struct profile *p, uint32_t node, uint32_t before)
{
	if (p->nodes[node].parent) {
		sample_json(b, p, p->nodes[node].parent, before);
		buffer_char(b, ',');
	}
	buffer_printf(b, "%u", before + node - 1);
}

static void frames_json(struct buffer *b, const struct profile *p, bool more)
{
	for (uint32_t i = 1; i < p->node_count; i++) {
		buffer_string(b, more || i > 1 ? ",{\"name\":" : "{\"name\":");
		buffer_json(b, p->nodes[i].name);
		buffer_char(b, '}');
	}
}

/* A tree as what speedscope calls a sampled profile: each node that has something itself. */
static void tree_json(struct buffer *b, const struct profile *p, uint32_t before, const char *name,
		      const char *unit)
{
	bool first = true;

	buffer_printf(b,
		      "{\"type\":\"sampled\",\"name\":\"%s\",\"unit\":\"%s\",\"startValue\":0,"
		      "\"endValue\":%" PRId64 ",\"samples\":[",
		      name, unit, p->nodes[0].total);
	for (uint32_t i = 1; i < p->node_count; i++) {
		if (!p->nodes[i].self)
			continue;
		buffer_string(b, first ? "[" : ",[");
		first = false;
		sample_json(b, p, i, before);
		buffer_char(b, ']');
	}
	buffer_string(b, "],\"weights\":[");
	first = true;
	for (uint32_t i = 1; i < p->node_count; i++) {
		if (!p->nodes[i].self)
			continue;
		buffer_printf(b, "%s%" PRId64, first ? "" : ",", p->nodes[i].self);
		first = false;
	}
	buffer_string(b, "]}");
}

/* samples: NULL if there are none. */
static void speedscope_json(struct buffer *b, const struct profile *p,
			    const struct profile *samples, const char *command)
{
	buffer_string(b, "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\","
			 "\"exporter\":\"ringscope\",\"name\":");
	buffer_json(b, command);
	buffer_string(b, ",\"shared\":{\"frames\":[");
	frames_json(b, p, false);
	if (samples)
		frames_json(b, samples, p->node_count > 1);
	buffer_string(b, "]},\"profiles\":[");
	tree_json(b, p, 0, "all CPUs", "nanoseconds");
	if (samples) {
		buffer_char(b, ',');
		tree_json(b, samples, p->node_count - 1, "samples", "none");
	}
	buffer_string(b, "]}\n");
}

static int speedscope_run(const struct export_job *job, struct error *why)
{
	struct output o;
	struct profile p;
	struct stacks samples = { 0 };
	char command[256];
	int status = profile_open(&o, &p, job, why);

	if (!status && unwind_wanted(o.db))
		status = stacks_make(&samples, o.db, STACK_SAMPLE, -1, why);
	if (!status) {
		meta_text(o.db, "command", command, sizeof(command));
		speedscope_json(&o.line, &p, samples.count ? &samples.tree : NULL, command);
	}
	stacks_free(&samples);
	profile_free(&p);
	return output_close(&o, status, why);
}

const struct export_format export_format_folded = {
	.name = "folded",
	.summary = "stacks with their time, a line each, for flamegraph.pl and others",
	.run = folded_run,
};

const struct export_format export_format_speedscope = {
	.name = "speedscope",
	.summary = "the same for www.speedscope.app, and the samples of `run --sample`",
	.run = speedscope_run,
};
