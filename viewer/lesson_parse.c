/* Reading lesson files, line by line. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/lesson.h"

struct parser {
	struct lesson *lesson;
	struct lesson_step *step; /* NULL: still in the head */
	const char *name;
	unsigned line;
	struct error *why;
};

static int wrong(const struct parser *p, unsigned line, const char *what, const char *word)
{
	return error_set(p->why, 2, "%s:%u: %s%s%s", p->name, line, what, word == NULL ? "" : ": ",
			 word == NULL ? "" : word);
}

/* The first word of *text, ended there; *text goes on behind it. */
static char *word_take(char **text)
{
	char *word = *text + strspn(*text, " \t");
	char *end = word + strcspn(word, " \t");

	*text = end;
	if (*end != '\0') {
		*end = '\0';
		*text = end + 1 + strspn(end + 1, " \t");
	}
	return word;
}

static bool name_good(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_");

	return length > 0 && length < 32 && name[length] == '\0' && !isdigit((unsigned char)*name);
}

static int let_take(struct parser *p, char *value)
{
	struct lesson_lets *lets = p->step != NULL ? &p->step->lets : &p->lesson->lets;
	char *name = word_take(&value);

	if (!name_good(name))
		return wrong(p, p->line, "let wants a name of letters, digits and _, then SQL",
			     NULL);
	if (*value == '\0')
		return wrong(p, p->line, "let has no SQL behind its name", name);
	if (lets->count == LESSON_LETS)
		return wrong(p, p->line, "too many lines with let", NULL);
	lets->let[lets->count++] = (struct lesson_let){ name, { value, p->line } };
	return 0;
}

/* "TABLE[.COLUMN] where CONDITION". */
static int place_take(struct parser *p, struct lesson_place *place, char *value)
{
	char *table = word_take(&value), *dot, *where = word_take(&value);

	if (place->where.text != NULL)
		return wrong(p, p->line, "a second line of this kind in the step", NULL);
	dot = strchr(table, '.');
	if (dot != NULL)
		*dot = '\0';
	if (!name_good(table) || (dot != NULL && !name_good(dot + 1)) ||
	    strcmp(where, "where") != 0 || *value == '\0')
		return wrong(p, p->line, "wanted: TABLE[.COLUMN] where CONDITION", NULL);
	place->table = table;
	place->column = dot != NULL ? dot + 1 : "id";
	place->where = (struct lesson_text){ value, p->line };
	return 0;
}

static int choice_take(struct parser *p, const char *key, char *value)
{
	unsigned at = (unsigned)(key[0] - 'a');

	if (at != p->step->choices)
		return wrong(p, p->line, "choices are a, b, c ... in this order, each once", key);
	p->step->choice[p->step->choices++] = (struct lesson_text){ value, p->line };
	return 0;
}

static int text_take(struct parser *p, struct lesson_text *text, const char *key, char *value)
{
	if (text->text != NULL)
		return wrong(p, p->line, "stands twice here", key);
	if (*value == '\0')
		return wrong(p, p->line, "has nothing behind it", key);
	*text = (struct lesson_text){ value, p->line };
	return 0;
}

static int step_begin(struct parser *p)
{
	if (p->lesson->steps == LESSON_STEPS)
		return wrong(p, p->line, "too many steps", NULL);
	p->step = &p->lesson->step[p->lesson->steps++];
	p->step->line = p->line;
	return 0;
}

/* The text that a key of the head, or of a step, fills; NULL if there is none. */
static struct lesson_text *text_find(struct parser *p, const char *key)
{
	struct lesson *l = p->lesson;
	struct lesson_step *s = p->step;
	const struct {
		const char *key;
		struct lesson_text *text;
	} head[] = {
		{ "title", &l->title },     { "mistake", &l->mistake }, { "run", &l->run },
		{ "options", &l->options }, { "runs", &l->runs },       { "outcome", &l->outcome },
		{ "book", &l->book },
	};

	for (size_t i = 0; s == NULL && i < sizeof(head) / sizeof(head[0]); i++)
		if (strcmp(head[i].key, key) == 0)
			return head[i].text;
	if (s == NULL)
		return NULL;

	const struct {
		const char *key;
		struct lesson_text *text;
	} body[] = {
		{ "view", &s->view }, { "filter", &s->filter }, { "highlight", &s->highlight },
		{ "say", &s->say },   { "ask", &s->ask },       { "answer", &s->answer },
		{ "tell", &s->tell }, { "source", &s->source }, { "book", &s->book },
	};

	for (size_t i = 0; i < sizeof(body) / sizeof(body[0]); i++)
		if (strcmp(body[i].key, key) == 0)
			return body[i].text;
	return NULL;
}

static int line_take(struct parser *p, char *line)
{
	char *value = line, *key = word_take(&value);
	struct lesson_text *text;

	if (strcmp(key, "step") == 0)
		return *value == '\0' ? step_begin(p)
				      : wrong(p, p->line, "step stands alone", value);
	if (strcmp(key, "let") == 0)
		return let_take(p, value);
	if (p->step != NULL && strcmp(key, "stop") == 0)
		return place_take(p, &p->step->stop, value);
	if (p->step != NULL && strcmp(key, "show") == 0)
		return place_take(p, &p->step->show, value);
	if (p->step != NULL && strcmp(key, "histogram") == 0) {
		p->step->histogram = true;
		return 0;
	}
	if (p->step != NULL && key[0] >= 'a' && key[0] < 'a' + LESSON_CHOICES && key[1] == '\0')
		return choice_take(p, key, value);
	text = text_find(p, key);
	if (text == NULL)
		return wrong(p, p->line,
			     p->step != NULL ? "a step has no such line"
					     : "no such line before "
					       "the first step",
			     key);
	return text_take(p, text, key, value);
}

static int step_check(const struct parser *p, const struct lesson_step *s)
{
	if (s->ask.text == NULL && s->say.text == NULL)
		return wrong(p, s->line, "this step neither says nor asks anything", NULL);
	if (s->ask.text == NULL && (s->choices > 0 || s->answer.text != NULL))
		return wrong(p, s->line, "this step has choices or an answer, but does not ask",
			     NULL);
	if (s->ask.text != NULL && s->answer.text == NULL)
		return wrong(p, s->ask.line, "this question has no answer line", NULL);
	if (s->ask.text != NULL && s->choices == 1)
		return wrong(p, s->ask.line, "one choice is none", NULL);
	if (s->ask.text != NULL && s->tell.text == NULL)
		return wrong(p, s->ask.line, "this question has no tell line: why is it so?", NULL);
	return 0;
}

static int lesson_check(const struct parser *p)
{
	const struct lesson *l = p->lesson;
	int status = 0;

	if (l->title.text == NULL)
		return wrong(p, 1, "the lesson has no title line", NULL);
	if (l->run.text == NULL)
		return wrong(p, 1, "the lesson has no run line: what is recorded?", NULL);
	if (l->steps == 0)
		return wrong(p, p->line, "the lesson has no step", NULL);
	if ((l->runs.text != NULL) != (l->outcome.text != NULL))
		return wrong(p, 1, "runs and outcome go together", NULL);
	if (l->runs.text != NULL && (atoi(l->runs.text) < 2 || atoi(l->runs.text) > 100))
		return wrong(p, l->runs.line, "runs wants a number from 2 to 100", NULL);
	for (unsigned i = 0; i < l->steps && status == 0; i++)
		status = step_check(p, &l->step[i]);
	return status;
}

/* A line goes on where the next begins with white space: join them by one blank. */
static char *lines_join(char *line, unsigned *lines)
{
	char *end = line + strcspn(line, "\n");

	while (*end == '\n' && (end[1] == ' ' || end[1] == '\t')) {
		char *rest = end + 1 + strspn(end + 1, " \t");

		*end = ' ';
		memset(end, ' ', (size_t)(rest - end));
		memmove(end + 1, rest, strlen(rest) + 1);
		end += strcspn(end, "\n");
		(*lines)++;
	}
	return end;
}

static void line_trim(char *line)
{
	size_t length = strlen(line);

	while (length > 0 && strchr(" \t\r", line[length - 1]) != NULL)
		line[--length] = '\0';
}

int lesson_parse(struct lesson *l, const char *name, const char *text, size_t length,
		 struct error *why)
{
	struct parser p = { .lesson = l, .name = name, .line = 1, .why = why };
	char *at;
	int status = 0;

	memset(l, 0, sizeof(*l));
	if (length > LESSON_BYTES)
		return wrong(&p, 1, "larger than a lesson may be (64 KiB)", NULL);
	if (memchr(text, '\0', length) != NULL)
		return wrong(&p, 1, "this is no text", NULL);
	l->arena = malloc(length + 1);
	if (l->arena == NULL)
		return wrong(&p, 1, "out of memory", NULL);
	memcpy(l->arena, text, length);
	l->arena[length] = '\0';
	for (at = l->arena; *at != '\0' && status == 0;) {
		unsigned lines = 1;
		char *end = lines_join(at, &lines);
		const bool last = *end == '\0';

		*end = '\0';
		line_trim(at);
		if (at[strspn(at, " \t")] != '\0' && *at != '#')
			status = *at == ' ' || *at == '\t'
					 ? wrong(&p, p.line, "continues no line", NULL)
					 : line_take(&p, at);
		p.line += lines;
		at = last ? end : end + 1;
	}
	return status != 0 ? status : lesson_check(&p);
}

void lesson_free(struct lesson *l)
{
	free(l->arena);
	memset(l, 0, sizeof(*l));
}
