#include "tracer/crash/story.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/vm/files.h"

/* A hostile recording may have a story of any length. */
#define FACTS_MAX 1000u

void story_free(struct story *s)
{
	for (unsigned i = 0; i < s->count; i++)
		free(s->facts[i].text);
	free(s->facts);
	*s = (struct story){ 0 };
}

static void fact_add(struct story *s, const struct fact *f)
{
	if (s->count == s->room) {
		const unsigned room = s->room ? s->room * 2 : 32;
		struct fact *grown = realloc(s->facts, room * sizeof(*grown));

		if (!grown) {
			free(f->text);
			return;
		}
		s->facts = grown;
		s->room = room;
	}
	s->facts[s->count++] = *f;
}

/* Is it what was said last, of no other event, or of another call of the same function? */
static bool fact_again(const struct story *s, const struct fact *f)
{
	struct fact *last = s->count ? &s->facts[s->count - 1] : NULL;

	if (!last || last->section != f->section ||
	    (last->event != f->event && f->section != STORY_STACK) || last->deduced != f->deduced ||
	    strcmp(last->text, f->text) != 0)
		return false;
	last->more++;
	return true;
}

void story_fold(struct story *s)
{
	for (unsigned i = 0; i < s->count; i++) {
		struct fact *f = &s->facts[i];
		char *text;

		if (!f->more ||
		    asprintf(&text, "%s, and %u more of the same", f->text, f->more) < 0)
			continue;
		free(f->text);
		f->text = text;
		f->more = 0;
	}
}

static void __attribute__((format(printf, 5, 0)))
fact_print(struct story *s, enum story_section section, uint64_t event, bool deduced,
	   const char *format, va_list arguments)
{
	struct fact f = { .section = section, .event = event, .deduced = deduced };

	if (s->count >= FACTS_MAX || vasprintf(&f.text, format, arguments) < 0)
		return;
	if (fact_again(s, &f))
		free(f.text);
	else
		fact_add(s, &f);
}

void story_tell(struct story *s, enum story_section section, uint64_t event, const char *format,
		...)
{
	va_list arguments;

	va_start(arguments, format);
	fact_print(s, section, event, false, format, arguments);
	va_end(arguments);
}

void story_deduce(struct story *s, enum story_section section, uint64_t event, const char *format,
		  ...)
{
	va_list arguments;

	va_start(arguments, format);
	fact_print(s, section, event, true, format, arguments);
	va_end(arguments);
}

bool story_kernel(char *path, size_t size)
{
	struct files files;

	return files_find(&files, NULL, NULL) == 0 &&
	       snprintf(path, size, "%s", files.kernel) < (int)size;
}
