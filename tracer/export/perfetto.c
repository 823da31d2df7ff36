/* Perfetto's native trace: protocol buffers, by hand, of the few messages that it takes
 * to show tracks and slices.  Numbers of fields are those of perfetto's
 * protos/perfetto/trace/: TracePacket, TrackDescriptor, TrackEvent, DebugAnnotation. */
#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"
#include "tracer/analysis/payload.h"
#include "tracer/export/label.h"
#include "tracer/export/output.h"
#include "tracer/symbols/kernel.h"

enum {
	TRACE_PACKET = 1,
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE = 10, /* trusted_packet_sequence_id */
	PACKET_TRACK_EVENT = 11,
	PACKET_FLAGS = 13,
	PACKET_TRACK = 60,
	FLAGS_CLEARED = 1, /* SEQ_INCREMENTAL_STATE_CLEARED */
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

/* A message is at most a few hundred bytes: names are bounded. */
struct message {
	uint8_t bytes[1024];
	size_t length;
};

struct perfetto {
	struct output out;
	struct kernel_functions kernel;
	bool any;
	uint32_t on[TRACE_CPUS_MAX]; /* thread whose slice is open on a CPU's track */
};

static void put(struct message *m, const void *bytes, size_t count)
{
	if (m->length + count > sizeof(m->bytes))
		return;
	memcpy(m->bytes + m->length, bytes, count);
	m->length += count;
}

static void put_varint(struct message *m, uint64_t value)
{
	uint8_t byte;

	do {
		byte = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		put(m, &byte, 1);
		value >>= 7;
	} while (value);
}

static void put_number(struct message *m, unsigned field, uint64_t value)
{
	put_varint(m, field << 3);
	put_varint(m, value);
}

static void put_bytes(struct message *m, unsigned field, const void *bytes, size_t count)
{
	if (count > 400)
		count = 400;
	put_varint(m, field << 3 | 2);
	put_varint(m, count);
	put(m, bytes, count);
}

static void put_message(struct message *m, unsigned field, const struct message *inner)
{
	put_bytes(m, field, inner->bytes, inner->length);
}

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

static struct message packet_begin(struct perfetto *p)
{
	struct message packet = { .length = 0 };

	put_number(&packet, PACKET_SEQUENCE, 1);
	if (!p->any)
		put_number(&packet, PACKET_FLAGS, FLAGS_CLEARED);
	p->any = true;
	return packet;
}

static void slice_write(struct perfetto *p, uint64_t track, int64_t time, const char *name,
			const char *category, uint64_t id)
{
	struct message packet = packet_begin(p), event = { .length = 0 }, note = { .length = 0 };

	put_number(&event, EVENT_TYPE, name ? TYPE_BEGIN : TYPE_END);
	put_number(&event, EVENT_TRACK, track);
	if (name) {
		put_bytes(&event, EVENT_CATEGORY, category, strlen(category));
		put_bytes(&event, EVENT_NAME, name, strlen(name));
		put_bytes(&note, NOTE_NAME, "event", 5);
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
	struct message packet = packet_begin(p), track = { .length = 0 };

	put_number(&track, TRACK_UUID, uuid);
	if (what)
		put_message(&track, field, what);
	else
		put_bytes(&track, TRACK_NAME, name, strlen(name));
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
		put_bytes(&process, PROCESS_NAME, name, strlen(name));
		track_write(p, CPU_TRACK * 4 + t->pid, TRACK_PROCESS, &process, NULL);
	}
	put_number(&thread, THREAD_PID, t->pid);
	put_number(&thread, THREAD_TID, t->tid);
	put_bytes(&thread, THREAD_NAME, name, strlen(name));
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
		status = walk_run(p->out.db, &watcher, &totals, why);
	for (unsigned cpu = 0; !status && cpu < TRACE_CPUS_MAX && totals.cpu[cpu].any; cpu++) {
		if (p->on[cpu])
			slice_write(p, CPU_TRACK + cpu, totals.cpu[cpu].last, NULL, NULL, 0);
		snprintf(name, sizeof(name), "CPU %u", cpu);
		track_write(p, CPU_TRACK + cpu, 0, NULL, name);
		snprintf(name, sizeof(name), "CPU %u idle", cpu);
		track_write(p, CPU_TRACK * 2 + cpu, 0, NULL, name);
	}
	kernel_functions_free(&p->kernel);
	status = output_close(&p->out, status, why);
	free(p);
	return status;
}

const struct export_format export_format_perfetto = {
	.name = "perfetto",
	.summary = "Perfetto's own format, for ui.perfetto.dev and trace_processor",
	.run = perfetto_run,
};
