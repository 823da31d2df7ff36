/* Screens below 80x24: no picture, but the same facts, most important first. */
#include <inttypes.h>
#include <stdio.h>

#include "viewer/label.h"
#include "viewer/paint.h"
#include "viewer/phrase.h"
#include "viewer/teach.h"

static void compact_actors(const struct session *s, struct grid *grid, int row)
{
	for (uint32_t i = 0; i < s->now.actor_count && row < grid->rows - 1; i++) {
		const struct actor *a = &s->now.actors[i];
		char who[96];

		if (a->kernel)
			continue;
		phrase_thread(s->reader, a->tid, s->now.id, who, sizeof(who));
		grid_put(grid, 0, row, state_chip((enum actor_state)a->state),
			 (unsigned char)state_letter((enum actor_state)a->state));
		grid_print(grid, 2, row, grid->cols - 2, state_style((enum actor_state)a->state),
			   "%s %s%s%s", who, state_word((enum actor_state)a->state),
			   a->call == CALL_NONE ? "" : " ",
			   a->call == CALL_NONE ? "" : label_call(a->call));
		row++;
	}
}

/* Ring 3 above a line, ring 0 below it, each thread on its side, in three rows. */
static void compact_picture(const struct session *s, struct grid *grid, int row)
{
	const enum direction way = event_direction(&s->event);
	int col = 8;

	grid_fill(grid, (struct rect){ 0, row + 1, grid->cols, 1 }, STYLE_LINE, 0x2550);
	grid_print(grid, 0, row, 7, STYLE_USER_CHIP, "RING 3 ");
	grid_print(grid, 0, row + 2, 7, STYLE_KERNEL_CHIP, "RING 0 ");
	for (uint32_t i = 0; i < s->now.actor_count && col + 14 < grid->cols; i++) {
		const struct actor *a = &s->now.actors[i];
		const enum actor_state state = (enum actor_state)a->state;
		const bool acts = a->tid == s->event.tid;
		char who[96];
		int used;

		if (a->kernel)
			continue;
		phrase_thread(s->reader, a->tid, s->now.id, who, sizeof(who));
		used = grid_print_name(grid, col + 2, row + (state == ACTOR_USER ? 0 : 2), 14,
				       acts ? STYLE_BOLD : state_style(state), who);
		grid_put(grid, col, row + (state == ACTOR_USER ? 0 : 2), state_chip(state),
			 (unsigned char)state_letter(state));
		if (acts && way != CROSS_NONE)
			grid_put(grid, col, row + 1,
				 way == CROSS_DOWN ? STYLE_KERNEL_CHIP : STYLE_USER_CHIP,
				 way == CROSS_DOWN ? 0x25bc : 0x25b2);
		col += used + 4;
	}
}

void paint_compact(const struct session *s, struct grid *grid)
{
	static const char *const ways[] = {
		[CROSS_NONE] = "stays on its side",
		[CROSS_DOWN] = "ring 3 -> ring 0",
		[CROSS_UP] = "ring 0 -> ring 3",
	};
	char who[96], text[1024];
	uint64_t lost = reader_lost(s->reader);
	const bool pictured = grid->cols >= 60 && grid->rows >= 9;
	int row = 0;

	grid_print(grid, 0, row++, grid->cols, STYLE_TITLE, "%" PRIu64 "/%" PRIu64 " %s%s",
		   s->now.id, s->count, s->playing ? "play" : "pause", lost > 0 ? " LOST" : "");
	if (s->now.id == 0) {
		grid_wrap(grid, (struct rect){ 0, row, grid->cols, grid->rows - row }, STYLE_PLAIN,
			  live_nothing(s));
		return;
	}
	phrase_thread(s->reader, s->event.tid, s->now.id, who, sizeof(who));
	grid_print(grid, 0, row++, grid->cols, STYLE_BOLD, "%s: %s", who,
		   label_event(s->event.kind));
	phrase_event(s->reader, &s->event, text, sizeof(text));
	grid_print(grid, 0, row++, grid->cols, STYLE_PLAIN, "%s", text);
	if (pictured) {
		compact_picture(s, grid, 3);
		teach_why(s, text, sizeof(text), NULL, 0);
		grid_wrap(grid, (struct rect){ 0, 6, grid->cols, grid->rows - 7 }, STYLE_PLAIN,
			  text);
		return;
	}
	grid_print(grid, 0, row++, grid->cols, STYLE_KERNEL, "%s",
		   ways[event_direction(&s->event)]);
	teach_why(s, text, sizeof(text), NULL, 0);
	if (grid->rows > 10)
		row += grid_wrap(grid, (struct rect){ 0, row, grid->cols, (grid->rows - row) / 2 },
				 STYLE_PLAIN, text);
	compact_actors(s, grid, row);
	if (s->prompt.sign == 0 && grid->rows > 2)
		grid_print(grid, 0, grid->rows - 1, grid->cols, STYLE_DIM,
			   "80x24 shows the picture  ? help  q quit");
}
