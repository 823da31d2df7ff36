#include "viewer/find.h"

#include <inttypes.h>
#include <string.h>

#include "viewer/crossing.h"
#include "viewer/phrase.h"

/* The text of an event as the list shows it holds the text looked for. */
static bool text_hit(struct session *s, const struct event *e)
{
	char line[1024];

	phrase_line(s->reader, e, line, sizeof(line));
	return strcasestr(line, s->find.text) != NULL;
}

static bool find_hit(struct session *s, const struct event *e)
{
	if (!filter_match(&s->filter, s->reader, e))
		return false;
	switch (s->find.kind) {
	case FIND_TEXT:
		return text_hit(s, e);
	case FIND_ERROR:
		return event_is_error(e);
	case FIND_KIND:
		return e->kind == s->find.event;
	case FIND_FAULT:
		return e->kind == EV_page_fault && (s->find.pid == 0 || e->pid == s->find.pid);
	default:
		return true;
	}
}

static void find_end(struct session *s, const char *trouble)
{
	static const char *const what[] = {
		[FIND_NONE] = "event",
		[FIND_TEXT] = "event with this text",
		[FIND_ERROR] = "error",
		[FIND_KIND] = "event of this kind",
		[FIND_FAULT] = "page fault of the process",
		[FIND_ANY] = "event that passes the filter",
	};

	if (trouble != NULL)
		session_say(s, "the search stopped at event %" PRIu64 ": %s", s->find.at, trouble);
	else
		session_say(s, "no %s %s this one", what[s->find.kind],
			    s->find.way > 0 ? "after" : "before");
	s->find.kind = FIND_NONE;
}

void find_work(struct session *s, unsigned budget)
{
	struct error why = { 0 };
	struct event e;

	while (s->find.kind != FIND_NONE && budget-- > 0) {
		if (s->find.at == 0 || s->find.at > s->count) {
			find_end(s, NULL);
			return;
		}
		if (!reader_event(s->reader, s->find.at, &e, &why)) {
			find_end(s, why.text);
			return;
		}
		if (find_hit(s, &e)) {
			s->find.kind = FIND_NONE;
			session_goto(s, s->find.at);
			return;
		}
		s->find.at += (uint64_t)(int64_t)s->find.way;
	}
}
