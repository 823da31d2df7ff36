/* Chrome's trace events as JSON, for chrome://tracing, Perfetto's viewer and others:
 * the format is its "Trace Event Format" document.  Times are microseconds.  Processes
 * have a track a thread with its calls, faults and interrupts; process 0 has a track a
 * CPU with who ran there. */
#include <inttypes.h>

#include "schemas/events.h"
#include "tracer/payload.h"
#include "tracer/analysis/profile_build.h"
#include "tracer/analysis/unwind.h"
#include "tracer/export/label.h"
#include "tracer/export/output.h"
#include "tracer/symbols/kernel.h"

struct chrome {
	struct output out;
	struct kernel_functions kernel;
	struct unwind *unwind; /* NULL: there are no stacks */
	struct unwound stack;
	struct profile frames; /* the tree of all that are in samples */
	bool any, failed;
	int64_t since[TRACE_CPUS_MAX]; /* when the thread on a CPU came there */
};

static struct buffer *event_begin(struct chrome *c)
{
	if (c->out.line.length > 1 << 16)
		output_flush(&c->out);
	buffer_string(&c->out.line, c->any ? ",\n{" : "\n{");
	c->any = true;
	return &c->out.line;
}

static void span_end(void *cookie, struct walk_thread *t, const struct walk_span *s,
		     const struct walk_span *parent)
{
	struct buffer *b = event_begin(cookie);
	char label[64];

	(void)parent;
	label_span(s, label, sizeof(label));
	buffer_string(b, "\"ph\":\"X\",\"name\":");
	buffer_json(b, label);
	buffer_printf(b,
		      ",\"ts\":%.3f,\"dur\":%.3f,\"pid\":%u,\"tid\":%u,\"args\":{\"event\":%" PRIu64
		      ",\"cpu\":%u,\"blocked_ns\":%" PRId64,
		      (double)s->begin_time / 1000, (double)(s->end_time - s->begin_time) / 1000,
		      t->pid, t->tid, s->begin, s->cpu, s->blocked);
	if (s->kind == SPAN_CALL && s->done)
		buffer_printf(b, ",\"result\":%" PRId64, s->result);
	if (s->kind == SPAN_FAULT)
		buffer_printf(b, ",\"address\":\"0x%" PRIx64 "\"", s->addr);
	buffer_string(b, "}}");
}

static void function_end(void *cookie, struct walk_thread *t, const struct walk_frame *f,
			 bool ended)
{
	struct chrome *c = cookie;
	struct buffer *b = event_begin(c);
	char name[64];

	(void)ended;
	kernel_function_name(&c->kernel, f->function, name, sizeof(name));
	buffer_string(b, "\"ph\":\"X\",\"cat\":\"function\",\"name\":");
	buffer_json(b, name);
	buffer_printf(b,
		      ",\"ts\":%.3f,\"dur\":%.3f,\"pid\":%u,\"tid\":%u,\"args\":{\"event\":%" PRIu64
		      ",\"self_ns\":%" PRId64 "}}",
		      (double)f->begin_time / 1000, (double)(f->end_time - f->begin_time) / 1000,
		      t->pid, t->tid, f->begin, f->self);
}

/* The frame of the innermost function, made with those around it. */
static uint32_t frame_get(struct chrome *c)
{
	uint32_t frame = 0;

	for (unsigned i = 0; i < c->stack.count && frame != PROFILE_NONE; i++)
		frame = profile_node_get(&c->frames, frame, c->stack.name[i]);
	return frame;
}

static void sample_add(struct chrome *c)
{
	const uint32_t frame = frame_get(c);
	struct buffer *b;

	c->failed |= frame == PROFILE_NONE;
	if (!frame || frame == PROFILE_NONE)
		return;
	b = event_begin(c);
	buffer_printf(b,
		      "\"ph\":\"P\",\"name\":\"sample\",\"ts\":%.3f,\"pid\":%u,\"tid\":%u,"
		      "\"sf\":%u}",
		      (double)c->stack.time / 1000, c->stack.pid, c->stack.tid, frame);
}

/* The frames that samples named, each in that around it. */
static void frames_write(struct chrome *c)
{
	struct buffer *b = &c->out.line;

	buffer_string(b, ",\"stackFrames\":{");
	for (uint32_t i = 1; i < c->frames.node_count; i++) {
		buffer_printf(b, "%s\n\"%u\":{\"category\":\"\",\"name\":", i > 1 ? "," : "", i);
		buffer_json(b, c->frames.nodes[i].name);
		if (c->frames.nodes[i].parent)
			buffer_printf(b, ",\"parent\":%u", c->frames.nodes[i].parent);
		buffer_char(b, '}');
		if (b->length > 1 << 16)
			output_flush(&c->out);
	}
	buffer_string(b, "}");
}

static void event(void *cookie, struct walk_thread *t, const struct event *e)
{
	struct chrome *c = cookie;
	struct buffer *b;

	if (c->unwind && unwind_event(c->unwind, e, &c->stack) && c->stack.why == STACK_SAMPLE)
		sample_add(c);
	if (e->kind != EV_context_switch)
		return;
	if (t->tid) {
		b = event_begin(c);
		buffer_string(b, "\"ph\":\"X\",\"name\":");
		buffer_json(b, label_thread(t));
		buffer_printf(
			b, ",\"ts\":%.3f,\"dur\":%.3f,\"pid\":0,\"tid\":%u,\"args\":{\"tid\":%u}}",
			(double)c->since[e->cpu] / 1000,
			(double)(e->time - c->since[e->cpu]) / 1000, e->cpu, t->tid);
	}
	c->since[e->cpu] = e->time;
}

static void thread_end(void *cookie, struct walk_thread *t)
{
	struct buffer *b;

	if (!t->tid)
		return;
	b = event_begin(cookie);
	buffer_printf(b, "\"ph\":\"M\",\"name\":\"%s\",\"pid\":%u,\"tid\":%u,\"args\":{\"name\":",
		      t->tid == t->pid ? "process_name" : "thread_name", t->pid, t->tid);
	buffer_json(b, label_thread(t));
	buffer_string(b, "}}");
}

static int chrome_run(const struct export_job *job, struct error *why)
{
	struct chrome c = { 0 };
	const struct walk_watcher watcher = {
		.cookie = &c,
		.thread_end = thread_end,
		.event = event,
		.span_end = span_end,
		.function_end = function_end,
	};
	struct walk_totals totals;
	int status = output_open(&c.out, job, false, why);

	if (!status)
		status = kernel_functions_load(&c.kernel, c.out.db, why);
	if (!status && unwind_wanted(c.out.db)) {
		c.unwind = unwind_open(c.out.db, why);
		status = c.unwind ? 0 : why->status;
		c.failed = profile_node_get(&c.frames, PROFILE_NONE, "all") != 0;
	}
	if (!status) {
		buffer_string(&c.out.line, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
		buffer_string(event_begin(&c), "\"ph\":\"M\",\"name\":\"process_name\",\"pid\":0,"
					       "\"tid\":0,\"args\":{\"name\":\"CPUs\"}}");
		status = walk_run(c.out.db, &watcher, &totals, why);
		buffer_string(&c.out.line, "\n]");
		if (c.frames.node_count > 1)
			frames_write(&c);
		buffer_string(&c.out.line, "}\n");
	}
	if (!status && c.failed)
		status = error_set(why, 2, "cannot export the trace: out of memory");
	profile_free(&c.frames);
	unwind_close(c.unwind);
	kernel_functions_free(&c.kernel);
	return output_close(&c.out, status, why);
}

const struct export_format export_format_chrome = {
	.name = "chrome",
	.summary = "trace events in JSON, for chrome://tracing and ui.perfetto.dev",
	.run = chrome_run,
};
