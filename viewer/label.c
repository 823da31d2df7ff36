#include "viewer/label.h"

#include <string.h>
#include <sys/mman.h>

#include "schemas/syscalls.h"
#include "tracer/vector.h"

struct event_info {
	const char *name, *label;
	unsigned bits;
};

/* clang-format off: macros that are half a declaration */
static const struct event_info events[EV_LIMIT] = {
#define EVENT(id, name, label)                [id] = { #name, label, 0
#define FIELD(event, kind, bits, name, label) +(bits)
#define END_EVENT(event)                                                                           \
	}                                                                                          \
	,
#include "schemas/events.def"
};
/* clang-format on */

/* All fields in order; an entry without a name stands before each event's first. */
static const struct field_info fields[] = {
#define EVENT(id, name, label)                { id, FIELD_KIND_pad, NULL, NULL },
#define FIELD(event, kind, bits, name, label) { EV_##event, FIELD_KIND_##kind, #name, label },
#include "schemas/events.def"
};

/* Where in fields each event begins. */
enum {
#define EVENT(id, name, label)                START_##name,
#define FIELD(event, kind, bits, name, label) START_##event##_##name,
#include "schemas/events.def"
};

static const uint16_t starts[EV_LIMIT] = {
#define EVENT(id, name, label) [id] = START_##name + 1,
#include "schemas/events.def"
};

static const struct {
	const char *name, *result, *sentence;
} calls[SYSCALL_LIMIT] = {
#define CALL(nr, name, ret, sentence)                             [nr] = { #name, #ret, sentence },
#define SYSCALL0                                                  CALL
#define SYSCALL1(nr, name, ret, t0, a0, sentence)                 CALL(nr, name, ret, sentence)
#define SYSCALL2(nr, name, ret, t0, a0, t1, a1, sentence)         CALL(nr, name, ret, sentence)
#define SYSCALL3(nr, name, ret, t0, a0, t1, a1, t2, a2, sentence) CALL(nr, name, ret, sentence)
#define SYSCALL4(nr, name, ret, t0, a0, t1, a1, t2, a2, t3, a3, sentence)                          \
	CALL(nr, name, ret, sentence)
#define SYSCALL5(nr, name, ret, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4, sentence)                  \
	CALL(nr, name, ret, sentence)
#define SYSCALL6(nr, name, ret, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, sentence)          \
	CALL(nr, name, ret, sentence)
#include "schemas/syscalls.def"
};

static const struct {
	int64_t number;
	const char *name, *text;
} errors[] = {
#define ERROR(number, name, text) { number, #name, text },
#include "schemas/errors.def"
};

enum action { ACTION_NONE, ACTION_TERM, ACTION_CORE, ACTION_IGN, ACTION_STOP, ACTION_CONT };

static const struct {
	unsigned number;
	const char *name;
	enum action action;
} signals[] = {
#define SIGNAL(number, name, action, text) { number, #name, ACTION_##action },
#include "schemas/signals.def"
};

static const struct {
	enum field_kind group;
	uint64_t number;
	const char *label;
} enums[] = {
#define FIELD_KIND_MODE                   FIELD_KIND_pad /* no event carries it */
#define FIELD_KIND_VECTOR                 FIELD_KIND_vector
#define VALUE(group, name, number, label) { FIELD_KIND_##group, number, label },
#include "schemas/enums.def"
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *label_event_name(unsigned id)
{
	return id < EV_LIMIT && events[id].name != NULL ? events[id].name : "?";
}

const char *label_event(unsigned id)
{
	return id < EV_LIMIT && events[id].label != NULL ? events[id].label : "unknown event";
}

unsigned label_event_words(unsigned id)
{
	return id < EV_LIMIT ? events[id].bits / 64 : 0;
}

const struct field_info *label_field(unsigned event, unsigned place)
{
	size_t at;

	if (event >= EV_LIMIT || starts[event] == 0)
		return NULL;
	at = starts[event] + (size_t)place;
	return at < COUNT(fields) && fields[at].event == event && fields[at].name != NULL
		       ? &fields[at]
		       : NULL;
}

const char *label_call(unsigned nr)
{
	return nr < SYSCALL_LIMIT && calls[nr].name != NULL ? calls[nr].name : "an unknown call";
}

const char *label_call_sentence(unsigned nr)
{
	return nr < SYSCALL_LIMIT && calls[nr].sentence != NULL ? calls[nr].sentence
								: "has no number that Linux knows";
}

bool label_call_hex(unsigned nr)
{
	return nr < SYSCALL_LIMIT && calls[nr].result != NULL &&
	       (strcmp(calls[nr].result, "ptr") == 0 || strcmp(calls[nr].result, "hex") == 0);
}

const char *label_error(int64_t number)
{
	for (size_t i = 0; i < COUNT(errors); i++)
		if (errors[i].number == number)
			return errors[i].name;
	return NULL;
}

const char *label_error_text(int64_t number)
{
	for (size_t i = 0; i < COUNT(errors); i++)
		if (errors[i].number == number)
			return errors[i].text;
	return NULL;
}

const char *label_signal(unsigned number)
{
	for (size_t i = 0; i < COUNT(signals); i++)
		if (signals[i].number == number)
			return signals[i].name;
	return number >= 32 && number <= 64 ? "a real-time signal" : "no known signal";
}

const char *label_signal_action(unsigned number)
{
	static const char *const words[] = {
		[ACTION_NONE] = "it ends",  [ACTION_TERM] = "it ends",
		[ACTION_CORE] = "it ends",  [ACTION_IGN] = "nothing happens",
		[ACTION_STOP] = "it stops", [ACTION_CONT] = "it goes on",
	};

	for (size_t i = 0; i < COUNT(signals); i++)
		if (signals[i].number == number)
			return words[signals[i].action];
	return words[ACTION_NONE];
}

void label_protection(uint64_t prot, char text[4])
{
	text[0] = prot & PROT_READ ? 'r' : '-';
	text[1] = prot & PROT_WRITE ? 'w' : '-';
	text[2] = prot & PROT_EXEC ? 'x' : '-';
	text[3] = '\0';
}

const char *label_enum(enum field_kind group, uint64_t number)
{
	for (size_t i = 0; i < COUNT(enums); i++)
		if (enums[i].group == group && enums[i].number == number)
			return enums[i].label;
	return "unknown";
}

const char *label_vector(unsigned vector)
{
	return vector_label(vector);
}
