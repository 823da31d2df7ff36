/* Words for numbers: what schemas/ declares, as tables that the viewer looks up.
 * Every function answers for every number; what is unknown gets a plain text. */
#ifndef VIEWER_LABEL_H
#define VIEWER_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/events.h"

/* clang-format off: macros that are half a declaration */
/* Places of fields in their events, for event_field: AT_page_fault_addr, ... */
#define EVENT(id, name, label)                enum {
#define FIELD(event, kind, bits, name, label) AT_##event##_##name,
#define END_EVENT(event)                                                                           \
	AT_##event##_COUNT                                                                         \
	}                                                                                          \
	;
#include "schemas/events.def"

/* How a field's number is read: FIELD_KIND_dec, FIELD_KIND_tid, FIELD_KIND_WAIT ... */
enum field_kind {
	FIELD_KIND_dec,
	FIELD_KIND_int,
	FIELD_KIND_hex,
	FIELD_KIND_addr,
	FIELD_KIND_tid,
	FIELD_KIND_cpu,
	FIELD_KIND_nr,
	FIELD_KIND_result,
	FIELD_KIND_sig,
	FIELD_KIND_vector,
	FIELD_KIND_flag,
	FIELD_KIND_pad,
	FIELD_KIND_WAY,
	FIELD_KIND_FAULT,
	FIELD_KIND_SWITCH,
	FIELD_KIND_WAIT,
	FIELD_KIND_LOSS,
	FIELD_KIND_STACK,
	FIELD_KIND_DATA,
	FIELD_KIND_IPI,
};
/* clang-format on */

struct field_info {
	uint16_t event;
	enum field_kind kind;
	const char *name, *label;
};

/* "page_fault", "page fault"; "?" for an id that is not declared. */
const char *label_event_name(unsigned id);
const char *label_event(unsigned id);
/* "r-x": may be read, written, executed, by the bits of mmap(2). */
void label_protection(uint64_t prot, char text[4]);
/* Words that every record of this kind has; 0 also for unknown ids. */
unsigned label_event_words(unsigned id);
/* The field of an event by place, NULL past the last. */
const struct field_info *label_field(unsigned event, unsigned place);

/* "write", "call 999"; "writes bytes to a file". */
const char *label_call(unsigned nr);
const char *label_call_sentence(unsigned nr);
/* The call's result is an address or bits: people read it in hexadecimal. */
bool label_call_hex(unsigned nr);
/* "ENOENT", "No such file or directory"; NULL if there is none of that number. */
const char *label_error(int64_t number);
const char *label_error_text(int64_t number);
/* "SIGSEGV"; "it ends", ... the default action in words. */
const char *label_signal(unsigned number);
const char *label_signal_action(unsigned number);
/* The label of a number in a group of enums.def. */
const char *label_enum(enum field_kind group, uint64_t number);
/* vector_label. */
const char *label_vector(unsigned vector);

#endif
