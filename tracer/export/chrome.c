/* Chrome's trace events as JSON, for chrome://tracing, Perfetto's viewer and others:
 * the format is its "Trace Event Format" document.  Times are microseconds.  Processes
 * have a track a thread with its calls, faults and interrupts; process 0 has a track a
 * CPU with who ran there. */
#include <inttypes.h>

#include "schemas/events.h"
#include "tracer/analysis/payload.h"
#include "tracer/export/label.h"
#include "tracer/export/output.h"
#include "tracer/symbols/kernel.h"

struct chrome {
	struct output out;
	struct kernel_functions kernel;
	bool any;
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

static void event(void *cookie, struct walk_thread *t, const struct event *e)
{
	struct chrome *c = cookie;
	struct buffer *b;

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
	if (!status) {
		buffer_string(&c.out.line, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
		buffer_string(event_begin(&c), "\"ph\":\"M\",\"name\":\"process_name\",\"pid\":0,"
					       "\"tid\":0,\"args\":{\"name\":\"CPUs\"}}");
		status = walk_run(c.out.db, &watcher, &totals, why);
		buffer_string(&c.out.line, "\n]}\n");
	}
	kernel_functions_free(&c.kernel);
	return output_close(&c.out, status, why);
}

const struct export_format export_format_chrome = {
	.name = "chrome",
	.summary = "trace events in JSON, for chrome://tracing and ui.perfetto.dev",
	.run = chrome_run,
};
