#include "viewer/why.h"

#include <string.h>

#include "viewer/crossing.h"
#include "viewer/label.h"
#include "viewer/phrase.h"

struct why_rule {
	const char *rule, *text, *more;
};

static const struct why_rule why_unknown = { "R00",
					     "This viewer has no words for an event of this kind.",
					     "" };

#define F(event, field) event_field(e, AT_##event##_##field)

/* The first rule of the event's kind whose condition holds. */
static const struct why_rule *why_rule(const struct event *e)
{
	if (!event_whole(e))
		return &why_unknown;
#define WHY(number, event, condition, text, more)                                                  \
	if (e->kind == EV_##event && (condition)) {                                                \
		static const struct why_rule rule = { number, text, more };                        \
		return &rule;                                                                      \
	}
#include "viewer/why.def"
	return &why_unknown;
}

const char *why_event(struct reader *r, const struct event *e, char *text, size_t size, char *more,
		      size_t more_size)
{
	const struct why_rule *rule = why_rule(e);
	size_t used;

	phrase_gap(r, e, true, text, size);
	used = strlen(text);
	phrase_expand(r, e, rule->text, text + used, size - used);
	if (more != NULL)
		phrase_expand(r, e, rule->more, more, more_size);
	return rule->rule;
}

bool why_where(const char *rule, const char **source, const char **book)
{
	static const struct {
		const char *rule, *source, *book;
	} places[] = {
#define WHERE(rule, source, book) { rule, source, book },
#include "viewer/where.def"
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (strcmp(places[i].rule, rule) != 0)
			continue;
		*source = places[i].source;
		*book = places[i].book;
		return true;
	}
	return false;
}

const char *why_name(unsigned at)
{
	static const char *const names[] = {
#define WHY(number, event, condition, text, more) number,
#include "viewer/why.def"
	};

	return at < sizeof(names) / sizeof(names[0]) ? names[at] : NULL;
}
