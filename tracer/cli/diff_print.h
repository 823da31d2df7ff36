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

/* "identical", "same structure, other costs", "regression", "different": in a word. */
const char *diff_outcome(const struct diff *d, const struct verdict *v);
/* What costs are counted in: "instructions" or "ns". */
const char *diff_unit(const struct diff *d);
/* "ENOENT". */
const char *diff_error_name(const struct diff_error *e);
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
