#include "viewer/marks.h"

#include <string.h>

#include "viewer/session.h"

void marks_await(struct session *s, int key)
{
	s->marks.awaiting = key;
	session_say(s, key == 'm' ? "mark: a letter for this event" : "go to mark: its letter");
}

bool marks_key(struct session *s, int key)
{
	const int awaiting = s->marks.awaiting;
	uint64_t *letter;

	s->marks.awaiting = 0;
	if (awaiting == 0)
		return false;
	if (key < 'a' || key > 'z') {
		session_say(s, "a mark is a letter from a to z");
		return true;
	}
	letter = &s->marks.letter[key - 'a'];
	if (awaiting == 'm') {
		*letter = s->now.id;
		session_say(s, "event %llu is mark %c: '%c comes back",
			    (unsigned long long)s->now.id, key, key);
	} else if (*letter == 0) {
		session_say(s, "there is no mark %c", key);
	} else {
		s->playing = false;
		session_goto(s, *letter);
	}
	return true;
}

void marks_jump(struct session *s, uint64_t from, uint64_t to)
{
	struct marks *m = &s->marks;

	if (m->moving || from == 0 || s->playing || to + 1 == from || from + 1 == to || from == to)
		return;
	if (m->at < m->count) /* another way from here on */
		m->count = m->at + 1;
	if (m->count == MARK_JUMPS)
		memmove(m->jump, m->jump + 1, --m->count * sizeof(m->jump[0]));
	if (m->count == 0 || m->jump[m->count - 1] != from)
		m->jump[m->count++] = from;
	m->at = m->count;
}

void marks_walk(struct session *s, int way)
{
	struct marks *m = &s->marks;

	if (way < 0 ? m->at == 0 : m->at + 1 >= m->count) {
		session_say(s, way < 0 ? "no older place" : "no newer place");
		return;
	}
	/* The place that is left now is the newest of them. */
	if (way < 0 && m->at == m->count && m->count < MARK_JUMPS &&
	    (m->count == 0 || m->jump[m->count - 1] != s->now.id))
		m->jump[m->count++] = s->now.id;
	m->at = way < 0 ? m->at - 1 : m->at + 1;
	m->moving = true;
	s->playing = false;
	session_goto(s, m->jump[m->at]);
	m->moving = false;
}
