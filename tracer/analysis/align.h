/* Aligning two sequences of keys: which stay, which went, which came.
 *
 * Ends that agree are taken off first.  What is left is cut at anchors: keys that
 * occur once on either side, in the longest order that both share (patience diff,
 * as Bram Cohen described it), and again within the pieces.  Pieces without anchors
 * go to Myers' greedy algorithm ("An O(ND) Difference Algorithm", 1986) with a bound
 * on its differences; beyond it the pieces are paired place by place.  So long
 * similar sequences cost about as much as reading them, whatever they repeat. */
#ifndef TRACER_ANALYSIS_ALIGN_H
#define TRACER_ANALYSIS_ALIGN_H

#include <stddef.h>
#include <stdint.h>

enum align_kind {
	ALIGN_SAME,    /* a and b */
	ALIGN_REMOVED, /* a only */
	ALIGN_ADDED,   /* b only */
};

/* A run of keys; a and b are where it begins on either side. */
struct align_run {
	enum align_kind kind;
	uint32_t a, b, count;
};

struct align {
	struct align_run *runs; /* in order, neighbours of different kinds */
	size_t count, size;
	uint32_t same, removed, added;
};

/* Fill out; the caller frees it with align_free.  0, or -1 without memory. */
int align_keys(struct align *out, const uint64_t *a, uint32_t a_count, const uint64_t *b,
	       uint32_t b_count);
/* The same for sequences of count keys that are known to be equal. */
int align_equal(struct align *out, uint32_t count);
void align_free(struct align *out);

#endif
