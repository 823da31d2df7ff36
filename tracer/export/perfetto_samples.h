/* On-CPU samples (`run --sample`) as Perfetto's packets: PerfSample, with names, frames and
 * callstacks interned.  Numbers of fields are those of perfetto's InternedData,
 * profile_common.proto and profile_packet.proto. */
#ifndef TRACER_EXPORT_PERFETTO_SAMPLES_H
#define TRACER_EXPORT_PERFETTO_SAMPLES_H

#include <sqlite3.h>

#include "tracer/analysis/map.h"
#include "tracer/analysis/unwind.h"
#include "tracer/error.h"
#include "tracer/export/protobuf.h"

/* Zeroes at first. */
struct perfetto_samples {
	struct unwind *unwind; /* NULL: the recording has no stacks */
	struct unwound stack;  /* that is being written */
	struct map frames;     /* by name and kernel: number */
	struct map callstacks; /* by hash of their frames: number */
};

/* 0, or status 2 or 3. */
int perfetto_samples_open(struct perfetto_samples *s, sqlite3 *db, struct error *why);
/* Takes the inside of one field of a packet. */
typedef void emit_packet(void *cookie, unsigned field, const struct message *inner, int64_t time);
/* Every event in order.  emit is called with the inside of each packet that it makes: first
 * what is new to be interned, then the sample.  False: no memory. */
bool perfetto_samples_event(struct perfetto_samples *s, const struct event *e, emit_packet *emit,
			    void *cookie);
void perfetto_samples_close(struct perfetto_samples *s);

#endif
