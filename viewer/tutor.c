#include "viewer/tutor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int tutor_open(struct tutor *t, struct lesson *lesson, struct reader *r, struct error *why)
{
	memset(t, 0, sizeof(*t));
	t->lesson = *lesson;
	memset(lesson, 0, sizeof(*lesson));
	t->at = TUTOR_INTRO;
	t->asker.reader = r;
	t->asker.lesson = t->lesson.file;
	asker_set_number(&t->asker, "cpus", reader_cpus(r));
	asker_set_number(&t->asker, "event", 0);
	return asker_let(&t->asker, &t->lesson.lets, why);
}

void tutor_close(struct tutor *t)
{
	lesson_free(&t->lesson);
}

int tutor_outcome(const struct lesson *l, struct reader *r, char *text, size_t size,
		  struct error *why)
{
	struct asker a = { .reader = r, .lesson = l->file };
	bool known;

	if (asker_let(&a, &l->lets, why) != 0)
		return 2;
	return asker_ask(&a, &l->outcome, text, size, &known, why);
}

/* Numbers by size, other texts by their letters. */
static int outcome_compare(const char *a, const char *b)
{
	char *end_a, *end_b;
	const double x = strtod(a, &end_a), y = strtod(b, &end_b);

	if (*end_a != '\0' || *end_b != '\0')
		return strcmp(a, b);
	return x < y ? -1 : x > y;
}

/* What the texts of a lesson may say of all recordings. */
static void outcomes_name(struct tutor *t)
{
	unsigned runs = 0;

	for (unsigned i = 0; i < t->outcomes; i++)
		runs += t->outcome[i].count;
	asker_set_number(&t->asker, "runs", runs);
	asker_set_number(&t->asker, "outcomes", t->outcomes);
	asker_set(&t->asker, "least", t->outcome[0].text);
	asker_set(&t->asker, "most", t->outcome[t->outcomes - 1].text);
}

void tutor_outcome_count(struct tutor *t, const char *text)
{
	unsigned at = 0;

	while (at < t->outcomes && outcome_compare(t->outcome[at].text, text) < 0)
		at++;
	if (at == t->outcomes || outcome_compare(t->outcome[at].text, text) != 0) {
		if (t->outcomes == TUTOR_OUTCOMES)
			return;
		memmove(&t->outcome[at + 1], &t->outcome[at],
			(t->outcomes - at) * sizeof(t->outcome[0]));
		t->outcome[at] = (struct tutor_outcome){ .count = 0 };
		snprintf(t->outcome[at].text, sizeof(t->outcome[at].text), "%s", text);
		t->outcomes++;
	}
	t->outcome[at].count++;
	outcomes_name(t);
}

const struct lesson_step *tutor_lesson_step(const struct tutor *t)
{
	return t->at < 0 || t->at >= (int)t->lesson.steps ? NULL : &t->lesson.step[t->at];
}

struct tutor_step *tutor_step(struct tutor *t)
{
	return tutor_lesson_step(t) == NULL ? NULL : &t->step[t->at];
}

/* The event at hand, under the names that questions use. */
static void event_name(struct tutor *t, uint64_t id)
{
	struct event e;

	asker_set_number(&t->asker, "event", (int64_t)id);
	if (id == 0 || !reader_event(t->asker.reader, id, &e, NULL))
		return;
	asker_set_number(&t->asker, "time", e.time);
	asker_set_number(&t->asker, "tid", e.tid);
	asker_set_number(&t->asker, "pid", e.pid);
	asker_set_number(&t->asker, "cpu", e.cpu);
}

static int place_find(struct tutor *t, const struct lesson_place *place, uint64_t after,
		      const char *what, uint64_t *id, struct error *why)
{
	if (place->where.text == NULL)
		return 0;
	if (asker_place(&t->asker, place, after, id, why) != 0)
		return 2;
	return *id != 0 ? 0
			: error_set(why, 2,
				    "%s:%u: this recording has no event to %s; record the "
				    "lesson's own program",
				    t->lesson.file, place->where.line, what);
}

/* With choices, an answer is one of their letters. */
static int answer_find(struct tutor *t, const struct lesson_step *l, struct tutor_step *s,
		       struct error *why)
{
	bool known;

	if (l->ask.text == NULL)
		return 0;
	if (asker_ask(&t->asker, &l->answer, s->right, sizeof(s->right), &known, why) != 0)
		return 2;
	if (!known || s->right[0] == '\0')
		return error_set(why, 2, "%s:%u: this recording has no answer to the question",
				 t->lesson.file, l->answer.line);
	if (l->choices > 0 &&
	    (s->right[1] != '\0' || s->right[0] < 'a' || s->right[0] >= (char)('a' + l->choices)))
		return error_set(why, 2, "%s:%u: the answer is '%s', which is none of the choices",
				 t->lesson.file, l->answer.line, s->right);
	return 0;
}

/* All that a step needs of the trace. */
static int step_find(struct tutor *t, int at, struct error *why)
{
	const struct lesson_step *l = &t->lesson.step[at];
	struct tutor_step *s = &t->step[at];
	const uint64_t before = at == 0 ? 0 : t->step[at - 1].event;
	struct lesson_let let = { "highlight", l->highlight };
	const struct lesson_lets one = { 1, { let } };

	if (s->state == TUTOR_NEW) {
		s->event = before;
		if (place_find(t, &l->stop, before, "stop at", &s->event, why) != 0)
			return 2;
	}
	event_name(t, s->event);
	if (asker_let(&t->asker, &l->lets, why) != 0)
		return 2;
	if (s->state != TUTOR_NEW)
		return 0;
	if (l->highlight.text != NULL) {
		if (asker_let(&t->asker, &one, why) != 0)
			return 2;
		if (asker_get(&t->asker, "highlight") != NULL)
			snprintf(s->highlight, sizeof(s->highlight), "%s",
				 asker_get(&t->asker, "highlight"));
	}
	if (answer_find(t, l, s, why) != 0)
		return 2;
	return place_find(t, &l->show, s->event, "show", &s->show, why);
}

int tutor_enter(struct tutor *t, int at, struct error *why)
{
	if (at < TUTOR_INTRO || at > (int)t->lesson.steps)
		return 0;
	if (at >= 0 && at < (int)t->lesson.steps) {
		struct tutor_step *s = &t->step[at];

		if (step_find(t, at, why) != 0)
			return 2;
		if (s->state == TUTOR_NEW)
			s->state = t->lesson.step[at].ask.text != NULL ? TUTOR_OPEN : TUTOR_SAID;
	}
	t->at = at;
	return 0;
}

bool tutor_asks(const struct tutor *t)
{
	return tutor_lesson_step(t) != NULL && t->step[t->at].state == TUTOR_OPEN;
}

/* Equal as numbers (12,000 is 12000), or as texts. */
static bool answer_same(const char *given, const char *right)
{
	char digits[ASKER_TEXT];
	size_t length = 0;
	char *end, *right_end;
	double a, b;

	for (; *given != '\0' && length + 1 < sizeof(digits); given++)
		if (*given != ',' && *given != ' ')
			digits[length++] = *given;
	digits[length] = '\0';
	a = strtod(digits, &end);
	b = strtod(right, &right_end);
	if (length > 0 && *end == '\0' && *right_end == '\0')
		return a == b;
	return strcasecmp(digits, right) == 0;
}

bool tutor_answer(struct tutor *t, const char *text)
{
	const struct lesson_step *l = tutor_lesson_step(t);
	struct tutor_step *s = tutor_step(t);

	if (s == NULL || s->state != TUTOR_OPEN || text[0] == '\0')
		return false;
	if (l->choices > 0 &&
	    (text[1] != '\0' || text[0] < 'a' || text[0] >= (char)('a' + l->choices)))
		return false;
	snprintf(s->given, sizeof(s->given), "%s", text);
	s->state = answer_same(text, s->right) ? TUTOR_RIGHT : TUTOR_WRONG;
	return true;
}

void tutor_skip(struct tutor *t)
{
	struct tutor_step *s = tutor_step(t);

	if (s != NULL && s->state == TUTOR_OPEN)
		s->state = TUTOR_SKIPPED;
}

void tutor_score(const struct tutor *t, unsigned *right, unsigned *asked)
{
	*right = *asked = 0;
	for (unsigned i = 0; i < t->lesson.steps; i++) {
		*right += t->step[i].state == TUTOR_RIGHT;
		*asked += t->step[i].state > TUTOR_OPEN;
	}
}

unsigned tutor_questions(const struct tutor *t)
{
	unsigned count = 0;

	for (unsigned i = 0; i < t->lesson.steps; i++)
		count += t->lesson.step[i].ask.text != NULL;
	return count;
}

void tutor_text(const struct tutor *t, const char *format, char *text, size_t size)
{
	struct event e = { .id = 0 };
	const struct tutor_step *s = tutor_lesson_step(t) == NULL ? NULL : &t->step[t->at];

	if (s != NULL && s->event != 0)
		reader_event(t->asker.reader, s->event, &e, NULL);
	asker_expand(&t->asker, &e, format, text, size);
}

int tutor_check(struct tutor *t, struct error *why)
{
	for (int at = 0; at < (int)t->lesson.steps; at++) {
		if (tutor_enter(t, at, why) != 0)
			return 2;
		if (tutor_asks(t) && !tutor_answer(t, t->step[at].right))
			return error_set(why, 2, "%s:%u: the answer '%s' cannot be given",
					 t->lesson.file, t->lesson.step[at].answer.line,
					 t->step[at].right);
	}
	return 0;
}
