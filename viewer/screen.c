#include "viewer/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "viewer/crossing.h"
#include "viewer/export.h"
#include "viewer/split.h"
#include "viewer/teach.h"
#include "viewer/terminal.h"

#define BOOT_EVENTS 10000 /* looked through for the first crossing */

/* Where a look begins: the first crossing, past what the kernel does to boot. */
static uint64_t first_crossing(struct reader *r)
{
	uint64_t count = reader_count(r) < BOOT_EVENTS ? reader_count(r) : BOOT_EVENTS;
	struct event e;

	for (uint64_t id = 1; id <= count && reader_event(r, id, &e, NULL); id++)
		if (event_direction(&e) != CROSS_NONE)
			return id;
	return 1;
}

/* Without a terminal: what a person would see who pressed these keys. */
static int export_run(struct session *s, const struct screen_options *o, struct error *why)
{
	int status;

	session_resize(s, o->cols, o->rows);
	s->still = true;
	for (const char *key = o->press == NULL ? "" : o->press; *key != '\0'; key++) {
		session_key(s, (unsigned char)*key);
		while (session_work(s, 100000))
			if (s->find.job.running)
				usleep(1000);
	}
	do
		session_prepare(s);
	while (session_waits(s) && usleep(1000) == 0);
	status = export_file(s, o->export_to, why);
	if (status == 0 && s->message[0] != '\0')
		fprintf(stderr, "ringscope: %s:%s\n", o->export_to, s->message);
	return status;
}

int screen_run(struct reader *r, const struct screen_options *o, struct error *why)
{
	struct split split = { .console = o->console, .guest_front = true };
	struct terminal_options look = { .mono = o->mono,
					 .split = o->console != NULL ? &split : NULL };
	struct session *s = calloc(1, sizeof(*s));
	int status;

	if (s == NULL)
		return error_set(why, 2, "opening the trace failed: out of memory");
	session_open(s, r, o->path);
	s->ascii = o->ascii;
	s->still = o->still;
	s->filter = o->filter;
	if (o->filter_text != NULL)
		snprintf(s->filter_text, sizeof(s->filter_text), "%s", o->filter_text);
	if (o->other != NULL) {
		versus_with(&s->versus, o->other);
		s->view = VIEW_DIFF;
	}
	session_goto(s, o->event > 0 ? o->event : first_crossing(r));
	if (o->tutor != NULL)
		teach_begin(s, o->tutor);
	if (o->console != NULL)
		live_beside(s);
	status = o->export_to != NULL ? export_run(s, o, why) : terminal_run(s, &look, why);
	split_free(&split);
	session_close(s);
	free(s);
	return status;
}
