/* Which key does what, and the keys that open something over the screen. */
#include "viewer/command.h"

#include <stdio.h>
#include <string.h>

#include "viewer/key.h"
#include "viewer/pick.h"
#include "viewer/prompt.h"
#include "viewer/render.h"
#include "viewer/session.h"
#include "viewer/teach.h"

void command_search(struct session *s)
{
	prompt_open(s, '/');
}

void command_filter(struct session *s)
{
	prompt_open(s, '\\');
	snprintf(s->prompt.text, sizeof(s->prompt.text), "%s", s->filter_text);
	s->prompt.length = strlen(s->prompt.text);
}

void command_command(struct session *s)
{
	prompt_open(s, ':');
}

void command_why(struct session *s)
{
	if (teach_locked(s))
		session_say(s, "why is locked until there is an answer; ! skips");
	else
		s->popup = POPUP_WHY;
}

void command_help(struct session *s)
{
	s->popup = POPUP_HELP;
	s->popup_page = 0;
}

void command_cancel(struct session *s)
{
	if (session_busy(s))
		session_say(s, "stopped");
	find_stop(s);
	s->target = s->now.id;
	s->playing = false;
}

void command_export(struct session *s)
{
	prompt_open(s, 'x');
	snprintf(s->prompt.text, sizeof(s->prompt.text), "ringscope-%llu.svg",
		 (unsigned long long)s->now.id);
	s->prompt.length = strlen(s->prompt.text);
}

void command_big(struct session *s)
{
	s->big = !s->big;
	session_say(s, s->big ? "projector: fewer things, farther apart; B goes back"
			      : "everything again");
}

void command_mouse(struct session *s)
{
	s->mouse = !s->mouse;
	session_say(s, s->mouse ? "mouse: click goes there, wheel scrolls or zooms, Shift selects "
				  "text; M ends it"
				: "the mouse is the terminal's again");
}

void command_theme(struct session *s)
{
	s->theme = (enum theme)((s->theme + 1) % THEME_COUNT);
	session_say(s, "theme: %s", theme_name(s->theme));
}

void command_lesson(struct session *s)
{
	s->popup = POPUP_LESSONS;
}

void command_redraw(struct session *s)
{
	s->redraw = true;
}

void command_quit(struct session *s)
{
	s->quit = true;
}

static const struct {
	int code;
	void (*run)(struct session *s);
} bindings[] = {
#define KEY(code, shown, command, help) { code, command_##command },
#define ALIAS(code, command)            { code, command_##command },
#include "viewer/keys.def"
};

void session_key(struct session *s, int key)
{
	s->message[0] = '\0';
	if (s->prompt.sign != 0) {
		prompt_key(s, key);
		s->live.follow &= s->playing;
		return;
	}
	if (s->popup == POPUP_PICK) {
		pick_key(s, key);
		return;
	}
	if (s->popup != POPUP_NONE) {
		if (s->popup != POPUP_HELP || key == KEY_CODE_ESCAPE ||
		    ++s->popup_page >= help_pages(s->rows))
			s->popup = POPUP_NONE;
		return;
	}
	if (marks_key(s, key) || teach_key(s, key))
		return;
	for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++) {
		if (bindings[i].code == key) {
			bindings[i].run(s);
			s->live.follow &= s->playing;
			return;
		}
	}
	session_say(s, "this key does nothing; ? shows those that do");
}
