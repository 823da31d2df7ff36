#include "tracer/schema.h"

#include <pthread.h>
#include <stddef.h>

struct enum_value {
	enum field_kind group;
	uint64_t value;
	const char *name, *label;
};

static const struct enum_value values[] = {
#define VALUE(group, name, number, label) { KIND_##group, number, #name, label },
#include "schemas/enums.def"
};

/* The declarations in order; word and shift are counted up from them once. */
struct line {
	unsigned event;
	const char *name, *label;
	enum field_kind kind;
	uint8_t bits; /* 0: the tail */
};

static const struct line lines[] = {
#define FIELD(event, kind, bits, name, label) { EV_##event, #name, label, KIND_##kind, bits },
#define TAIL(event, kind, name, label)        { EV_##event, #name, label, KIND_##kind, 0 },
#include "schemas/events.def"
};

static struct event_info events[EV_LIMIT] = {
#define EVENT(id, ev_name, ev_label)                                                               \
	[id] = { .name = #ev_name, .label = ev_label, .words = sizeof(struct ev_##ev_name) / 8 },
#include "schemas/events.def"
};
static pthread_once_t events_once = PTHREAD_ONCE_INIT;

/* Each event's fields fit in its table. */
#define EVENT(id, name, label) _Static_assert(0
#define FIELD(event, kind, bits, name, label) +1
#define END_EVENT(event) <= EVENT_FIELDS_MAX, #event ": more fields than event_info holds");
#include "schemas/events.def"

static void events_fill(void)
{
	unsigned event = EV_LIMIT, bit = 0;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct line *l = &lines[i];
		struct event_info *info = &events[l->event];

		if (l->event != event) {
			event = l->event;
			bit = 0;
		}
		if (l->bits == 0) {
			info->tail = l->name;
			info->tail_label = l->label;
			info->tail_kind = l->kind;
			continue;
		}
		info->field[info->fields++] = (struct field_info){
			.name = l->name,
			.label = l->label,
			.kind = l->kind,
			.word = (uint8_t)(bit / 64),
			.shift = (uint8_t)(bit % 64),
			.bits = l->bits,
		};
		bit += l->bits;
	}
}

const struct event_info *event_info(unsigned id)
{
	pthread_once(&events_once, events_fill);
	return id < EV_LIMIT && events[id].name ? &events[id] : NULL;
}

static const struct enum_value *value_find(enum field_kind group, uint64_t value)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (values[i].group == group && values[i].value == value)
			return &values[i];
	return NULL;
}

const char *enum_label(enum field_kind group, uint64_t value)
{
	const struct enum_value *v = value_find(group, value);

	return v ? v->label : NULL;
}

const char *enum_name(enum field_kind group, uint64_t value)
{
	const struct enum_value *v = value_find(group, value);

	return v ? v->name : NULL;
}

bool event_fits(unsigned id, unsigned words)
{
	const struct event_info *info = event_info(id);

	return info && words >= info->words;
}
