#include "viewer/find_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tracer/search.h"
#include "viewer/label.h"
#include "viewer/phrase.h"

#define NUMBERS 512 /* calls, errors, signals, vectors that have names */

/* Lists of words that values are taken from, as bits. */
enum { LIST_CALLS = 1, LIST_ERRORS = 2, LIST_SIGNALS = 4, LIST_VECTORS = 8, LIST_ANY = 16 };

/* What the values of a phrase that are no fields may read: phrase.h. */
static const struct {
	const char *name;
	const char *words; /* all that there may be besides the lists */
	unsigned lists;
} values[] = {
	{ "{call}", "the call", 0 }, /* its name: find_text.named */
	{ "{described}", "", 0 },    /* find_text.apart */
	{ "{access}", "fetch from write to read of", 0 },
	{ "{because}", "on", 0 },
	{ "{irq}", "", LIST_VECTORS },
	{ "{prot}", "rwx", 0 },
	{ "{ended}", "exit", LIST_SIGNALS },
	{ "{action}", "", LIST_ANY },
};

static bool in(const char *text, const char *word)
{
	return text != NULL && strcasestr(text, word) != NULL;
}

/* Such characters stand together only in one piece of a phrase. */
static bool runs(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("/._-", c) != NULL);
}

/* The longest run of letters, if it has one that no number has, and what it stands in. */
static void word_take(struct find_text *t, const char *text)
{
	const char *at = text, *from, *to;
	size_t best = 0;

	while (*at != '\0') {
		size_t length = 0;
		bool tells = false;

		for (; isalpha((unsigned char)at[length]); length++)
			tells |= strchr("abcdefxABCDEFX", at[length]) == NULL;
		if (tells && length > best && length < sizeof(t->word)) {
			best = length;
			snprintf(t->word, sizeof(t->word), "%.*s", (int)length, at);
			for (from = at; from > text && runs(from[-1]); from--)
				continue;
			for (to = at + length; runs(*to); to++)
				continue;
			snprintf(t->run, sizeof(t->run), "%.*s", (int)(to - from), from);
		}
		at += length > 0 ? length : 1;
	}
}

/* The lists that have the word. */
static unsigned lists_with(const char *word)
{
	unsigned lists = LIST_ANY;

	for (unsigned n = 0; n < NUMBERS; n++) {
		lists |= in(label_call(n), word) ? LIST_CALLS : 0;
		lists |= in(label_error(n), word) ? LIST_ERRORS : 0;
		lists |= in(label_signal(n), word) ? LIST_SIGNALS : 0;
		lists |= in(label_vector(n), word) ? LIST_VECTORS : 0;
	}
	return lists;
}

static bool enum_holds(enum field_kind group, const char *word)
{
	for (unsigned n = 0; n < NUMBERS; n++)
		if (in(label_enum(group, n), word))
			return true;
	return false;
}

/* What one of the kind's fields reads may hold the word, which the lists have. */
static bool fields_hold(unsigned kind, const char *word, unsigned lists)
{
	const struct field_info *f;
	bool may = false;

	for (unsigned place = 0; !may && (f = label_field(kind, place)) != NULL; place++) {
		if (f->kind >= FIELD_KIND_WAY)
			may = enum_holds(f->kind, word);
		else if (f->kind == FIELD_KIND_vector)
			may = in("vector", word) || lists & LIST_VECTORS;
		else if (f->kind == FIELD_KIND_sig)
			may = lists & LIST_SIGNALS;
		else if (f->kind == FIELD_KIND_result)
			may = lists & LIST_ERRORS;
		else if (f->kind == FIELD_KIND_flag)
			may = in("yes", word) || in("no", word);
		else if (f->kind == FIELD_KIND_cpu)
			may = in("cpu", word);
	}
	return may;
}

/* What the phrase puts together besides its fields may hold the word. */
static bool format_holds(const char *format, const char *word, unsigned lists)
{
	if (format == NULL)
		return false;
	if (in(format, word))
		return true;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strstr(format, values[i].name) != NULL &&
		    (in(values[i].words, word) || lists & values[i].lists))
			return true;
	return false;
}

static bool format_has(unsigned kind, const char *name)
{
	const char *format = kind < EV_LIMIT ? phrase_format(kind) : NULL;

	return format != NULL && strstr(format, name) != NULL;
}

/* It has the name of a system call. */
static bool names_call(unsigned kind)
{
	const struct field_info *f;

	for (unsigned place = 0; (f = label_field(kind, place)) != NULL; place++)
		if (f->kind == FIELD_KIND_nr)
			return true;
	return format_has(kind, "{call}");
}

/* Its records carry text behind their fields. */
static bool carries_text(unsigned kind)
{
	return format_has(kind, "{tail}") || format_has(kind, "{data}");
}

void find_text_make(struct find_text *t, struct reader *r, const char *text,
		    const volatile bool *cancel)
{
	unsigned lists;

	memset(t, 0, sizeof(*t));
	for (unsigned kind = 0; kind < EV_LIMIT; kind++) {
		t->may[kind] = true;
		t->carries[kind] = carries_text(kind);
	}
	word_take(t, text);
	if (t->word[0] == '\0' || in("idle thread", t->word) ||
	    reader_name_like(r, t->word, cancel))
		return;
	lists = lists_with(t->word);
	for (unsigned kind = 0; kind < EV_LIMIT; kind++) {
		t->may[kind] = in(label_event(kind), t->word) ||
			       fields_hold(kind, t->word, lists) ||
			       format_holds(phrase_format(kind), t->word, lists);
		t->named[kind] = lists & LIST_CALLS && names_call(kind);
	}
	t->apart = !t->may[EV_syscall_enter];
	t->named[EV_syscall_enter] = t->apart;
}

/* The bytes that the record carries hold the run. */
static bool bytes_hold(const struct find_text *t, const struct event *e)
{
	const unsigned fixed = label_event_words(e->kind);
	const char *bytes = (const char *)&e->payload[fixed];
	const size_t length = strlen(t->run);
	size_t room;

	if (e->words > TRACE_WORDS_MAX)
		return true;
	room = e->words > fixed ? (size_t)(e->words - fixed) * 8 : 0;
	for (size_t i = 0; i + length <= room; i++)
		if (strncasecmp(bytes + i, t->run, length) == 0)
			return true;
	return false;
}

bool find_text_may(const struct find_text *t, const struct event *e)
{
	if (e->kind >= EV_LIMIT)
		return true;
	return t->may[e->kind] || t->named[e->kind] || (t->carries[e->kind] && bytes_hold(t, e));
}

uint64_t find_text_kinds(const struct find_text *t, bool all)
{
	uint64_t kinds = 0;

	for (unsigned kind = 0; kind < EV_LIMIT; kind++)
		if (t->may[kind] || (all && (t->named[kind] || t->carries[kind])))
			kinds |= event_set(kind);
	return kinds;
}
