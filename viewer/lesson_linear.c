#include "viewer/lesson_linear.h"

#include <errno.h>
#include <string.h>

#include "viewer/linear.h"
#include "viewer/text.h"

#define TEXT_BYTES 2048

struct lines {
	struct tutor *tutor;
	FILE *in, *out;
	bool ascii;
};

static void text_line(const struct lines *l, const char *head, const struct lesson_text *text)
{
	char expanded[TEXT_BYTES];

	if (text->text == NULL)
		return;
	tutor_text(l->tutor, text->text, expanded, sizeof(expanded));
	text_print(l->out, l->ascii, "%s%s", head, expanded);
	fputc('\n', l->out);
}

static void event_line(const struct lines *l, const char *head, uint64_t id)
{
	struct event e;

	if (id == 0 || !reader_event(l->tutor->asker.reader, id, &e, NULL))
		return;
	fputs(head, l->out);
	linear_line(l->tutor->asker.reader, &e, l->ascii, l->out);
}

static void choices_print(const struct lines *l, const struct lesson_step *step)
{
	for (unsigned i = 0; i < step->choices; i++) {
		const char head[] = { ' ', ' ', (char)('a' + i), ')', ' ', '\0' };

		text_line(l, head, &step->choice[i]);
	}
}

/* Until an answer is one, or is skipped, or no more come. */
static void answer_read(const struct lines *l)
{
	char line[256];

	while (tutor_asks(l->tutor)) {
		fputs("Answer (! skips): ", l->out);
		fflush(l->out);
		if (fgets(line, sizeof(line), l->in) == NULL) {
			fputc('\n', l->out);
			tutor_skip(l->tutor);
			return;
		}
		line[strcspn(line, "\r\n")] = '\0';
		if (strcmp(line, "!") == 0)
			tutor_skip(l->tutor);
		else if (!tutor_answer(l->tutor, line))
			fputs("That is no answer to this question.\n", l->out);
	}
}

static void verdict_print(const struct lines *l)
{
	const struct tutor_step *s = tutor_step(l->tutor);

	if (s->state == TUTOR_RIGHT)
		text_print(l->out, l->ascii, "Right: %s.", s->right);
	else if (s->state == TUTOR_WRONG)
		text_print(l->out, l->ascii, "Not so (%s). In this recording it is %s.", s->given,
			   s->right);
	else
		text_print(l->out, l->ascii, "The answer is %s.", s->right);
	fputc('\n', l->out);
}

static void histogram_print(const struct lines *l)
{
	const struct tutor *t = l->tutor;

	for (unsigned i = 0; i < t->outcomes; i++) {
		text_print(l->out, l->ascii, "  %s: %u of the recordings", t->outcome[i].text,
			   t->outcome[i].count);
		fputc('\n', l->out);
	}
}

static void step_print(const struct lines *l)
{
	const struct lesson_step *step = tutor_lesson_step(l->tutor);

	fprintf(l->out, "\nStep %d of %u\n", l->tutor->at + 1, l->tutor->lesson.steps);
	event_line(l, "Event ", tutor_step(l->tutor)->event);
	text_line(l, "", &step->say);
	if (step->ask.text == NULL) {
		if (step->histogram)
			histogram_print(l);
		return;
	}
	text_line(l, "Question: ", &step->ask);
	choices_print(l, step);
	answer_read(l);
	verdict_print(l);
	if (step->histogram)
		histogram_print(l);
	event_line(l, "See event ", tutor_step(l->tutor)->show);
	text_line(l, "", &step->tell);
	text_line(l, "Source: ", &step->source);
	text_line(l, "Book: ", &step->book);
}

int lesson_linear(struct tutor *t, bool ascii, FILE *in, FILE *out, struct error *why)
{
	const struct lines l = { t, in, out, ascii };
	unsigned right, asked;

	text_line(&l, "Lesson: ", &t->lesson.title);
	text_line(&l, "Some believe: ", &t->lesson.mistake);
	for (int at = 0; at < (int)t->lesson.steps; at++) {
		if (tutor_enter(t, at, why) != 0)
			return 2;
		step_print(&l);
	}
	if (tutor_enter(t, (int)t->lesson.steps, why) != 0)
		return 2;
	tutor_score(t, &right, &asked);
	fprintf(out, "\nDone: %u of %u right.\n", right, asked);
	if (lesson_after(t->lesson.name) != NULL)
		fprintf(out, "The next lesson: ringscope lesson %s\n",
			lesson_after(t->lesson.name));
	text_line(&l, "To read on: ", &t->lesson.book);
	if (fflush(out) != 0 || ferror(out))
		return error_set(why, 2, "writing the lesson failed: %s", strerror(errno));
	return 0;
}
