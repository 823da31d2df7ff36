/* The line at the bottom that takes text: searches, filters, typed commands. */
#include "viewer/prompt.h"

#include <stdio.h>
#include <string.h>

#include "viewer/key.h"
#include "viewer/teach.h"
#include "viewer/typed.h"

#define KEY_KILL 21 /* Ctrl-U */

void prompt_open(struct session *s, char sign)
{
	s->prompt = (struct prompt){ .sign = sign };
}

const char *prompt_title(char sign)
{
	return sign == 'x' ? "export to: " : sign == '=' ? "answer: " : "";
}

static void prompt_done(struct session *s)
{
	char sign = s->prompt.sign;

	s->prompt.sign = 0;
	if (sign == ':') {
		typed_run(s, s->prompt.text);
	} else if (sign == 'x') {
		if (s->prompt.text[0] != '\0')
			typed_export(s, s->prompt.text);
	} else if (sign == '=') {
		teach_answer(s, s->prompt.text);
	} else if (sign == '\\') {
		typed_filter(s, s->prompt.text);
	} else if (s->prompt.text[0] != '\0') {
		snprintf(s->find.query.text, sizeof(s->find.query.text), "%s", s->prompt.text);
		s->playing = false;
		session_find(s, FIND_TEXT, 1);
	}
}

/* Tab: the next command that begins with what was typed. */
static void prompt_complete(struct prompt *p)
{
	const char *name;

	if (p->sign != ':' || memchr(p->text, ' ', p->length) != NULL)
		return;
	if (!p->completed) {
		p->completed = true;
		p->stem = p->length;
		p->choice = 0;
	}
	name = typed_name(p->text, p->stem, p->choice++);
	if (name[0] == '\0') {
		p->choice = 1;
		name = typed_name(p->text, p->stem, 0);
	}
	if (name[0] == '\0')
		return;
	snprintf(p->text, sizeof(p->text), "%s", name);
	p->length = strlen(p->text);
}

/* A whole character: what follows its first byte in UTF-8 goes with it. */
static void prompt_shorten(struct prompt *p)
{
	while (p->length > 0 && ((unsigned char)p->text[--p->length] & 0xc0) == 0x80)
		;
	p->text[p->length] = '\0';
}

void prompt_key(struct session *s, int key)
{
	struct prompt *p = &s->prompt;

	if (key == KEY_CODE_TAB) {
		prompt_complete(p);
		return;
	}
	p->completed = false;
	if (key == KEY_CODE_ENTER) {
		prompt_done(s);
	} else if (key == KEY_CODE_ESCAPE || (key == KEY_CODE_BACKSPACE && p->length == 0)) {
		p->sign = 0;
	} else if (key == KEY_CODE_BACKSPACE) {
		prompt_shorten(p);
	} else if (key == KEY_KILL) {
		p->length = 0;
		p->text[0] = '\0';
	} else if (key >= ' ' && key <= 0xff && key != 0x7f && p->length + 1 < sizeof(p->text)) {
		p->text[p->length++] = (char)key; /* UTF-8 comes byte by byte */
		p->text[p->length] = '\0';
	}
}
