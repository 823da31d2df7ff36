#include "viewer/phrase.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tracer/crash/cause.h"
#include "viewer/crossing.h"
#include "viewer/filter.h"
#include "viewer/label.h"

#define NAME_BYTES  64
#define VALUE_BYTES 768 /* of one expanded {name} */

/* Bits of a page fault's error code: SDM vol. 3, 4.7. */
#define FAULT_WRITE 2
#define FAULT_FETCH 16

#define F(event, field) event_field(e, AT_##event##_##field)

void phrase_thread(struct reader *r, uint32_t tid, uint64_t id, char *text, size_t size)
{
	char name[NAME_BYTES] = "";

	if (tid == 0) {
		snprintf(text, size, "idle");
		return;
	}
	reader_thread_name(r, tid, id, name, sizeof(name));
	snprintf(text, size, "%s %u", name[0] == '\0' ? "thread" : name, tid);
}

/* "6", "-2 ENOENT", "0x7f0000001000". */
static void phrase_result(struct reader *r, const struct event *e, char *text, size_t size)
{
	int64_t result = event_field(e, 0);
	const char *error = result < 0 ? label_error(-result) : NULL;
	int nr = event_call(r, e);

	if (error != NULL)
		snprintf(text, size, "%" PRId64 " %s", result, error);
	else if (nr >= 0 && label_call_hex((unsigned)nr))
		snprintf(text, size, "0x%" PRIx64, (uint64_t)result);
	else
		snprintf(text, size, "%" PRId64, result);
}

/* As wait(2) tells it: signal in the low 7 bits, else the exit status above. */
void phrase_status(int32_t status, char *text, size_t size)
{
	unsigned killed = (unsigned)status & 0x7f;

	if (killed == 0)
		snprintf(text, size, "exit %u", (unsigned)status >> 8 & 0xff);
	else
		snprintf(text, size, "%s", label_signal(killed));
}

/* The bits of mmap(2). */
static bool is_protection(const struct event *e, unsigned place)
{
	return (e->kind == EV_map && place == AT_map_prot) ||
	       (e->kind == EV_protect && place == AT_protect_prot);
}

void phrase_field(struct reader *r, const struct event *e, unsigned place, char *text, size_t size)
{
	const struct field_info *field = label_field(e->kind, place);
	int64_t value;

	if (field == NULL || !event_whole(e)) {
		snprintf(text, size, "?");
		return;
	}
	value = event_field(e, place);
	if (is_protection(e, place)) {
		char rights[4];

		label_protection((uint64_t)value, rights);
		snprintf(text, size, "%s", rights);
		return;
	}
	switch (field->kind) {
	case FIELD_KIND_tid:
		if (value == 0 && e->kind == EV_thread_create)
			snprintf(text, size, "the kernel"); /* no thread made it */
		else
			phrase_thread(r, (uint32_t)value, e->id, text, size);
		break;
	case FIELD_KIND_int:
		snprintf(text, size, "%" PRId64, value);
		break;
	case FIELD_KIND_hex:
	case FIELD_KIND_addr:
		snprintf(text, size, "0x%" PRIx64, (uint64_t)value);
		break;
	case FIELD_KIND_cpu:
		snprintf(text, size, "cpu%" PRIu64, (uint64_t)value);
		break;
	case FIELD_KIND_nr:
		snprintf(text, size, "%s", label_call((unsigned)value));
		break;
	case FIELD_KIND_result:
		phrase_result(r, e, text, size);
		break;
	case FIELD_KIND_sig:
		snprintf(text, size, "%s", label_signal((unsigned)value));
		break;
	case FIELD_KIND_vector:
		snprintf(text, size, "%" PRIu64 " (%s)", (uint64_t)value,
			 label_vector((unsigned)value));
		break;
	case FIELD_KIND_flag:
		snprintf(text, size, "%s", value != 0 ? "yes" : "no");
		break;
	case FIELD_KIND_dec:
	case FIELD_KIND_pad:
		snprintf(text, size, "%" PRIu64, (uint64_t)value);
		break;
	default:
		snprintf(text, size, "%s", label_enum(field->kind, (uint64_t)value));
	}
}

/* Text behind the fixed words, for the kinds that carry some. */
static void tail_value(const struct event *e, char *value)
{
	unsigned fixed = label_event_words(e->kind);
	const char *tail = (const char *)&e->payload[fixed];

	value[0] = '\0';
	if (e->kind != EV_thread_create && e->kind != EV_exec && e->kind != EV_thread_name &&
	    e->kind != EV_map && e->kind != EV_log && e->kind != EV_panic)
		return;
	if (e->words > fixed && e->words <= TRACE_WORDS_MAX)
		snprintf(value, VALUE_BYTES, "%.*s", (int)((e->words - fixed) * 8), tail);
}

/* Bytes in quotes, a NUL as \0: it would end the text. */
static void bytes_value(const char *bytes, size_t length, char *value)
{
	size_t used = 0;

	value[used++] = '"';
	for (size_t i = 0; i < length && used + 4 < VALUE_BYTES; i++) {
		if (bytes[i] == '\0')
			value[used++] = '\\';
		value[used++] = bytes[i] == '\0' ? '0' : bytes[i];
	}
	value[used++] = '"';
	value[used] = '\0';
}

/* Text as text; of what is no text, how much there is. */
static void data_value(const struct event *e, char *value)
{
	int64_t what = F(syscall_data, what), length = F(syscall_data, length);
	int64_t room = (int64_t)(e->words - label_event_words(e->kind)) * 8;
	const char *bytes = (const char *)&e->payload[label_event_words(e->kind)];

	length = length < room ? length : room;
	if (what == DATA_PATH || what == DATA_STRING)
		snprintf(value, VALUE_BYTES, "\"%.*s\"", (int)length, bytes);
	else if (what == DATA_BYTES_IN || what == DATA_BYTES_OUT)
		bytes_value(bytes, (size_t)length, value);
	else
		snprintf(value, VALUE_BYTES, "%s", label_enum(FIELD_KIND_DATA, (uint64_t)what));
}

static const char *error_text(const struct event *e)
{
	const char *text = e->kind == EV_syscall_return || e->kind == EV_syscall_result
				   ? label_error_text(-event_field(e, 0))
				   : NULL;

	return text == NULL ? "an unknown error" : text;
}

static const char *access_text(const struct event *e)
{
	int64_t error = e->kind == EV_page_fault ? F(page_fault, error) : 0;

	return error & FAULT_FETCH ? "fetch from" : error & FAULT_WRITE ? "write to" : "read of";
}

static unsigned vector_of(const struct event *e)
{
	return (unsigned)(e->kind == EV_exception       ? F(exception, vector)
			  : e->kind == EV_exception_end ? F(exception_end, vector)
			  : e->kind == EV_interrupt     ? F(interrupt, vector)
							: F(interrupt_end, vector));
}

static void because_value(const struct event *e, char *value)
{
	const char *reason = label_enum(FIELD_KIND_SWITCH, (uint64_t)F(context_switch, reason));
	const uint64_t wait = (uint64_t)F(context_switch, wait);
	/* Otherwise it is what the thread waited for last. */
	const bool waits = F(context_switch, reason) == SWITCH_BLOCK && wait != WAIT_NONE;

	snprintf(value, VALUE_BYTES, "%s%s%s", reason, waits ? " on " : "",
		 waits ? label_enum(FIELD_KIND_WAIT, wait) : "");
}

static void call_value(struct reader *r, const struct event *e, bool sentence, char *value)
{
	int nr = event_call(r, e);

	snprintf(value, VALUE_BYTES, "%s",
		 nr < 0     ? "the call"
		 : sentence ? label_call_sentence((unsigned)nr)
			    : label_call((unsigned)nr));
}

/* Where the program goes on, or what happens as it has no handler. */
static void action_value(const struct event *e, char *value)
{
	if (F(signal_deliver, handler) != 0)
		snprintf(value, VALUE_BYTES, "handler 0x%" PRIx64,
			 (uint64_t)F(signal_deliver, handler));
	else
		snprintf(value, VALUE_BYTES, "%s",
			 label_signal_action((unsigned)F(signal_deliver, sig)));
}

/* What the story of a crash says of it. */
static void fatal_value(struct reader *r, const struct event *e, char *value)
{
	const struct cause *cause = cause_of_event(r, e);

	if (cause == NULL)
		snprintf(value, VALUE_BYTES, "the trace does not tell why");
	else
		snprintf(value, VALUE_BYTES, "%s%s%s", cause->fact,
			 cause->fact[0] != '\0' && cause->conclusion[0] != '\0' ? "; " : "",
			 cause->conclusion[0] != '\0' || cause->fact[0] != '\0' ? cause->conclusion
										: cause->name);
}

/* Values that are not fields of the event; false if name is none of them. */
static bool special_value(struct reader *r, const struct event *e, const char *name, char *value)
{
	if (strcmp(name, "who") == 0)
		phrase_thread(r, e->tid, e->id, value, VALUE_BYTES);
	else if (strcmp(name, "call") == 0 || strcmp(name, "does") == 0)
		call_value(r, e, name[0] == 'd', value);
	else if (strcmp(name, "described") == 0)
		reader_describe(r, e, value, VALUE_BYTES);
	else if (strcmp(name, "took") == 0)
		phrase_duration(r, e, value, VALUE_BYTES);
	else if (strcmp(name, "because") == 0 && e->kind == EV_context_switch)
		because_value(e, value);
	else if (strcmp(name, "action") == 0 && e->kind == EV_signal_deliver)
		action_value(e, value);
	else if (strcmp(name, "irq") == 0)
		snprintf(value, VALUE_BYTES, "%s", label_vector(vector_of(e)));
	else if (strcmp(name, "tail") == 0)
		tail_value(e, value);
	else if (strcmp(name, "data") == 0 && e->kind == EV_syscall_data)
		data_value(e, value);
	else if (strcmp(name, "ended") == 0 && e->kind == EV_process_exit)
		phrase_status((int32_t)F(process_exit, status), value, VALUE_BYTES);
	else if (strcmp(name, "fatal") == 0)
		fatal_value(r, e, value);
	else if (strcmp(name, "access") == 0)
		snprintf(value, VALUE_BYTES, "%s", access_text(e));
	else if (strcmp(name, "error") == 0 && e->kind != EV_page_fault && e->kind != EV_exception)
		snprintf(value, VALUE_BYTES, "%s", error_text(e));
	else
		return false;
	if (value[0] == '\0')
		snprintf(value, VALUE_BYTES, "%s",
			 strcmp(name, "took") == 0 ? "an unknown time" : "");
	return true;
}

static void named_value(struct reader *r, const struct event *e, char *name, char *value)
{
	const struct field_info *field;
	size_t length = strlen(name);
	bool bare = length > 0 && name[length - 1] == '#';

	if (bare)
		name[length - 1] = '\0';
	else if (special_value(r, e, name, value))
		return;
	for (unsigned place = 0; (field = label_field(e->kind, place)) != NULL; place++) {
		if (strcmp(field->name, name) != 0)
			continue;
		if (bare)
			snprintf(value, VALUE_BYTES, "%" PRIu64, (uint64_t)event_field(e, place));
		else
			phrase_field(r, e, place, value, VALUE_BYTES);
		return;
	}
	snprintf(value, VALUE_BYTES, "?");
}

void phrase_expand(struct reader *r, const struct event *e, const char *format, char *text,
		   size_t size)
{
	size_t used = 0;

	while (*format != '\0' && used + 1 < size) {
		const char *close = *format == '{' ? strchr(format, '}') : NULL;
		char name[32], value[VALUE_BYTES];

		if (close == NULL || (size_t)(close - format) > sizeof(name)) {
			text[used++] = *format++;
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)(close - format - 1), format + 1);
		named_value(r, e, name, value);
		used += (size_t)snprintf(text + used, size - used, "%s", value);
		used = used < size ? used : size - 1;
		format = close + 1;
	}
	text[used] = '\0';
}

static const struct {
	const char *brief, *text;
} phrases[EV_LIMIT] = {
#define PHRASE(event, brief, text) [EV_##event] = { brief, text },
#include "viewer/phrase.def"
};

const char *phrase_format(unsigned kind)
{
	return kind < EV_LIMIT ? phrases[kind].text : NULL;
}

void phrase_event(struct reader *r, const struct event *e, char *text, size_t size)
{
	if (!event_whole(e))
		snprintf(text, size, "damaged record of %u words", e->words);
	else if (phrases[e->kind].text == NULL)
		snprintf(text, size, "%s", label_event(e->kind));
	else
		phrase_expand(r, e, phrases[e->kind].text, text, size);
}

void phrase_brief(struct reader *r, const struct event *e, char *text, size_t size)
{
	if (!event_whole(e))
		snprintf(text, size, "damaged");
	else if (phrases[e->kind].brief == NULL)
		snprintf(text, size, "?");
	else
		phrase_expand(r, e, phrases[e->kind].brief, text, size);
}

void phrase_gap(struct reader *r, const struct event *e, bool sentence, char *text, size_t size)
{
	const uint64_t lost = reader_gap(r, e);
	char count[32];

	phrase_count(lost, count, sizeof(count));
	if (lost == 0)
		text[0] = '\0';
	else if (sentence)
		snprintf(text, size, "%s record%s of cpu%u %s lost right before this. ", count,
			 lost == 1 ? "" : "s", e->cpu, lost == 1 ? "was" : "were");
	else
		snprintf(text, size, "[%s lost] ", count);
}

void phrase_line(struct reader *r, const struct event *e, char *text, size_t size)
{
	const char *kind = label_event(e->kind);
	char who[NAME_BYTES + 16], what[VALUE_BYTES];

	phrase_thread(r, e->tid, e->id, who, sizeof(who));
	phrase_event(r, e, what, sizeof(what));
	if (strncmp(what, kind, strlen(kind)) == 0)
		snprintf(text, size, "%s  %s", who, what); /* it begins with the kind */
	else
		snprintf(text, size, "%s  %s  %s", who, kind, what);
}

void phrase_duration(struct reader *r, const struct event *e, char *text, size_t size)
{
	struct span span;

	text[0] = '\0';
	if (reader_span(r, e->id, &span) && span.duration >= 0)
		phrase_ns(span.duration, text, size);
}
