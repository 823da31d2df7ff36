#include "viewer/teach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/key.h"
#include "viewer/prompt.h"
#include "viewer/why.h"

/* What is behind an open question is out of reach until it is answered. */
static void horizon_set(struct session *s)
{
	struct tutor_step *step = tutor_step(s->tutor);

	s->count = reader_count(s->reader);
	if (tutor_asks(s->tutor) && step->event > 0)
		s->count = step->event;
}

static void view_set(struct session *s, const struct lesson_step *l)
{
	static const struct {
		const char *name;
		enum view view;
	} names[] = {
		{ "boundary", VIEW_BOUNDARY }, { "timeline", VIEW_TIMELINE },
		{ "memory", VIEW_MEMORY },     { "profile", VIEW_PROFILE },
		{ "events", VIEW_EVENTS },
	};
	struct filter none = { 0 };

	s->view = VIEW_BOUNDARY;
	for (size_t i = 0; l->view.text != NULL && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].name, l->view.text) == 0)
			s->view = names[i].view;
	s->filter = none;
	s->filter_text[0] = '\0';
	if (l->filter.text != NULL) {
		tutor_text(s->tutor, l->filter.text, s->filter_text, sizeof(s->filter_text));
		filter_parse(&s->filter, s->filter_text, NULL);
	}
}

static void step_show(struct session *s)
{
	const struct lesson_step *l = tutor_lesson_step(s->tutor);
	struct tutor_step *step = tutor_step(s->tutor);

	horizon_set(s);
	s->playing = false;
	s->highlight = 0;
	if (l == NULL)
		return;
	view_set(s, l);
	s->highlight = (uint32_t)strtoul(step->highlight, NULL, 10);
	if (step->event > 0)
		session_goto(s, step->event);
}

static void step_go(struct session *s, int at)
{
	struct error why = { 0 };

	if (tutor_enter(s->tutor, at, &why) != 0)
		session_say(s, "%s", why.text);
	else
		step_show(s);
}

/* The question is over: what was locked may be seen, and where the answer is. */
static void reveal(struct session *s)
{
	struct tutor_step *step = tutor_step(s->tutor);

	horizon_set(s);
	if (step->show > 0)
		session_goto(s, step->show);
}

void teach_begin(struct session *s, struct tutor *t)
{
	teach_end(s);
	s->tutor = t;
	step_show(s);
}

void teach_end(struct session *s)
{
	if (s->tutor == NULL)
		return;
	if (s->tutor_owned) {
		tutor_close(s->tutor);
		free(s->tutor);
	}
	s->tutor = NULL;
	s->tutor_owned = false;
	s->highlight = 0;
	s->count = reader_count(s->reader);
}

void teach_named(struct session *s, const char *name)
{
	struct tutor *t = calloc(1, sizeof(*t));
	struct lesson lesson;
	struct error why = { 0 };

	if (t == NULL)
		return;
	if (lesson_load(&lesson, name, &why) != 0 || tutor_open(t, &lesson, s->reader, &why) != 0) {
		session_say(s, "%s", why.text);
		lesson_free(&lesson);
		tutor_close(t);
		free(t);
		return;
	}
	teach_begin(s, t);
	s->tutor_owned = true;
}

static void answered(struct session *s, bool good)
{
	if (good)
		reveal(s);
	else if (tutor_asks(s->tutor))
		session_say(s, "that is no answer to this question; ! skips it");
}

void teach_answer(struct session *s, const char *text)
{
	if (s->tutor != NULL)
		answered(s, tutor_answer(s->tutor, text));
}

/* Keys while a question waits. */
static bool question_key(struct session *s, int key)
{
	const struct lesson_step *l = tutor_lesson_step(s->tutor);
	const char letter[2] = { (char)key, '\0' };

	if (key == '!') {
		tutor_skip(s->tutor);
		reveal(s);
		return true;
	}
	if (l->choices > 0 && key >= 'a' && key < 'a' + (int)l->choices) {
		answered(s, tutor_answer(s->tutor, letter));
		return true;
	}
	if (l->choices == 0 && ((key >= '0' && key <= '9') || key == '-')) {
		prompt_open(s, '=');
		prompt_key(s, key);
		return true;
	}
	if (l->choices == 0 && key == KEY_CODE_ENTER) {
		prompt_open(s, '=');
		return true;
	}
	if (key == KEY_CODE_PAGE_DOWN || key == KEY_CODE_ENTER ||
	    (s->now.id >= s->count &&
	     (key == '.' || key == ' ' || key == KEY_CODE_RIGHT || key == 'l'))) {
		session_say(s,
			    l->choices > 0
				    ? "what comes next is locked: answer by its letter, or ! skips"
				    : "what comes next is locked: type the number, or ! skips");
		return true;
	}
	return false;
}

bool teach_locked(const struct session *s)
{
	return s->tutor != NULL && tutor_asks(s->tutor);
}

const char *teach_why(const struct session *s, char *text, size_t size, char *more,
		      size_t more_size)
{
	if (!teach_locked(s))
		return why_event(s->reader, &s->event, text, size, more, more_size);
	snprintf(text, size, "The lesson asks first; why is told when there is an answer.");
	if (more != NULL)
		more[0] = '\0';
	return "";
}

bool teach_key(struct session *s, int key)
{
	if (s->tutor == NULL)
		return false;
	if (key == 'L') {
		s->tutor->hidden = !s->tutor->hidden;
		return true;
	}
	if (key == KEY_CODE_PAGE_UP) {
		step_go(s, s->tutor->at - 1);
		return true;
	}
	if (tutor_asks(s->tutor))
		return question_key(s, key);
	if (key == KEY_CODE_PAGE_DOWN || key == KEY_CODE_ENTER) {
		step_go(s, s->tutor->at + 1);
		return true;
	}
	return false;
}
