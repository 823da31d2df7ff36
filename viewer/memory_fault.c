/* The memory view's fault: what the CPU walked through, what the region says, what was
 * done about it, before and after, what it cost.  Facts of the records are plain; what
 * follows from earlier faults carries (?). */
#include <inttypes.h>
#include <stdio.h>

#include "viewer/label.h"
#include "viewer/memory_paint.h"
#include "viewer/phrase.h"

/* Bits of the error code: SDM vol. 3, 4.7. */
enum { ERROR_PRESENT = 1, ERROR_WRITE = 2, ERROR_USER = 4, ERROR_FETCH = 16 };

enum { BOX_COLS = 19, LABEL_COLS = 8, WIDE_COLS = 130 };

static const char *const level_names[] = { "PML4", "PDPT", "PD", "PT" };

#define F(event, name, field) event_field(event, AT_##name##_##field)

static unsigned level_index(uint64_t addr, unsigned level)
{
	return (unsigned)(addr >> (39 - 9 * level) & 511);
}

static int64_t fault_error(const struct memory_fault *f)
{
	return F(&f->begin, page_fault, error);
}

static int64_t fault_cause(const struct memory_fault *f)
{
	return f->end.id == 0 ? 0 : F(&f->end, page_fault_end, cause);
}

static const char *access_word(int64_t error)
{
	return error & ERROR_FETCH ? "fetch from" : error & ERROR_WRITE ? "write to" : "read of";
}

/* What the entry was when the CPU looked, as its error code tells. */
static const char *entry_word(int64_t error)
{
	if (!(error & ERROR_PRESENT))
		return "NOT PRESENT";
	return error & ERROR_WRITE   ? "present, READ-ONLY"
	       : error & ERROR_FETCH ? "present, NO EXECUTE"
				     : "present, not for ring 3";
}

static void paint_title(const struct session *s, struct grid *grid, struct rect area)
{
	const struct memory_fault *f = &s->memory.shot->fault;
	const int64_t error = fault_error(f);
	const bool now = s->now.id >= f->begin.id && (f->end.id == 0 || s->now.id <= f->end.id);
	char id[32];
	int col = area.col;

	phrase_count(f->begin.id, id, sizeof(id));
	col += grid_print(grid, col, area.row, 24, now ? STYLE_FAULT_CHIP : STYLE_FAULT, "%s",
			  now ? " FAULT NOW " : "LATEST FAULT");
	col += grid_print(grid, col, area.row, area.col + area.cols - col, STYLE_BOLD,
			  "  event %s %s 0x%" PRIx64 " at 0x%" PRIx64, id, access_word(error),
			  (uint64_t)F(&f->begin, page_fault, addr),
			  (uint64_t)F(&f->begin, page_fault, rip));
	if (grid->cols >= WIDE_COLS)
		col += grid_print(grid, col, area.row, 24, STYLE_BOLD, " error 0x%" PRIx64,
				  (uint64_t)error);
	grid_print(grid, col, area.row, area.col + area.cols - col, STYLE_BOLD, " P=%d W=%d U=%d%s",
		   (error & ERROR_PRESENT) != 0, (error & ERROR_WRITE) != 0,
		   (error & ERROR_USER) != 0, error & ERROR_FETCH ? " I=1" : "");
}

static int paint_label(struct grid *grid, struct rect area, const char *label)
{
	grid_print(grid, area.col, area.row, LABEL_COLS - 1, STYLE_KEY, "%s", label);
	return area.col + LABEL_COLS;
}

/* The walk as one line. */
static void paint_walk(const struct memory_fault *f, struct grid *grid, struct rect area)
{
	const uint64_t addr = (uint64_t)F(&f->begin, page_fault, addr);
	const bool present = fault_error(f) & ERROR_PRESENT;
	int col = paint_label(grid, area, "walk");

	col += grid_print(grid, col, area.row, 8, STYLE_PLAIN, "CR3");
	for (unsigned level = 0; level < 4; level++) {
		const bool known = present || level < f->levels;

		col += grid_print(grid, col, area.row, 24, known ? STYLE_PLAIN : STYLE_DIM,
				  grid->ascii ? " -> %s[%u]%s" : " \xe2\x86\x92 %s[%u]%s",
				  level_names[level], level_index(addr, level), known ? "" : "?");
	}
	grid_print(grid, col + 2, area.row, area.col + area.cols - col - 2, STYLE_FAULT, "%s",
		   entry_word(fault_error(f)));
}

/* One step of the walk as a box: the index that the address gives, and what was there. */
static void paint_step(struct grid *grid, struct rect box, const char *title, const char *first,
		       const char *second, enum style style)
{
	grid_box(grid, box, style, title);
	grid_print(grid, box.col + 2, box.row + 1, box.cols - 3, STYLE_PLAIN, "%s", first);
	grid_print(grid, box.col + 2, box.row + 2, box.cols - 3, style, "%s", second);
}

/* The walk as boxes, five rows. */
static void paint_walk_boxes(const struct memory_fault *f, struct grid *grid, struct rect area)
{
	const uint64_t addr = (uint64_t)F(&f->begin, page_fault, addr);
	const int64_t error = fault_error(f);
	struct rect box = { area.col, area.row, BOX_COLS, 4 };
	char title[32], first[48];

	paint_step(grid, box, "CR3", "the root of its", "page tables", STYLE_PLAIN);
	for (unsigned level = 0; level < 4; level++) {
		const bool known = error & ERROR_PRESENT || level < f->levels;
		const bool last = level == 3;

		box.col += BOX_COLS + 4;
		grid_print(grid, box.col - 3, box.row + 1, 2, STYLE_DIM,
			   grid->ascii ? "->" : "\xe2\x94\x80\xe2\x96\xb6");
		snprintf(title, sizeof(title), "%s[%u]", level_names[level],
			 level_index(addr, level));
		snprintf(first, sizeof(first), "bits %u-%u", 47 - 9 * level, 39 - 9 * level);
		paint_step(grid, box, title, first,
			   last    ? entry_word(error)
			   : known ? "a table is there"
				   : "no page here yet?",
			   last    ? STYLE_FAULT
			   : known ? STYLE_PLAIN
				   : STYLE_DIM);
	}
	box.col += BOX_COLS + 4;
	if (box.col + BOX_COLS > area.col + area.cols)
		return;
	grid_print(grid, box.col - 3, box.row + 1, 2, STYLE_FAULT,
		   grid->ascii ? "XX" : "\xe2\x94\x80\xe2\x95\xb3");
	snprintf(title, sizeof(title), "offset 0x%x", (unsigned)(addr & 0xfff));
	if (f->there)
		snprintf(first, sizeof(first), "frame 0x%" PRIx64, (uint64_t)f->before.frame);
	else
		snprintf(first, sizeof(first), "no frame");
	paint_step(grid, box, title, first,
		   f->sharers > 1 ? "shared (?)"
		   : f->there     ? "its only use (?)"
				  : "was ever seen",
		   STYLE_DIM);
}

/* What the region allows, and so what the fault means. */
static void paint_verdict(const struct memory_fault *f, struct grid *grid, struct rect area)
{
	static const char *const meanings[] = {
		[0] = "the trace ends before that is known",
		[FAULT_DEMAND_ZERO] = "a frame of zeros; not a bug",
		[FAULT_FILE] = "the file's page comes in; not a bug",
		[FAULT_COW] = "copy on write: the writer gets a copy",
		[FAULT_COW_REUSE] = "copy on write, last owner: writable again",
		[FAULT_STACK] = "the stack grows by a page; not a bug",
		[FAULT_SPURIOUS] = "there when the kernel looked: try again",
		[FAULT_NO_REGION] = "nothing mapped here: a signal follows",
		[FAULT_PROTECTION] = "forbidden: a signal follows",
		[FAULT_NO_MEMORY] = "no frame is free: somebody must end",
		[FAULT_BUS] = "beyond the file's end: SIGBUS",
		[FAULT_FIXUP] = "bad pointer of a call: it answers EFAULT",
	};
	const int64_t cause = fault_cause(f);
	int col = paint_label(grid, area, "region");
	char prot[5];

	if (f->covered) {
		region_prot(&f->region, prot);
		col += grid_print(grid, col, area.row, 60, STYLE_PLAIN, "%s says %s",
				  region_name(&f->region), prot);
	} else {
		col += grid_print(grid, col, area.row, 40,
				  cause == FAULT_NO_REGION ? STYLE_ERROR : STYLE_DIM, "%s",
				  cause == FAULT_NO_REGION ? "none covers the address"
							   : "not known from this trace");
	}
	grid_print(grid, col, area.row, area.col + area.cols - col, STYLE_PLAIN, "  =>  %s",
		   cause >= 0 && (size_t)cause < sizeof(meanings) / sizeof(meanings[0]) &&
				   meanings[cause] != NULL
			   ? meanings[cause]
			   : "a cause that is not known");
}

static void who_text(const struct session *s, uint32_t pid, char *text, size_t size)
{
	phrase_thread(s->reader, pid, s->now.id, text, size);
}

/* Whose page it is about, and which where there is room. */
static int paint_page(const struct session *s, struct grid *grid, int col, int row)
{
	const struct memory_fault *f = &s->memory.shot->fault;
	char who[96];
	int used;

	who_text(s, f->begin.pid, who, sizeof(who));
	used = grid_print(grid, col, row, 40, STYLE_PLAIN, "%s", who);
	if (grid->cols >= WIDE_COLS)
		used += grid_print(grid, col + used, row, 24, STYLE_PLAIN, " 0x%" PRIx64,
				   (uint64_t)F(&f->begin, page_fault, addr) & ~(uint64_t)0xfff);
	return used;
}

/* What the page was, and who has its frame too. */
static void paint_before(const struct session *s, struct grid *grid, struct rect area)
{
	const struct memory_fault *f = &s->memory.shot->fault;
	int col = paint_label(grid, area, "before");
	char who[96];

	col += paint_page(s, grid, col, area.row);
	if (!f->there) {
		grid_print(grid, col, area.row, area.col + area.cols - col, STYLE_DIM, "  %s",
			   fault_error(f) & ERROR_PRESENT ? "came without a fault of its own (?)"
							  : "no frame");
		return;
	}
	col += grid_print(grid, col, area.row, 40, STYLE_PLAIN,
			  grid->ascii ? " -> frame 0x%" PRIx64 : " \xe2\x86\x92 frame 0x%" PRIx64,
			  (uint64_t)f->before.frame);
	for (unsigned i = 0; i < f->owners && col < area.col + area.cols; i++) {
		if (f->owner[i] == f->begin.pid)
			continue;
		who_text(s, f->owner[i], who, sizeof(who));
		col += grid_print(grid, col, area.row, area.col + area.cols - col, STYLE_READY,
				  grid->ascii ? " <- %s" : " \xe2\x86\x90 %s", who);
	}
	grid_print(grid, col, area.row, area.col + area.cols - col, STYLE_DIM, "  %u %s, %s (?)",
		   f->sharers, f->sharers == 1 ? "use" : "uses",
		   f->before.write ? "writable" : "read-only");
}

static void paint_after(const struct session *s, struct grid *grid, struct rect area)
{
	const struct memory_fault *f = &s->memory.shot->fault;
	const uint64_t frame = f->end.id == 0 ? 0 : (uint64_t)F(&f->end, page_fault_end, frame);
	const int64_t cause = fault_cause(f);
	const bool narrow = grid->cols < WIDE_COLS;
	int col = paint_label(grid, area, "after");
	char id[32];

	if (f->end.id == 0) {
		grid_print(grid, col, area.row, area.col + area.cols - col, STYLE_DIM,
			   "this trace ends before the fault does");
		return;
	}
	col += paint_page(s, grid, col, area.row);
	if (frame == 0) {
		col += grid_print(grid, col, area.row, 60, STYLE_ERROR,
				  "  still without a frame: %s",
				  label_enum(FIELD_KIND_FAULT, (uint64_t)cause));
	} else {
		col += grid_print(grid, col, area.row, 60, STYLE_USER,
				  grid->ascii ? " -> frame 0x%" PRIx64 "%s"
					      : " \xe2\x86\x92 frame 0x%" PRIx64 "%s",
				  frame,
				  cause == FAULT_COW ? narrow ? ", a copy" : ", a copy, writable"
				  : cause == FAULT_DEMAND_ZERO ? ", zeros"
				  : cause == FAULT_COW_REUSE   ? ", the same, writable"
							       : "");
		if (cause == FAULT_COW && f->there && f->sharers > 1)
			col += grid_print(grid, col, area.row, area.col + area.cols - col,
					  STYLE_DIM,
					  narrow ? "; the other%s keep%s the old (?)"
						 : "; the other%s keep%s the old frame (?)",
					  f->sharers > 2 ? "s" : "", f->sharers > 2 ? "" : "s");
	}
	if (s->now.id < f->end.id) {
		phrase_count(f->end.id, id, sizeof(id));
		grid_print(grid, col, area.row, area.col + area.cols - col, STYLE_DIM,
			   narrow ? " (at %s)" : " (event %s)", id);
	}
}

static void paint_cost(const struct memory_fault *f, struct grid *grid, struct rect area)
{
	int col = paint_label(grid, area, "cost");
	char took[24], usual[24];

	if (f->end.id == 0)
		return;
	phrase_ns(f->end.time - f->begin.time, took, sizeof(took));
	col += grid_print(grid, col, area.row, 40, STYLE_PLAIN,
			  grid->cols < WIDE_COLS ? "%s" : "%s from trap to return", took);
	if (f->usual < 0)
		return;
	phrase_ns(f->usual, usual, sizeof(usual));
	grid_print(grid, col, area.row, area.col + area.cols - col, STYLE_DIM,
		   "; half of its faults by %s take %s or less",
		   label_enum(FIELD_KIND_FAULT, (uint64_t)fault_cause(f)), usual);
}

void paint_fault(const struct session *s, struct grid *grid, struct rect area)
{
	const struct memory_fault *f = &s->memory.shot->fault;
	const bool boxes = area.rows >= 10 && area.cols >= 6 * (BOX_COLS + 4);
	struct rect line = { area.col + 1, area.row, area.cols - 2, 1 };

	if (f->begin.id == 0) {
		grid_print(grid, line.col, line.row, line.cols, STYLE_DIM,
			   "no fault of this process so far; n goes to the next one");
		return;
	}
	paint_title(s, grid, line);
	line.row++;
	if (boxes) {
		paint_walk_boxes(f, grid, line);
		line.row += 4;
	} else {
		paint_walk(f, grid, line);
		line.row++;
	}
	paint_verdict(f, grid, line);
	line.row++;
	paint_before(s, grid, line);
	line.row++;
	paint_after(s, grid, line);
	line.row++;
	paint_cost(f, grid, line);
}

void paint_fault_list(const struct session *s, struct grid *grid, struct rect area)
{
	const struct memory_shot *shot = s->memory.shot;
	const int skip = (int)shot->listed > area.rows - 1 ? (int)shot->listed - area.rows + 1 : 0;

	grid_fill(grid, (struct rect){ area.col, area.row, area.cols, 1 }, STYLE_BAR, ' ');
	grid_print(grid, area.col + 1, area.row, area.cols - 2, STYLE_BAR,
		   "its latest faults  event, address, cause, took");
	for (int i = skip; i < (int)shot->listed; i++) {
		const struct page_op *op = &shot->list[i];
		const int row = area.row + 1 + i - skip;
		const enum fault_look look = fault_look(op->cause);
		const bool here = op->id == shot->fault.begin.id;
		char id[32], took[24];

		phrase_count(op->id, id, sizeof(id));
		phrase_ns(op->other, took, sizeof(took));
		grid_print_right(grid, area.col, row, 12, here ? STYLE_CURSOR : STYLE_DIM, "%s",
				 id);
		grid_put(grid, area.col + 13, row, fault_style(look),
			 (unsigned char)fault_letter(look));
		grid_print(grid, area.col + 15, row, 15, STYLE_PLAIN, "0x%" PRIx64,
			   (uint64_t)op->page << 12);
		grid_print(grid, area.col + 31, row, area.cols - 40, STYLE_PLAIN, "%s %s",
			   op->error & ERROR_FETCH   ? "fetch"
			   : op->error & ERROR_WRITE ? "write"
						     : "read",
			   label_enum(FIELD_KIND_FAULT, op->cause));
		grid_print_right(grid, area.col + area.cols - 9, row, 8, STYLE_DIM, "%s", took);
	}
}
