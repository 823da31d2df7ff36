/* What the diff view draws: this recording against another one, compared by a thread of
 * its own with what `ringscope diff` uses (tracer/analysis/diff.h). */
#ifndef VIEWER_VERSUS_H
#define VIEWER_VERSUS_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/analysis/diff.h"
#include "tracer/analysis/steps.h"
#include "tracer/lod.h"
#include "viewer/job.h"

#define VERSUS_DIFFERENCES 65536u /* kept, the first ones */
#define VERSUS_LANES       48

/* One difference: a stretch of steps of one mark, or a thread without a partner. */
struct versus_difference {
	uint32_t thread; /* of diff.threads */
	uint32_t a, b;   /* where it begins, items */
	uint32_t count;  /* steps */
	char mark;       /* as diff_step; 'A' 'B': the thread is only there */
};

/* A thread of both sides, from its birth to its end on either. */
struct versus_lane {
	uint32_t thread;
	int64_t from[2], to[2];        /* ns */
	struct lod_picture picture[2]; /* one lane each; none: lanes 0 */
};

/* The outcome; the thread's until it is over. */
struct versus_shot {
	struct side a, b;
	struct diff diff;
	bool open_a, open_b, made;
	struct versus_difference *differences;
	unsigned count;
	uint64_t more; /* that are not kept */
	struct versus_lane lane[VERSUS_LANES];
	unsigned lanes;
};

struct versus_work;

struct versus {
	struct job job;
	struct versus_work *work;
	struct versus_shot *shot; /* NULL: none yet */
	struct error failed;
	char other[512];   /* file B, "" none was named */
	unsigned selected; /* difference */
	/* Steps of the thread that the selected difference is of. */
	struct diff_step *steps;
	uint32_t step_count, steps_of; /* steps_of: thread + 1, 0 none */
	uint32_t step;                 /* where it begins; step_count: nowhere */
};

/* Compare with file B from now on. */
void versus_with(struct versus *v, const char *other);
/* Start, unless it is done or failed or there is no other file. */
void versus_ask(struct versus *v, const char *path, unsigned columns);
void versus_poll(struct versus *v);
bool versus_busy(const struct versus *v);
unsigned versus_percent(const struct versus *v);
void versus_close(struct versus *v);

void versus_select(struct versus *v, int way);
/* The selected difference, NULL if there is none. */
const struct versus_difference *versus_difference(const struct versus *v);
/* Make steps and step for the selected difference. */
void versus_steps(struct versus *v);
/* Columns of its lanes on a screen of cols. */
int versus_columns(int cols);

/* The event of A that is nearest to it, 0 if A has none. */
uint64_t versus_event(const struct versus *v);

#endif
