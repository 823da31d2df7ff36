/* What `ringscope diff` was asked for, and what its two ways of comparing share. */
#ifndef TRACER_CLI_DIFF_REQUEST_H
#define TRACER_CLI_DIFF_REQUEST_H

#include "tracer/analysis/diff.h"
#include "tracer/error.h"

struct diff_request {
	const char *rules, *ignore, *junit, *html;
	bool json, bless, force;
	struct {
		char **paths;
		unsigned count;
	} runs[2];
};

/* Are the two comparable?  0 or status 3.  pair: they are all there is, so that a seed
 * must be the same. */
int diff_sides_check(const struct side *a, const struct side *b, bool pair, struct error *why);
/* Say on standard error what is missing of a recording. */
void diff_loss_tell(const struct side *s);
/* What to leave out: as --ignore says, or the file beside base. */
int diff_ignore_read(struct ignore *g, const struct diff_request *r, const char *base,
		     struct error *why);
/* Judge by rules and write all that is asked for: the exit status. */
int diff_verdict(const struct diff_request *r, struct diff *d, const char *rules,
		 struct error *why);

/* Several runs a side: the exit status. */
int diff_compare_runs(const struct diff_request *r, struct error *why);

#endif
