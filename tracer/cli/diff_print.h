/* A comparison as text, JSON, JUnit XML and HTML.  Each appends to a buffer; guest
 * bytes in it are made safe for the format. */
#ifndef TRACER_CLI_DIFF_PRINT_H
#define TRACER_CLI_DIFF_PRINT_H

#include "tracer/analysis/diff.h"
#include "tracer/analysis/verdict.h"
#include "tracer/buffer.h"

/* Items shown before and after the first difference of a thread. */
#define DIFF_CONTEXT 3
/* Threads whose first difference is shown, and rows; the rest is counted. */
#define DIFF_THREADS_SHOWN 12
#define DIFF_ROWS_SHOWN    24

void diff_text(struct buffer *b, const struct diff *d, const struct verdict *v, unsigned columns);
void diff_json(struct buffer *b, const struct diff *d, const struct verdict *v);
void diff_junit(struct buffer *b, const struct diff *d, const struct verdict *v);
void diff_html(struct buffer *b, const struct diff *d, const struct verdict *v);

/* The parts of each that tell of several runs a side; d->trial is set. */
void diff_trial_text(struct buffer *b, const struct diff *d);
void diff_trial_json(struct buffer *b, const struct diff *d);
void diff_trial_html(struct buffer *b, const struct diff *d);

/* "identical", "same structure, other costs", "regression", "cannot tell", ...: in a few
 * words. */
const char *diff_outcome(const struct diff *d, const struct verdict *v);
/* Are costs exact? */
bool diff_exact(const struct diff *d);
/* What costs are counted in: "instructions" or "ns". */
const char *diff_unit(const struct diff *d);
/* "ENOENT". */
const char *diff_error_name(const struct diff_error *e);
/* "kept", "BROKEN", "cannot tell". */
const char *diff_rule_outcome(const struct verdict_rule *r);
/* Several runs a side: a row that has something to say. */
bool diff_trial_row_shown(const struct trial_row *r);
/* "dearer", "cheaper", "no change shown", "cannot tell", "same". */
const char *diff_trial_outcome(const struct trial_change *c, bool cost);
/* The growth of a change in percent of its first median: between which bounds. */
void diff_trial_bounds(const struct trial_change *c, double percent[2]);
/* Does a thread differ from its partner, or have none? */
bool diff_thread_differs(const struct diff_thread *t);

/* One line of the two columns around a first difference. */
struct diff_line {
	char mark;      /* ' ' both, '-' A only, '+' B only, '!' other result */
	uint64_t id[2]; /* events; 0: none on this side */
	char text[2][256];
};

/* The lines around the first difference of a thread of both sides; how many. */
unsigned diff_lines(const struct diff *d, const struct diff_thread *t,
		    struct diff_line lines[2 * DIFF_CONTEXT + 2]);

#endif
