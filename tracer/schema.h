/* events.def and enums.def as tables: what the fields of each event are and how
 * they are read.  Constant data, safe anywhere. */
#ifndef TRACER_SCHEMA_H
#define TRACER_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/events.h"

/* How a field's number is read (events.def says what each kind means). */
enum field_kind {
	KIND_dec,
	KIND_int,
	KIND_hex,
	KIND_addr,
	KIND_tid,
	KIND_cpu,
	KIND_nr,
	KIND_result,
	KIND_sig,
	KIND_vector,
	KIND_flag,
	KIND_pad,
	KIND_words,
	KIND_text,
	KIND_bytes,
#define ENUM(group) KIND_##group,
#include "schemas/enums.def"
	KIND_LIMIT
};

struct field_info {
	const char *name, *label;
	enum field_kind kind;
	uint8_t word, shift, bits; /* where it is in the payload */
};

#define EVENT_FIELDS_MAX 12

struct event_info {
	const char *name, *label; /* NULL: no such event */
	unsigned fields;
	unsigned words; /* of the fixed part */
	struct field_info field[EVENT_FIELDS_MAX];
	const char *tail, *tail_label; /* NULL: no tail */
	enum field_kind tail_kind;
};

/* What is known of event id; NULL if it is not one of ours. */
const struct event_info *event_info(unsigned id);

/* Label of a named number, NULL if the group has no such value. */
const char *enum_label(enum field_kind group, uint64_t value);
/* Its name in enums.def, in capitals; NULL likewise. */
const char *enum_name(enum field_kind group, uint64_t value);

/* Is a payload of so many words long enough to be event id? */
bool event_fits(unsigned id, unsigned words);

#endif
