#include "viewer/find_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tracer/search.h"
#include "viewer/label.h"

#define NUMBERS 512 /* calls, errors, signals, vectors that have names */

/* What events of a kind are put together from; the others may hold anything. */
static const struct {
	uint16_t kind;
	bool call, error; /* a call's name, an error's */
	const char *text; /* all words that there may be besides labels of fields */
} known[] = {
	{ EV_syscall_return, true, true, "= the call" },
	{ EV_syscall_result, true, true, "= the call, exit work first" },
	{ EV_user_enter, false, false, "to its code at" },
	{ EV_syscall_data, false, false, "argument" },
	{ EV_page_fault, false, false, "page fault: fetch from write to read of" },
	{ EV_page_fault_end, false, false, "frame" },
	{ EV_interrupt, false, false, "interrupt:" },
	{ EV_interrupt_end, false, false, "served" },
	{ EV_context_switch, false, false, "-> on idle thread" },
	{ EV_wakeup, false, false, "wakes idle thread" },
};

static bool in(const char *text, const char *word)
{
	return text != NULL && strcasestr(text, word) != NULL;
}

/* The longest run of letters, if it has one that no number has. */
static void word_take(struct find_text *t, const char *text)
{
	size_t best = 0;

	t->word[0] = '\0';
	while (*text != '\0') {
		size_t length = 0;
		bool tells = false;

		for (; isalpha((unsigned char)text[length]); length++)
			tells |= strchr("abcdefxABCDEFX", text[length]) == NULL;
		if (tells && length > best && length < sizeof(t->word)) {
			best = length;
			snprintf(t->word, sizeof(t->word), "%.*s", (int)length, text);
		}
		text += length > 0 ? length : 1;
	}
}

/* A label of one of the kind's fields holds the word. */
static bool fields_hold(unsigned kind, const char *word)
{
	const struct field_info *f;

	for (unsigned place = 0; (f = label_field(kind, place)) != NULL; place++)
		for (unsigned n = 0; n < NUMBERS; n++)
			if ((f->kind >= FIELD_KIND_WAY && in(label_enum(f->kind, n), word)) ||
			    (f->kind == FIELD_KIND_vector && in(label_vector(n), word)) ||
			    (f->kind == FIELD_KIND_sig && in(label_signal(n), word)))
				return true;
	return false;
}

static bool calls_hold(const char *word)
{
	for (unsigned n = 0; n < NUMBERS; n++)
		if (in(label_call(n), word))
			return true;
	return false;
}

static bool errors_hold(const char *word)
{
	for (unsigned n = 1; n < NUMBERS; n++)
		if (in(label_error(n), word))
			return true;
	return false;
}

void find_text_make(struct find_text *t, struct reader *r, const char *text,
		    const volatile bool *cancel)
{
	for (unsigned kind = 0; kind < EV_LIMIT; kind++)
		t->may[kind] = true;
	t->bytes = t->apart = false;
	word_take(t, text);
	if (t->word[0] == '\0' || in("idle thread", t->word) ||
	    reader_name_like(r, t->word, cancel))
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const unsigned kind = known[i].kind;

		t->may[kind] = in(label_event(kind), t->word) || in(known[i].text, t->word) ||
			       fields_hold(kind, t->word) ||
			       (known[i].call && calls_hold(t->word)) ||
			       (known[i].error && errors_hold(t->word));
	}
	t->apart = !in(label_event(EV_syscall_enter), t->word);
	t->bytes = !t->may[EV_syscall_data];
	t->may[EV_syscall_data] = true;
}

/* The bytes of a call's argument hold the word. */
static bool bytes_hold(const struct find_text *t, const struct event *e)
{
	const unsigned fixed = label_event_words(EV_syscall_data);
	const char *bytes = (const char *)&e->payload[fixed];
	const size_t length = strlen(t->word);
	size_t room;

	if (e->words <= fixed || e->words > TRACE_WORDS_MAX)
		return true;
	room = (size_t)(e->words - fixed) * 8;
	for (size_t i = 0; i + length <= room; i++)
		if (strncasecmp(bytes + i, t->word, length) == 0)
			return true;
	return false;
}

bool find_text_may(const struct find_text *t, const struct event *e)
{
	if (e->kind >= EV_LIMIT)
		return true;
	return t->may[e->kind] && (e->kind != EV_syscall_data || !t->bytes || bytes_hold(t, e));
}
