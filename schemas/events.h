/* Views of events.def and enums.def that both kernel and host use: ids, named
 * numbers, payload structs.  The rest of a view's users build their own tables
 * by including the .def files again. */
#ifndef SCHEMAS_EVENTS_H
#define SCHEMAS_EVENTS_H

#include <stdint.h>

/* WAY_SYSRET, FAULT_COW, SWITCH_BLOCK, WAIT_PIPE_READ, LOSS_RING_FULL, ... */
/* clang-format off */
#define ENUM(group) enum {
#define VALUE(group, name, number, label) group##_##name = (number),
#define END_ENUM(group) };
/* clang-format on */
#include "schemas/enums.def"

/* EV_syscall_enter, ... */
enum event_id {
#define EVENT(id, name, label) EV_##name = (id),
#include "schemas/events.def"
	EV_LIMIT = 256 /* all ids are below */
};

/* Sets of events as 64 bits: each has the bit of its place in events.def, and what is none
 * of them the last one. */
enum event_place {
#define EVENT(id, name, label) EVENT_PLACE_##name,
#include "schemas/events.def"
	EVENT_PLACES
};
_Static_assert(EVENT_PLACES < 64, "an event needs a bit of its own");

#define EVENT_SET(name) (1ull << EVENT_PLACE_##name)

/* The set of the one event of this id. */
static inline uint64_t event_set(unsigned id)
{
	switch (id) {
#define EVENT(id, name, label)                                                                     \
	case id:                                                                                   \
		return EVENT_SET(name);
#include "schemas/events.def"
	default:
		return 1ull << 63;
	}
}

/* Is there an event of this id? */
static inline int event_exists(unsigned id)
{
	switch (id) {
#define EVENT(id, name, label) case id:
#include "schemas/events.def"
		return 1;
	default:
		return 0;
	}
}

/* struct ev_page_fault { uint64_t addr : 64; uint64_t rip : 48; ... };
 * An event's tail is not part of its struct. */
/* clang-format off */
#define EVENT(id, name, label) struct ev_##name {
#define FIELD(event, kind, bits, name, label) uint64_t name : (bits);
#define END_EVENT(event) };
/* clang-format on */
#include "schemas/events.def"

/* Nor has a tail the name of a field: readers of exports go by names. */
/* clang-format off */
#define EVENT(id, name, label) struct ev_##name##_names {
#define FIELD(event, kind, bits, name, label) char name;
#define TAIL(event, kind, name, label) char name;
#define END_EVENT(event) };
/* clang-format on */
#include "schemas/events.def"

/* No field straddles a word and none leaves a gap: the bits add up to the size. */
#define EVENT(id, name, label)                                                                     \
	_Static_assert((id) < EV_LIMIT, #name ": id too large");                                   \
	_Static_assert(sizeof(struct ev_##name) * 8 == 0
#define FIELD(event, kind, bits, name, label) +(bits)
#define END_EVENT(event) , #event ": fields must fill whole words");
#include "schemas/events.def"

#endif
