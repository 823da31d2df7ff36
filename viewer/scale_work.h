/* Making the timeline's pictures: the work of its thread, or of whoever has a reader. */
#ifndef VIEWER_SCALE_WORK_H
#define VIEWER_SCALE_WORK_H

#include "viewer/scale.h"

/* Of the job, if one runs, until it is over. */
struct scale_work {
	char *path;                /* NULL: no thread works at it */
	struct scale_query query;  /* what is asked for */
	const volatile bool *stop; /* give up soon; may be NULL */
	bool unopened;             /* there is no reading the file at path */
	int status;                /* 0: all below is there */
	struct scale_picture out;  /* scale_picture_free frees it */
};

/* Fill out, status, from r. */
void scale_work_make(struct scale_work *work, struct reader *r);
/* The same in a thread, with a reader of its own; cookie is a struct scale_work. */
void scale_work_run(struct job *job, void *cookie);

/* The first of these rows to draw so that the lane's is among them, in steps: moving on
 * seldom needs a new picture. */
unsigned scale_first(const struct scale_row *rows, unsigned count, uint32_t lane);
void scale_picture_free(struct scale_picture *p);

#endif
