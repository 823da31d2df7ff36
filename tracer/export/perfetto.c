/* Perfetto's native trace: protocol buffers, by hand, of the few messages that it takes
 * to show tracks and slices.  Numbers of fields are those of perfetto's
 * protos/perfetto/trace/: TracePacket, TrackDescriptor, TrackEvent, DebugAnnotation. */
#include <stdlib.h>

#include "schemas/events.h"
#include "tracer/payload.h"
#include "tracer/export/label.h"
#include "tracer/export/output.h"
#include "tracer/export/perfetto_samples.h"
#include "tracer/export/protobuf.h"
#include "tracer/symbols/kernel.h"

enum {
	TRACE_PACKET = 1,
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE = 10, /* trusted_packet_sequence_id */
	PACKET_TRACK_EVENT = 11,
	PACKET_FLAGS = 13,
	PACKET_TRACK = 60,
	FLAGS_CLEARED = 1, /* SEQ_INCREMENTAL_STATE_CLEARED */
	FLAGS_NEEDED = 2,  /* SEQ_NEEDS_INCREMENTAL_STATE */
	TRACK_UUID = 1,
	TRACK_NAME = 2,
	TRACK_PROCESS = 3,
	TRACK_THREAD = 4,
	PROCESS_PID = 1,
	PROCESS_NAME = 6,
	THREAD_PID = 1,
	THREAD_TID = 2,
	THREAD_NAME = 5,
	EVENT_NOTE = 4,
	EVENT_TYPE = 9,
	EVENT_TRACK = 11,
	EVENT_CATEGORY = 22,
	EVENT_NAME = 23,
	NOTE_INT = 4,
	NOTE_NAME = 10,
	TYPE_BEGIN = 1,
	TYPE_END = 2,
};

/* Tracks of CPUs have numbers that no thread has. */
#define CPU_TRACK (1ull << 40)

struct perfetto {
	struct output out;
	struct kernel_functions kernel;
	struct perfetto_samples samples;
	bool any[2];                 /* packets of tracks, of samples: each a sequence of its own */
	bool failed;                 /* no memory */
	uint32_t on[TRACE_CPUS_MAX]; /* thread whose slice is open on a CPU's track */
};

static void packet_write(struct perfetto *p, const struct message *packet)
{
	struct message head = { .length = 0 };

	put_varint(&head, TRACE_PACKET << 3 | 2);
	put_varint(&head, packet->length);
	buffer_append(&p->out.line, head.bytes, head.length);
	buffer_append(&p->out.line, packet->bytes, packet->length);
	if (p->out.line.length > 1 << 16)
		output_flush(&p->out);
}

enum { OF_TRACKS, OF_SAMPLES };

static struct message packet_begin(struct perfetto *p, unsigned sequence)
{
	struct message packet = { .length = 0 };
	const unsigned interned = sequence == OF_SAMPLES ? FLAGS_NEEDED : 0;
	const unsigned first = p->any[sequence] ? 0 : FLAGS_CLEARED;

	put_number(&packet, PACKET_SEQUENCE, sequence + 1);
	if (first | interned)
		put_number(&packet, PACKET_FLAGS, first | interned);
	p->any[sequence] = true;
	return packet;
}

static void sample_write(void *cookie, unsigned field, const struct message *inner, int64_t time)
{
	struct perfetto *p = cookie;
	struct message packet = packet_begin(p, OF_SAMPLES);

	put_number(&packet, PACKET_TIMESTAMP, (uint64_t)time);
	put_message(&packet, field, inner);
	packet_write(p, &packet);
}

static void slice_write(struct perfetto *p, uint64_t track, int64_t time, const char *name,
			const char *category, uint64_t id)
{
	struct message packet = packet_begin(p, OF_TRACKS), event = { .length = 0 },
		       note = { .length = 0 };

	put_number(&event, EVENT_TYPE, name ? TYPE_BEGIN : TYPE_END);
	put_number(&event, EVENT_TRACK, track);
	if (name) {
		put_text(&event, EVENT_CATEGORY, category);
		put_text(&event, EVENT_NAME, name);
		put_text(&note, NOTE_NAME, "event");
		put_number(&note, NOTE_INT, id);
		put_message(&event, EVENT_NOTE, &note);
	}
	put_number(&packet, PACKET_TIMESTAMP, (uint64_t)time);
	put_message(&packet, PACKET_TRACK_EVENT, &event);
	packet_write(p, &packet);
}

/* A slice is written when it ends: viewers sort by time. */
static void span_end(void *cookie, struct walk_thread *t, const struct walk_span *s,
		     const struct walk_span *parent)
{
	static const char *const categories[SPAN_KINDS] = { "syscall", "fault", "exception",
							    "interrupt", "nmi" };
	struct perfetto *p = cookie;
	const uint64_t track = t->tid ? t->tid : CPU_TRACK * 2 + s->cpu;
	char name[64];

	(void)parent;
	label_span(s, name, sizeof(name));
	slice_write(p, track, s->begin_time, name, categories[s->kind], s->begin);
	slice_write(p, track, s->end_time, NULL, NULL, 0);
}

static void function_end(void *cookie, struct walk_thread *t, const struct walk_frame *f,
			 bool ended)
{
	struct perfetto *p = cookie;
	const uint64_t track = t->tid ? t->tid : CPU_TRACK * 2 + f->cpu;
	char name[64];

	(void)ended;
	kernel_function_name(&p->kernel, f->function, name, sizeof(name));
	slice_write(p, track, f->begin_time, name, "function", f->begin);
	slice_write(p, track, f->end_time, NULL, NULL, 0);
}

static void event(void *cookie, struct walk_thread *t, const struct event *e)
{
	struct perfetto *p = cookie;
	struct ev_context_switch sw;

	p->failed |= !perfetto_samples_event(&p->samples, e, sample_write, p);
	if (t->tid && p->on[e->cpu] != t->tid) {
		slice_write(p, CPU_TRACK + e->cpu, e->time, label_thread(t), "sched", e->id);
		p->on[e->cpu] = t->tid;
	}
	if (e->kind != EV_context_switch)
		return;
	sw = payload_context_switch(e);
	if (p->on[e->cpu] && sw.next != p->on[e->cpu]) {
		slice_write(p, CPU_TRACK + e->cpu, e->time, NULL, NULL, 0);
		p->on[e->cpu] = 0;
	}
}

static void track_write(struct perfetto *p, uint64_t uuid, unsigned field,
			const struct message *what, const char *name)
{
	struct message packet = packet_begin(p, OF_TRACKS), track = { .length = 0 };

	put_number(&track, TRACK_UUID, uuid);
	if (what)
		put_message(&track, field, what);
	else
		put_text(&track, TRACK_NAME, name);
	put_message(&packet, PACKET_TRACK, &track);
	packet_write(p, &packet);
}

static void thread_end(void *cookie, struct walk_thread *t)
{
	struct perfetto *p = cookie;
	struct message process = { .length = 0 }, thread = { .length = 0 };
	const char *name = label_thread(t);

	if (!t->tid)
		return;
	if (t->tid == t->pid) {
		put_number(&process, PROCESS_PID, t->pid);
		put_text(&process, PROCESS_NAME, name);
		track_write(p, CPU_TRACK * 4 + t->pid, TRACK_PROCESS, &process, NULL);
	}
	put_number(&thread, THREAD_PID, t->pid);
	put_number(&thread, THREAD_TID, t->tid);
	put_text(&thread, THREAD_NAME, name);
	track_write(p, t->tid, TRACK_THREAD, &thread, NULL);
}

static int perfetto_run(const struct export_job *job, struct error *why)
{
	struct perfetto *p = calloc(1, sizeof(*p));
	const struct walk_watcher watcher = {
		.cookie = p,
		.thread_end = thread_end,
		.event = event,
		.span_end = span_end,
		.function_end = function_end,
	};
	struct walk_totals totals;
	char name[32];
	int status;

	if (!p)
		return error_set(why, 2, "cannot export the trace: out of memory");
	status = output_open(&p->out, job, false, why);
	if (!status)
		status = kernel_functions_load(&p->kernel, p->out.db, why);
	if (!status)
		status = perfetto_samples_open(&p->samples, p->out.db, why);
	if (!status)
		status = walk_run(p->out.db, &watcher, &totals, why);
	if (!status && p->failed)
		status = error_set(why, 2, "cannot export the trace: out of memory");
	for (unsigned cpu = 0; !status && cpu < TRACE_CPUS_MAX && totals.cpu[cpu].any; cpu++) {
		if (p->on[cpu])
			slice_write(p, CPU_TRACK + cpu, totals.cpu[cpu].last, NULL, NULL, 0);
		snprintf(name, sizeof(name), "CPU %u", cpu);
		track_write(p, CPU_TRACK + cpu, 0, NULL, name);
		snprintf(name, sizeof(name), "CPU %u idle", cpu);
		track_write(p, CPU_TRACK * 2 + cpu, 0, NULL, name);
	}
	kernel_functions_free(&p->kernel);
	perfetto_samples_close(&p->samples);
	status = output_close(&p->out, status, why);
	free(p);
	return status;
}

const struct export_format export_format_perfetto = {
	.name = "perfetto",
	.summary = "Perfetto's own format, for ui.perfetto.dev and trace_processor",
	.run = perfetto_run,
};
