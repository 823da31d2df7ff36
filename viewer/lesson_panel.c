/* The lesson's own part of the screen: what is said and asked, and after the answer why
 * it is so. */
#include <stdio.h>
#include <string.h>

#include "viewer/paint.h"
#include "viewer/tutor.h"

#define TEXT_BYTES 2048
#define BAR_COLS   30

/* Text into the panel's next rows. */
static void panel_text(struct grid *panel, int *row, enum style style, int indent, const char *text)
{
	*row += grid_wrap(
		panel,
		(struct rect){ 1 + indent, *row, panel->cols - 2 - indent, panel->rows - *row },
		style, text);
}

static void panel_lesson_text(const struct tutor *t, struct grid *panel, int *row, enum style style,
			      const struct lesson_text *text)
{
	char expanded[TEXT_BYTES];

	if (text->text == NULL)
		return;
	tutor_text(t, text->text, expanded, sizeof(expanded));
	panel_text(panel, row, style, 0, expanded);
}

static void panel_title(const struct tutor *t, struct grid *panel, int *row)
{
	unsigned right, asked;
	int used, room;

	tutor_score(t, &right, &asked);
	grid_fill(panel, (struct rect){ 0, *row, panel->cols, 1 }, STYLE_TITLE, ' ');
	if (t->at == TUTOR_INTRO)
		used = grid_print_right(panel, 0, *row, panel->cols - 1, STYLE_TITLE,
					"%u steps, %u questions", t->lesson.steps,
					tutor_questions(t));
	else
		used = grid_print_right(
			panel, 0, *row, panel->cols - 1, STYLE_TITLE, "step %d/%u  right %u of %u",
			t->at < (int)t->lesson.steps ? t->at + 1 : (int)t->lesson.steps,
			t->lesson.steps, right, asked);
	room = panel->cols - used - 4;
	if ((int)(strlen(t->lesson.name) + strlen(t->lesson.title.text) + strlen("LESSON : ")) <=
	    room)
		grid_print(panel, 1, *row, room, STYLE_TITLE, "LESSON %s: %s", t->lesson.name,
			   t->lesson.title.text);
	else
		grid_print(panel, 1, *row, room, STYLE_TITLE, "LESSON %s", t->lesson.title.text);
	++*row;
}

static void panel_choices(const struct tutor *t, const struct lesson_step *l,
			  const struct tutor_step *s, struct grid *panel, int *row)
{
	char text[TEXT_BYTES];

	for (unsigned i = 0; i < l->choices; i++) {
		const char letter = (char)('a' + i);
		const bool right = s->state != TUTOR_OPEN && s->right[0] == letter;
		const bool given = s->state != TUTOR_OPEN && s->given[0] == letter;

		grid_print(panel, 1, *row, 2, right || given ? STYLE_KEY : STYLE_DIM, "%s",
			   right   ? "=>"
			   : given ? "x"
				   : "");
		grid_print(panel, 4, *row, 2, STYLE_KEY, "%c)", letter);
		tutor_text(t, l->choice[i].text, text, sizeof(text));
		panel_text(panel, row, right ? STYLE_BOLD : STYLE_PLAIN, 6, text);
	}
}

static void panel_histogram(const struct tutor *t, struct grid *panel, int *row)
{
	unsigned most = 1;

	for (unsigned i = 0; i < t->outcomes; i++)
		most = t->outcome[i].count > most ? t->outcome[i].count : most;
	for (unsigned i = 0; i < t->outcomes && *row < panel->rows; i++) {
		const int length = (int)(t->outcome[i].count * BAR_COLS / most);

		grid_print_right(panel, 1, *row, 12, STYLE_PLAIN, "%s", t->outcome[i].text);
		for (int col = 0; col < length; col++)
			grid_put(panel, 14 + col, *row, STYLE_USER, 0x2588);
		grid_print(panel, 15 + length, *row, 8, STYLE_DIM, "%u", t->outcome[i].count);
		++*row;
	}
}

static void panel_verdict(const struct tutor *t, const struct lesson_step *l,
			  const struct tutor_step *s, struct grid *panel, int *row)
{
	char text[TEXT_BYTES];

	if (s->state == TUTOR_RIGHT)
		snprintf(text, sizeof(text), "RIGHT: %s.", s->right);
	else if (s->state == TUTOR_WRONG)
		snprintf(text, sizeof(text), "NOT SO (%s). In this recording it is %s.", s->given,
			 s->right);
	else
		snprintf(text, sizeof(text), "The answer is %s.", s->right);
	panel_text(panel, row, s->state == TUTOR_RIGHT ? STYLE_USER : STYLE_ERROR, 0, text);
	panel_lesson_text(t, panel, row, STYLE_PLAIN, &l->tell);
	if (l->source.text != NULL || l->book.text != NULL) {
		snprintf(text, sizeof(text), "%s%s%s%s", l->source.text != NULL ? "source " : "",
			 l->source.text != NULL ? l->source.text : "",
			 l->book.text == NULL     ? ""
			 : l->source.text != NULL ? "   book "
						  : "book ",
			 l->book.text != NULL ? l->book.text : "");
		panel_text(panel, row, STYLE_DIM, 0, text);
	}
}

static void panel_hint(struct grid *panel, int *row, const char *text)
{
	panel_text(panel, row, STYLE_KEY, 0, text);
}

static void panel_step(struct tutor *t, struct grid *panel, int *row)
{
	const struct lesson_step *l = tutor_lesson_step(t);
	const struct tutor_step *s = tutor_step(t);
	const bool open = s->state == TUTOR_OPEN;

	if (open || l->ask.text == NULL)
		panel_lesson_text(t, panel, row, STYLE_PLAIN, &l->say);
	panel_lesson_text(t, panel, row, STYLE_BOLD, &l->ask);
	panel_choices(t, l, s, panel, row);
	if (l->histogram && (!open || l->ask.text == NULL))
		panel_histogram(t, panel, row);
	if (open)
		panel_hint(
			panel, row,
			l->choices > 0
				? "Press the letter.  ! skips.  , looks back; what comes next is locked."
				: "Type the number, then Enter.  ! skips.  What comes next is locked.");
	else if (l->ask.text != NULL)
		panel_verdict(t, l, s, panel, row);
	if (!open)
		panel_hint(panel, row, "Enter or PgDn goes on, PgUp back; , and . step freely.");
}

static void panel_intro(const struct tutor *t, struct grid *panel, int *row)
{
	char text[TEXT_BYTES];

	if (t->lesson.mistake.text != NULL) {
		snprintf(text, sizeof(text), "Some believe: %s Let us see.",
			 t->lesson.mistake.text);
		panel_text(panel, row, STYLE_PLAIN, 0, text);
	}
	snprintf(text, sizeof(text), "Made for a recording of: %s", t->lesson.run.text);
	panel_text(panel, row, STYLE_DIM, 0, text);
	panel_hint(panel, row, "Enter or PgDn begins.  L hides this, q quits.");
}

static void panel_end(const struct tutor *t, struct grid *panel, int *row)
{
	const char *next = lesson_after(t->lesson.name);
	unsigned right, asked;
	char text[256];

	tutor_score(t, &right, &asked);
	snprintf(text, sizeof(text), "Done: %u of %u right.%s%s", right, asked,
		 t->lesson.book.text != NULL ? "  To read on: " : "",
		 t->lesson.book.text != NULL ? t->lesson.book.text : "");
	panel_text(panel, row, STYLE_BOLD, 0, text);
	if (next != NULL) {
		snprintf(text, sizeof(text), "The next lesson: ringscope lesson %s", next);
		panel_text(panel, row, STYLE_PLAIN, 0, text);
	}
	panel_hint(panel, row,
		   "The recording is yours to explore: Space plays, w says why, ? helps, q quits.  "
		   "PgUp goes back into the lesson.");
}

int paint_lesson(const struct session *s, struct grid *panel)
{
	int row = 0;

	panel_title(s->tutor, panel, &row);
	if (s->tutor->at == TUTOR_INTRO)
		panel_intro(s->tutor, panel, &row);
	else if (tutor_lesson_step(s->tutor) != NULL)
		panel_step(s->tutor, panel, &row);
	else
		panel_end(s->tutor, panel, &row);
	return row;
}
