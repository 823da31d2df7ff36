/* What the crash view draws: the stories of the programs that died of a signal and of a
 * panic, made by a thread of its own (tracer/crash/story.h), and what the CPUs and the
 * threads did just before. */
#ifndef VIEWER_TALE_H
#define VIEWER_TALE_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/crash/story.h"
#include "tracer/error.h"
#include "tracer/lod.h"
#include "viewer/job.h"

#define TALE_LANES 16

/* A lane of the last moments. */
struct tale_lane {
	uint32_t lane, tid;
	bool cpu;
	unsigned index; /* of the picture */
};

/* The story of one crash. */
struct tale_shot {
	unsigned which, crashes; /* of so many; 0: nothing crashed */
	uint64_t more;           /* that are not told */
	bool complete;           /* the recording was not cut off */
	uint64_t lost;
	int64_t time; /* ns, of the end */
	struct story story;
	struct lod_picture picture; /* of the last moments */
	int64_t from, to;           /* ns that it shows */
	struct tale_lane lane[TALE_LANES];
	unsigned lanes;
};

struct tale_work;

struct tale {
	struct job job;
	struct tale_work *work;
	struct tale_shot *shot; /* NULL: none yet */
	struct error failed;
	unsigned which;    /* asked for */
	uint64_t count;    /* events that there were when it was asked */
	unsigned columns;  /* of the picture */
	unsigned selected; /* fact, in the order in which they are drawn */
};

/* Make the story of crash number `which` of the file at path unless that is what there is
 * or what is made; count: events so far, since a recording may go on. */
void tale_ask(struct tale *t, const char *path, uint64_t count, unsigned columns);
void tale_poll(struct tale *t);
bool tale_busy(const struct tale *t);
unsigned tale_percent(const struct tale *t);
void tale_close(struct tale *t);

/* The next crash; false: there is no other. */
bool tale_next(struct tale *t);
/* The fact before or after the selected one; steps: only those that cite an event. */
void tale_select(struct tale *t, int way, bool steps);
/* The selected fact, NULL if there is none. */
const struct fact *tale_fact(const struct tale *t);

/* Facts in the order in which they are drawn: those of the left pane, then the right. */
unsigned tale_order(const struct story *s, const struct fact **order, unsigned room);
/* What died, where and why are of the left pane, registers and memory of the right. */
bool tale_right(enum story_section section);

/* Columns of the picture on a screen of cols. */
int moments_columns(int cols);

#define TALE_FACTS 1000

#endif
