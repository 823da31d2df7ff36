/* A person at a trace: where the cursor is, what plays, what was asked.
 *
 * Pure: keys and milliseconds come in, render.h draws what is here, and nothing
 * touches a terminal or a clock.  The state of the machine at the cursor is
 * session.now, rebuilt only by applying events forward from a keyframe of the file.  Work
 * that may take long (a far seek, a search) is a job that session_work does in
 * slices, so that keys and drawing go on. */
#ifndef VIEWER_SESSION_H
#define VIEWER_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "tracer/reader.h"
#include "viewer/costs.h"
#include "viewer/filter.h"
#include "viewer/find.h"
#include "viewer/live.h"
#include "viewer/marks.h"
#include "viewer/palette.h"
#include "viewer/memory.h"
#include "viewer/model.h"
#include "viewer/stage.h"
#include "viewer/tally.h"
#include "viewer/tale.h"
#include "viewer/versus.h"
#include "viewer/scale.h"

#define TALLY_FRAMES 10

struct tutor;

enum view {
#define VIEW(name, brief, title, paint, hints) VIEW_##name,
#include "viewer/views.def"
	VIEW_COUNT
};

enum popup { POPUP_NONE, POPUP_HELP, POPUP_WHY, POPUP_PICK, POPUP_LESSONS };

struct prompt {
	char sign; /* '/', '\\', ':', '=' (a lesson's answer), 'x' (a file's name), or 0: no prompt
		    */
	size_t length;
	char text[128];
	bool completed; /* by Tab, from its first stem bytes: */
	size_t stem;
	unsigned choice; /* the next of the names that begin so */
};

/* What became of the name by which the trace was opened. */
enum file_fate { FILE_THERE, FILE_DELETED, FILE_REPLACED };

struct session {
	struct reader *reader;
	const char *path;
	struct stat file;    /* of that path when it was opened; st_ino 0: not known */
	enum file_fate fate; /* of it, when last looked: a frame ago; replaced: the reader goes on
			      * with the old one, but nothing may be read by name */
	char title[64];      /* file name without folders; not clean */
	uint64_t count;      /* events in the trace, or up to a lesson's open question */
	unsigned cpus;
	bool unwanted; /* things happened that the recording's mode and filter left out */

	struct model now;   /* after event now.id */
	struct event event; /* event now.id, if that is not 0 */
	uint64_t base;      /* event whose state the replay to now.id began with */
	struct state state; /* of it; room for the next one */
	uint64_t target;    /* where the cursor goes; now.id when it is there */
	struct find find;
	struct filter filter;
	char filter_text[128];

	bool playing;
	unsigned pace;                    /* index into the table of paces, of events or of time */
	bool by_time;                     /* paced by the trace's own time */
	int64_t clock;                    /* of that, ns in the trace */
	uint64_t owed;                    /* millionths of an event still to play */
	uint64_t rate;                    /* thousandths of an event a second, now */
	struct live live;                 /* of a recording that goes on */
	int64_t motion_ms;                /* since the cursor came to this event */
	uint64_t frame;                   /* ticks so far */
	struct tally tally[TALLY_FRAMES]; /* of the latest frames, a ring by frame */

	enum view view;
	enum view back; /* that Enter left for the boundary */
	enum popup popup;
	int popup_page;
	struct prompt prompt;
	char message[256];
	char replace[256]; /* the file that an export replaces when it is asked for once more */
	struct stage stage;
	enum profile_by by; /* what rows of the profile stand for */
	struct costs costs; /* of the profile */
	struct scale scale; /* of the timeline */
	struct memory memory;
	struct marks marks;
	int64_t mark[2];      /* A and B, ns; -1: not set */
	struct tutor *tutor;  /* a lesson, or NULL: teach.h */
	bool tutor_owned;     /* and the session frees it */
	uint32_t highlight;   /* thread that a lesson points at, 0 none */
	struct versus versus; /* of the diff view */
	struct tale tale;     /* of the crash view */
	int cols, rows;
	bool ascii, still; /* still: no motion, every event at once */
	bool big;          /* for the projector */
	bool mouse;        /* wanted; the terminal may not have one */
	enum theme theme;
	uint64_t debug_event; /* asked for: gdb at this event; 0: nothing */
	char *clip;           /* asked for: this text for the terminal's clipboard; ours to free */
	bool redraw;          /* asked for: the screen from scratch */
	bool quit;
};

/* Start on an open reader, at the first event.  r and its path stay the caller's and
 * must outlive the session. */
void session_open(struct session *s, struct reader *r, const char *path);
void session_close(struct session *s);

/* The screen is cols by rows now. */
void session_resize(struct session *s, int cols, int rows);
/* A key (enum key_code or a character) was pressed. */
void session_key(struct session *s, int key);
/* ms have passed: play, animate. */
void session_tick(struct session *s, int ms);
/* Do at most budget events of a pending job; true while there is more. */
bool session_work(struct session *s, unsigned budget);
bool session_busy(const struct session *s);
/* A thread of ours works at what the view shows. */
bool session_waits(const struct session *s);
/* Anything moves, so that frames should be drawn. */
bool session_moving(const struct session *s);

/* Make what the view draws from besides events: before render, after all else. */
void session_prepare(struct session *s);

/* The time between A and B, which all views that add up have in common: from <= t < to.
 * False: not both are set, and it is the whole trace. */
bool session_range(const struct session *s, int64_t *from, int64_t *to);
/* Ask for the cursor at event id (bounded to the trace). */
void session_goto(struct session *s, uint64_t id);
void session_find(struct session *s, enum find_kind kind, int way);
/* One event on or back, past those that the filter hides. */
void session_step(struct session *s, int way);
void session_pace(struct session *s, int change);
/* Nearest pace to events a second. */
void session_pace_set(struct session *s, uint64_t per_second);
const char *session_pace_text(const struct session *s);
/* Take in the event after the cursor; false if it cannot be read. */
bool session_advance(struct session *s);
/* Give threads their boxes; fresh: not as before. */
void session_cast(struct session *s, bool fresh);
void session_say(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* play.c: one more or less than the present pace; events a second or the trace's time. */
void session_pace_kind(struct session *s, bool by_time);

/* The pace is too fast to draw each crossing: counts are drawn. */
bool session_counted(const struct session *s);
/* Progress of the present event's motion, 0..1000. */
int session_progress(const struct session *s);
/* Sum over the frames that are shown together, and how many those are. */
unsigned session_tally(const struct session *s, struct tally *sum);

#endif
