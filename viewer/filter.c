#include "viewer/filter.h"

#include <stdlib.h>
#include <string.h>

#include "viewer/crossing.h"
#include "viewer/label.h"

static const char *const keys[] = {
	[FILTER_PID] = "pid",   [FILTER_TID] = "tid",   [FILTER_CPU] = "cpu",
	[FILTER_KIND] = "kind", [FILTER_CALL] = "call",
};

static bool value_parse(struct filter_term *term, const char *value, size_t length,
			struct error *why)
{
	char word[FILTER_WORD];
	char *end;

	if (length == 0 || length >= sizeof(word)) {
		error_set(why, 2, "filter: a value must have 1 to %d characters", FILTER_WORD - 1);
		return false;
	}
	if (term->count == FILTER_VALUES) {
		error_set(why, 2, "filter: at most %d values for one key", FILTER_VALUES);
		return false;
	}
	memcpy(word, value, length);
	word[length] = '\0';
	if (term->key <= FILTER_CPU) {
		term->numbers[term->count] = strtoull(word, &end, 10);
		if (*end != '\0' || word[0] < '0' || word[0] > '9') {
			error_set(why, 2, "filter: %s: '%s' is not a number", keys[term->key],
				  word);
			return false;
		}
	}
	memcpy(term->words[term->count++], word, length + 1);
	return true;
}

static bool key_parse(struct filter_term *term, const char *key, size_t length, struct error *why)
{
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strlen(keys[i]) == length && strncmp(key, keys[i], length) == 0) {
			term->key = (enum filter_key)i;
			return true;
		}
	}
	error_set(why, 2, "filter: no key '%.*s'; there are pid, tid, cpu, kind, call", (int)length,
		  key);
	return false;
}

static bool term_parse(struct filter_term *term, const char *text, size_t length, struct error *why)
{
	const char *equals, *end = text + length;

	memset(term, 0, sizeof(*term));
	if (length > 0 && text[0] == '!') {
		term->not = true;
		text++;
	}
	equals = memchr(text, '=', (size_t)(end - text));
	if (equals == NULL) {
		term->key = FILTER_KIND;
		return value_parse(term, text, (size_t)(end - text), why);
	}
	if (!key_parse(term, text, (size_t)(equals - text), why))
		return false;
	for (text = equals; text < end;) {
		const char *comma = memchr(text + 1, ',', (size_t)(end - text - 1));

		comma = comma == NULL ? end : comma;
		if (!value_parse(term, text + 1, (size_t)(comma - text - 1), why))
			return false;
		text = comma;
	}
	return true;
}

bool filter_parse(struct filter *filter, const char *text, struct error *why)
{
	struct filter made = { 0 };

	for (;;) {
		size_t length;

		text += strspn(text, " ");
		length = strcspn(text, " ");
		if (length == 0)
			break;
		if (made.count == FILTER_TERMS) {
			error_set(why, 2, "filter: at most %d terms", FILTER_TERMS);
			return false;
		}
		if (!(length == 3 && strncmp(text, "and", 3) == 0) &&
		    !term_parse(&made.terms[made.count++], text, length, why))
			return false;
		text += length;
	}
	*filter = made;
	return true;
}

int event_call(struct reader *r, const struct event *e)
{
	struct event begin;
	struct span span;

	if (!event_whole(e))
		return -1;
	if (e->kind == EV_syscall_enter)
		return (int)event_field(e, AT_syscall_enter_nr);
	if (e->kind == EV_syscall_absent)
		return (int)event_field(e, AT_syscall_absent_nr);
	if ((e->kind == EV_syscall_return || e->kind == EV_syscall_result) &&
	    reader_span(r, e->id, &span) && reader_event(r, span.begin, &begin, NULL) &&
	    begin.kind == EV_syscall_enter && event_whole(&begin))
		return (int)event_field(&begin, AT_syscall_enter_nr);
	return -1;
}

static bool word_match(const struct filter_term *term, unsigned i, struct reader *r,
		       const struct event *e)
{
	int nr;

	if (term->key == FILTER_KIND)
		return strcasestr(label_event_name(e->kind), term->words[i]) != NULL ||
		       strcasestr(label_event(e->kind), term->words[i]) != NULL;
	nr = event_call(r, e);
	return nr >= 0 && strcasecmp(label_call((unsigned)nr), term->words[i]) == 0;
}

static bool term_match(const struct filter_term *term, struct reader *r, const struct event *e)
{
	uint64_t number = term->key == FILTER_PID   ? e->pid
			  : term->key == FILTER_TID ? e->tid
						    : e->cpu;

	for (unsigned i = 0; i < term->count; i++) {
		bool hit = term->key <= FILTER_CPU ? term->numbers[i] == number
						   : word_match(term, i, r, e);

		if (hit)
			return !term->not ;
	}
	return term->not ;
}

bool filter_match(const struct filter *filter, struct reader *r, const struct event *e)
{
	for (unsigned i = 0; i < filter->count; i++)
		if (!term_match(&filter->terms[i], r, e))
			return false;
	return true;
}

/* The terms about key hold for number. */
static bool number_match(const struct filter *filter, enum filter_key key, uint64_t number)
{
	for (unsigned i = 0; i < filter->count; i++) {
		const struct filter_term *term = &filter->terms[i];
		bool hit = false;

		for (unsigned k = 0; k < term->count; k++)
			hit |= term->numbers[k] == number;
		if (term->key == key && hit == term->not )
			return false;
	}
	return true;
}

bool filter_cpu(const struct filter *filter, uint32_t cpu)
{
	return number_match(filter, FILTER_CPU, cpu);
}

bool filter_thread(const struct filter *filter, uint32_t pid, uint32_t tid)
{
	return number_match(filter, FILTER_PID, pid) && number_match(filter, FILTER_TID, tid);
}

int64_t filter_pid(const struct filter *filter)
{
	for (unsigned i = 0; i < filter->count; i++) {
		const struct filter_term *term = &filter->terms[i];

		if (term->key == FILTER_PID && !term->not &&term->count == 1)
			return (int64_t)term->numbers[0];
	}
	return -1;
}

static bool term_same(const struct filter_term *a, const struct filter_term *b)
{
	bool same = a->key == b->key && a->not == b->not &&a->count == b->count;

	for (unsigned i = 0; same && i < a->count; i++)
		same = a->numbers[i] == b->numbers[i] && strcmp(a->words[i], b->words[i]) == 0;
	return same;
}

bool filter_same(const struct filter *a, const struct filter *b)
{
	bool same = a->count == b->count;

	for (unsigned i = 0; same && i < a->count; i++)
		same = term_same(&a->terms[i], &b->terms[i]);
	return same;
}
