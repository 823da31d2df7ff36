/* The profile: a table of what took how long, more of the selected row (profile_spread.c),
 * and who waited for whom. */
#include <inttypes.h>
#include <stdio.h>

#include "viewer/label.h"
#include "viewer/paint.h"
#include "viewer/phrase.h"
#include "viewer/spread.h"

enum { ROW_TOTALS = 1, ROW_HEAD = 2, ROW_TABLE = 3, NUMBER_COLS = 9, WIDE_FROM = 130 };

#define COLUMN(name, member)                                                                       \
	static int64_t column_##name(const struct profile_row *row)                                \
	{                                                                                          \
		return (int64_t)row->member;                                                       \
	}
COLUMN(calls, count)
COLUMN(errors, errors)
COLUMN(total, total)
COLUMN(self, self)
COLUMN(blocked, blocked)
COLUMN(ready, ready)
COLUMN(p50, p50)
COLUMN(p90, p90)
COLUMN(p99, p99)
COLUMN(longest, longest)
#undef COLUMN

/* Columns of numbers, from the left; wide ones only where there is room. */
static const struct column {
	const char *title;
	bool wide;
	int64_t (*value)(const struct profile_row *row);
	bool time;
} columns[] = {
	{ "calls", false, column_calls, false },   { "err", false, column_errors, false },
	{ "total", false, column_total, true },    { "ring 0", true, column_self, true },
	{ "blocked", true, column_blocked, true }, { "ready", true, column_ready, true },
	{ "p50", false, column_p50, true },        { "p90", true, column_p90, true },
	{ "p99", false, column_p99, true },        { "max", false, column_longest, true },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static int name_cols(const struct grid *grid)
{
	int cols = grid->cols - 2;

	for (size_t i = 0; i < COLUMNS; i++)
		if (!columns[i].wide || grid->cols >= WIDE_FROM)
			cols -= NUMBER_COLS;
	return cols;
}

static void paint_row(struct grid *grid, int row, const struct profile_row *r, bool selected)
{
	const enum style style = selected ? STYLE_CURSOR : STYLE_PLAIN;
	int col = 1 + name_cols(grid);

	if (selected) {
		grid_fill(grid, (struct rect){ 0, row, grid->cols, 1 }, style, ' ');
		grid->focus_row = row;
	}
	grid_print(grid, 1, row, name_cols(grid) - 1, style, "%s", r->name);
	for (size_t i = 0; i < COLUMNS; i++) {
		const int64_t value = columns[i].value(r);
		char text[24];

		if (columns[i].wide && grid->cols < WIDE_FROM)
			continue;
		if (columns[i].time)
			phrase_ns(value, text, sizeof(text));
		else
			phrase_short((uint64_t)value, text, sizeof(text));
		grid_print_right(grid, col, row, NUMBER_COLS,
				 !selected && columns[i].value == column_errors && value > 0
					 ? STYLE_ERROR
					 : style,
				 "%s", text);
		col += NUMBER_COLS;
	}
}

static void paint_table(const struct session *s, struct grid *grid, int rows)
{
	const struct costs *c = &s->costs;
	const int selected = (int)c->selected, all = (int)c->profile.row_count;
	const int top = selected < rows ? 0 : selected - rows + 1;
	int col = 1 + name_cols(grid);

	grid_fill(grid, (struct rect){ 0, ROW_HEAD, grid->cols, 1 }, STYLE_BAR, ' ');
	grid_print(grid, 1, ROW_HEAD, name_cols(grid) - 1, STYLE_BAR, "%s (%d)",
		   profile_by_title(c->query.by), all);
	for (size_t i = 0; i < COLUMNS; i++) {
		if (columns[i].wide && grid->cols < WIDE_FROM)
			continue;
		grid_print_right(grid, col, ROW_HEAD, NUMBER_COLS, STYLE_BAR, "%s",
				 columns[i].title);
		col += NUMBER_COLS;
	}
	for (int i = 0; i < rows && top + i < all; i++) {
		paint_row(grid, ROW_TABLE + i, &c->profile.rows[top + i], top + i == selected);
		grid_aim(grid, (struct rect){ 0, ROW_TABLE + i, grid->cols, 1 }, AIM_ROW,
			 top + i - selected);
	}
}

/* What of the recording and of its events it is. */
static void paint_extent(const struct session *s, struct grid *grid, int col)
{
	const struct costs_query *q = &s->costs.query;
	char from[24], to[24], range[64] = "", lost[16], least[40] = "";

	phrase_ns(s->costs.from, from, sizeof(from));
	phrase_ns(s->costs.to, to, sizeof(to));
	if (q->to != 0)
		snprintf(range, sizeof(range), "A-B %s..%s, ", from, to);
	if (reader_lost(s->reader) > 0) {
		phrase_short(reader_lost(s->reader), lost, sizeof(lost));
		snprintf(least, sizeof(least), "%s lost: at least, ", lost);
	}
	grid_print_right(grid, col, ROW_TOTALS, grid->cols - col - 1,
			 least[0] != '\0'                    ? STYLE_ERROR
			 : q->to != 0 || q->filter.count > 0 ? STYLE_READY
							     : STYLE_DIM,
			 "%s%s%s%sby %s", least, range, q->filter.count > 0 ? "filtered, " : "",
			 least[0] == '\0' ? "sorted " : "", costs_sort_name(&s->costs));
}

static void paint_totals(const struct session *s, struct grid *grid)
{
	const struct profile *p = &s->costs.profile;
	const double all = p->elapsed > 0 ? (double)p->elapsed / 100 : 1;
	char text[24], cpus[16] = "";
	int used;

	if (s->costs.query.to == 0 || grid->cols >= 100)
		snprintf(cpus, sizeof(cpus), "%u CPU%s, ", s->cpus, s->cpus == 1 ? "" : "s");
	phrase_ns(p->elapsed, text, sizeof(text));
	used = grid_print(grid, 1, ROW_TOTALS, grid->cols - 2, STYLE_PLAIN,
			  "%s%s: user %.0f%% kernel %.0f%% idle %.0f%%", cpus, text,
			  (double)p->user / all, (double)p->kernel / all, (double)p->idle / all);
	paint_extent(s, grid, used + 3);
}

/* Where there is nothing: "" is in the whole recording. */
static const char *extent_text(const struct session *s)
{
	const struct costs_query *q = &s->costs.query;

	return q->to != 0 && q->filter.count > 0 ? " in A-B that the filter shows"
	       : q->to != 0                      ? " in A-B"
	       : q->filter.count > 0             ? " that the filter shows"
						 : "";
}

static void paint_waits(const struct session *s, struct grid *grid, struct rect area)
{
	const struct profile *p = &s->costs.profile;

	if (area.rows < 1)
		return;
	if (p->wait_count == 0)
		grid_print(grid, area.col + 1, area.row, area.cols - 2, STYLE_KEY,
			   "nobody waited for anybody%s", extent_text(s));
	else
		grid_print(grid, area.col + 1, area.row, area.cols - 2, STYLE_KEY,
			   "who waited for whom: times, in all, longest");
	for (int i = 0; i + 1 < area.rows && i < (int)p->wait_count; i++) {
		const struct profile_wait *w = &p->waits[i];
		char count[24], total[24], longest[24];

		phrase_short(w->count, count, sizeof(count));
		phrase_ns(w->total, total, sizeof(total));
		phrase_ns(w->longest, longest, sizeof(longest));
		grid_print_right(grid, area.col, area.row + 1 + i, 7, STYLE_PLAIN, "%s", count);
		grid_print_right(grid, area.col + 7, area.row + 1 + i, 9, STYLE_PLAIN, "%s", total);
		grid_print_right(grid, area.col + 16, area.row + 1 + i, 9, STYLE_PLAIN, "%s",
				 longest);
		grid_print(grid, area.col + 27, area.row + 1 + i, area.cols - 28, STYLE_PLAIN,
			   "%s for %s, woken by %s", w->waiter,
			   label_enum(FIELD_KIND_WAIT, w->wait), w->waker);
	}
}

static void paint_line(struct grid *grid, int row)
{
	for (int i = 0; i < grid->cols; i++)
		grid_put(grid, i, row, STYLE_DIM, 0x2500);
}

/* Before there is a profile. */
static void paint_making(const struct session *s, struct grid *grid)
{
	if (s->costs.failed.text[0] != '\0')
		grid_wrap(grid, (struct rect){ 1, ROW_TABLE, grid->cols - 2, 3 }, STYLE_ERROR,
			  s->costs.failed.text);
	else
		grid_print(grid, 1, ROW_TABLE, grid->cols - 2, STYLE_KEY,
			   "adding up the whole recording: %u%%  (other views go on)",
			   costs_percent(&s->costs));
}

void paint_profile(const struct session *s, struct grid *grid)
{
	const int end = grid->rows - 2, table = (end - ROW_TABLE) * 3 / 10;
	const int waits = (end - ROW_TABLE - table) / 5;
	const struct profile_row *row = costs_row(&s->costs);
	int line = ROW_TABLE + table;

	if (costs_busy(&s->costs) || !s->costs.done) {
		paint_making(s, grid);
		return;
	}
	paint_totals(s, grid);
	paint_table(s, grid, table);
	paint_line(grid, line++);
	if (row == NULL)
		grid_print(grid, 1, ROW_TABLE, grid->cols - 2, STYLE_KEY, "nothing of this kind%s",
			   extent_text(s)[0] != '\0' ? extent_text(s) : " in the recording");
	else
		line += paint_spread(s, grid,
				     (struct rect){ 0, line, grid->cols, end - waits - line }, row);
	if (row != NULL && end - line > waits)
		line++;
	paint_waits(s, grid, (struct rect){ 0, line, grid->cols, end - line });
}
