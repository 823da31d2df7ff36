#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "viewer/label.h"
#include "viewer/paint.h"
#include "viewer/phrase.h"

#define NAME_BYTES 96

/* The rings by name at the left edge, and the line between them. */
static void paint_rings(struct grid *grid, const struct layout *l)
{
	int bottom = l->cpu_row + l->cpu_rows;
	int width = LAYOUT_GUTTER - 1;

	grid_fill(grid, (struct rect){ 0, l->box_row, width, l->line_row - l->box_row },
		  STYLE_USER_CHIP, ' ');
	grid_fill(grid, (struct rect){ 0, l->line_row + 1, width, bottom - l->line_row - 1 },
		  STYLE_KERNEL_CHIP, ' ');
	grid_print(grid, 0, l->box_row, width, STYLE_USER_CHIP, "RING 3");
	grid_print(grid, 0, l->box_row + 1, width, STYLE_USER_CHIP, "user");
	grid_print(grid, 0, l->line_row + 1, width, STYLE_KERNEL_CHIP, "RING 0");
	grid_print(grid, 0, l->line_row + 2, width, STYLE_KERNEL_CHIP, "kernel");
	grid_print(grid, 0, l->cpu_row, width, STYLE_KERNEL_CHIP, "CPUs");
	grid_fill(grid, (struct rect){ 0, l->line_row, l->main_cols, 1 }, STYLE_LINE, 0x2550);
}

/* What a thread is at, in a word or two. */
static void actor_doing(const struct session *s, const struct actor *a, char *text, size_t size)
{
	const char *call = a->call == CALL_NONE ? NULL : label_call(a->call);
	struct event fault;

	switch (a->state) {
	case ACTOR_USER:
		snprintf(text, size, "own code");
		break;
	case ACTOR_FAULT:
		if (a->depth > 0 && a->causes[a->depth - 1] == CAUSE_FAULT &&
		    reader_event(s->reader, a->fault_id, &fault, NULL) && event_whole(&fault) &&
		    fault.kind == EV_page_fault)
			snprintf(text, size, "0x%" PRIx64,
				 (uint64_t)event_field(&fault, AT_page_fault_addr));
		else
			snprintf(text, size, "exception");
		break;
	case ACTOR_IRQ:
		snprintf(text, size, "interrupted");
		break;
	case ACTOR_READY:
		snprintf(text, size, "%s", a->wait == WAIT_NEW ? "ready, new" : "ready");
		break;
	case ACTOR_ZOMBIE:
		phrase_status(a->status, text, size);
		break;
	case ACTOR_STOPPED:
		snprintf(text, size, "stopped");
		break;
	default:
		snprintf(text, size, "%s", call != NULL ? call : "kernel work");
	}
}

/* The second line: what it waits for, or how long it has been so. */
static void actor_detail(const struct session *s, const struct actor *a, char *text, size_t size)
{
	char time[24];

	phrase_ns(s->now.time - a->since, time, sizeof(time));
	if (a->state == ACTOR_SLEEP)
		snprintf(text, size, "%s", label_enum(FIELD_KIND_WAIT, a->wait));
	else if (s->now.time == a->since)
		snprintf(text, size, "just now");
	else if (a->state == ACTOR_READY)
		snprintf(text, size, "waits %s", time);
	else
		snprintf(text, size, "for %s", time);
}

/* The name in the top line of the box; a star is what a lesson points at. */
static void paint_title(struct grid *grid, struct rect box, enum style style, bool pointed,
			const char *name)
{
	int col = box.col + 2;

	col += grid_print(grid, col, box.row, 1, style, "%s", pointed ? "*" : " ");
	col += grid_print_name(grid, col, box.row, box.cols - 6, style, name);
	grid_put(grid, col, box.row, style, ' ');
}

static void paint_actor(const struct session *s, struct grid *grid, struct rect box,
			const struct actor *a)
{
	enum style style = state_style((enum actor_state)a->state);
	bool here = a->tid == s->event.tid && s->now.id != 0;
	bool pointed = a->tid == s->highlight;
	char text[NAME_BYTES];
	int row = box.row + 1, col = box.col + 1, width = box.cols - 2;

	phrase_thread(s->reader, a->tid, s->now.id, text, sizeof(text));
	grid_box(grid, box, pointed ? STYLE_KEY : here ? style : STYLE_DIM, NULL);
	paint_title(grid, box,
		    pointed ? STYLE_TITLE
		    : here  ? STYLE_BOLD
			    : STYLE_PLAIN,
		    pointed, text);
	grid_put(grid, col, row, state_chip((enum actor_state)a->state),
		 (unsigned char)state_letter((enum actor_state)a->state));
	actor_doing(s, a, text, sizeof(text));
	grid_print(grid, col + 2, row, width - 2, style, "%s", text);
	if (model_running(&s->now, a) && width > 14 && strlen(text) + 8 <= (size_t)width)
		grid_print_right(grid, col, row, width, STYLE_DIM, "cpu%u", a->cpu);
	actor_detail(s, a, text, sizeof(text));
	grid_print(grid, col + 1, row + 1, width - 1, STYLE_DIM, "%s", text);
	if (box.rows < 6)
		return;
	grid_print(grid, col + 1, row + 2, width - 1, STYLE_DIM, "%u call%s", a->calls,
		   a->calls == 1 ? "" : "s");
	grid_print(grid, col + 1, row + 3, width - 1, STYLE_DIM, "%u fault%s", a->faults,
		   a->faults == 1 ? "" : "s");
}

/* Where a thread is: a letter on its side of the line, hanging from its box. */
static void paint_place(struct grid *grid, const struct layout *l, int lane, const struct actor *a)
{
	bool user = a->state == ACTOR_USER;
	enum style style = state_style((enum actor_state)a->state);
	int end = user ? l->line_row - 1 : l->line_row + 1;

	if (a->state == ACTOR_ZOMBIE)
		return;
	for (int row = l->box_row + l->box_rows; row < end; row++)
		if (row != l->line_row)
			grid_put(grid, lane, row, STYLE_DIM, 0x250a);
	grid_put(grid, lane, end, style, (unsigned char)state_letter((enum actor_state)a->state));
}

static void paint_cpu(const struct session *s, struct grid *grid, int col, int row, unsigned cpu)
{
	const struct cpu *c = &s->now.cpus[cpu];
	const struct actor *a = model_actor(&s->now, c->tid);
	enum actor_state state = a != NULL     ? (enum actor_state)a->state
				 : c->irqs > 0 ? ACTOR_IRQ
					       : ACTOR_STATES;
	char who[NAME_BYTES];
	int used = grid_print(grid, col, row, LAYOUT_CPU_COLS, STYLE_DIM, "cpu%u ", cpu);

	if (!c->seen) {
		grid_print(grid, col + used, row, LAYOUT_CPU_COLS - used, STYLE_DIM,
			   "not seen yet");
		return;
	}
	phrase_thread(s->reader, c->tid, s->now.id, who, sizeof(who));
	grid_put(grid, col + used, row, state_chip(state),
		 state == ACTOR_STATES ? '-' : (unsigned char)state_letter(state));
	col += used + 2;
	col += grid_print_name(grid, col, row, LAYOUT_CPU_COLS - used - 3, state_style(state), who);
	if (a == NULL && c->irqs > 0)
		grid_print(grid, col, row, 5, state_style(state), ", irq");
}

static void paint_cpus(const struct session *s, struct grid *grid, const struct layout *l)
{
	unsigned cpus = s->cpus < MODEL_CPUS ? s->cpus : MODEL_CPUS, cells, shown;
	uint64_t lost = reader_lost(s->reader);
	int first = LAYOUT_GUTTER, room = l->main_cols - first - 1, per_row;
	char count[32];

	phrase_count(lost, count, sizeof(count));
	room -= 1 + grid_print_right(grid, first, l->cpu_row, room,
				     lost > 0 ? STYLE_ERROR : STYLE_DIM, "lost %s%s", count,
				     s->live.on                   ? "  LIVE"
				     : reader_complete(s->reader) ? ""
								  : "  CUT SHORT");
	per_row = room / LAYOUT_CPU_COLS < 1 ? 1 : room / LAYOUT_CPU_COLS;
	cells = (unsigned)(per_row * l->cpu_rows);
	shown = cpus <= cells ? cpus : cells - 1;
	for (unsigned cpu = 0; cpu < shown; cpu++)
		paint_cpu(s, grid, first + (int)cpu % per_row * LAYOUT_CPU_COLS,
			  l->cpu_row + (int)cpu / per_row, cpu);
	if (shown < s->cpus)
		grid_print(grid, first + (int)shown % per_row * LAYOUT_CPU_COLS,
			   l->cpu_row + (int)shown / per_row, LAYOUT_CPU_COLS - 1, STYLE_DIM,
			   "and %u more", s->cpus - shown);
}

void paint_boundary(const struct session *s, struct grid *grid, const struct layout *l)
{
	paint_rings(grid, l);
	for (int place = 0; place < l->boxes && place < (int)s->stage.places; place++) {
		const struct actor *a = model_actor(&s->now, s->stage.tids[place]);
		struct rect box = { LAYOUT_GUTTER + place * (l->box_cols + 1), l->box_row,
				    l->box_cols, l->box_rows };

		if (a == NULL)
			continue;
		paint_actor(s, grid, box, a);
		if (!session_counted(s) && a->tid != s->event.tid) /* its chip shows that one */
			paint_place(grid, l, layout_lane(l, place), a);
	}
	paint_cpus(s, grid, l);
}
