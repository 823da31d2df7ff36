#include "viewer/mouse.h"

#include <stdlib.h>

#include "viewer/command.h"
#include "viewer/key.h"
#include "viewer/tutor.h"

#define ROWS_MOST 512 /* that a click moves the selection at most */

static void rows_move(struct session *s, int64_t rows)
{
	for (int64_t i = 0; i < llabs(rows) && i < ROWS_MOST; i++)
		if (rows < 0)
			command_up(s);
		else
			command_down(s);
}

static void click(struct session *s, const struct grid *shown, int row, const struct cell *cell)
{
	const struct cell *first = grid_at(shown, 0, row);

	if (s->view == VIEW_TIMELINE && first->aim == AIM_LANE)
		s->scale.lane = (uint32_t)first->value;
	if (cell->aim == AIM_VIEW)
		s->view = (enum view)cell->value;
	else if (cell->aim == AIM_ROW)
		rows_move(s, cell->value);
	else if (cell->aim == AIM_EVENT || cell->aim == AIM_TIME)
		s->playing = false;
	if (cell->aim == AIM_EVENT)
		session_goto(s, (uint64_t)cell->value);
	else if (cell->aim == AIM_TIME)
		session_goto(s, reader_seek(s->reader, cell->value));
}

/* The wheel: the scale of the timeline about the mouse, elsewhere what j and k do. */
static void wheel(struct session *s, const struct cell *cell, bool up)
{
	if (s->view == VIEW_TIMELINE && cell->aim == AIM_TIME)
		scale_zoom(&s->scale, cell->value, up);
	else if (s->view == VIEW_TIMELINE)
		scale_select(&s->scale, up ? -1 : 1);
	else
		rows_move(s, up ? -1 : 1);
}

void session_mouse(struct session *s, const struct grid *shown, int col, int row, enum mouse what)
{
	const struct cell *cell = grid_at(shown, col, row);

	if (cell == NULL || s->prompt.sign != 0)
		return;
	if (s->popup != POPUP_NONE) { /* as any key would */
		if (what == MOUSE_CLICK)
			session_key(s, KEY_CODE_ESCAPE);
		return;
	}
	if (s->tutor != NULL && tutor_asks(s->tutor)) {
		session_say(s, "a question is open: its answer is typed");
		return;
	}
	s->message[0] = '\0';
	if (what == MOUSE_CLICK)
		click(s, shown, row, cell);
	else
		wheel(s, cell, what == MOUSE_UP);
	s->live.follow &= s->playing;
}
