#include "viewer/live.h"

#include "viewer/crossing.h"
#include "viewer/label.h"
#include "viewer/phrase.h"
#include "viewer/session.h"
#include "viewer/tutor.h"

#define LOOK_MS  30   /* between looks at the file */
#define END_MS   1000 /* between looks whether it is recorded into at all */
#define CATCH_MS 30   /* in which what is behind is shown: by the next frame, or ... */
#define FEW_MS   5000 /* ... gently, if these are few: what a key press causes */
#define MANY_MS  400  /* ... or not */
#define FEW      400

void live_begin(struct session *s)
{
	s->live.on = reader_live(s->path);
	s->live.newest = s->count;
}

static void live_more(struct session *s)
{
	s->live.newest = reader_count(s->reader);
	s->live.quiet_ms = 0;
	s->cpus = reader_cpus(s->reader);
	if (s->tutor == NULL || !tutor_asks(s->tutor))
		s->count = s->live.newest;
	if (s->now.id == 0 && s->target == 0)
		session_goto(s, 1);
	scale_grow(&s->scale, s->reader);
}

static void live_end(struct session *s)
{
	char count[32];

	s->live.on = s->live.follow = false;
	phrase_count(reader_count(s->reader), count, sizeof(count));
	session_say(s, "the recording has ended: %s events", count);
}

void live_tick(struct session *s, int ms)
{
	if (!s->live.on)
		return;
	s->live.since_ms += ms;
	s->live.quiet_ms += ms;
	if (s->live.since_ms < LOOK_MS)
		return;
	s->live.since_ms = 0;
	if (reader_refresh(s->reader))
		live_more(s);
	else if (s->live.quiet_ms > END_MS) {
		s->live.quiet_ms = 0;
		if (!reader_live(s->path)) {
			if (reader_refresh(s->reader)) /* what came between the two looks */
				live_more(s);
			live_end(s);
		}
	}
}

void live_follow(struct session *s)
{
	if (!s->live.on) {
		session_say(s, "this recording does not go on; Space plays it");
		return;
	}
	s->live.follow = !s->live.follow;
	s->playing = s->live.follow;
	if (s->live.follow)
		session_goto(s, s->count);
	session_say(s, s->live.follow ? "following the recording; F or Space stays here"
				      : "the recording goes on, this view stays here; F follows");
}

void live_beside(struct session *s)
{
	s->live.gently = true;
	session_pace_set(s, 4);
	session_goto(s, s->count);
	s->live.follow = s->playing = s->live.on;
}

const char *live_nothing(const struct session *s)
{
	if (s->count > 0)
		return "On the way to the first event.";
	if (s->live.on)
		return "Waiting for the first event of this recording.";
	return s->unwanted
		       ? "This trace holds no events: its --mode or --filter left all of them out."
		       : "This trace holds no events.";
}

bool live_noise(const struct event *e)
{
	if (e->tid != 0 || !event_whole(e))
		return false;
	return (e->kind == EV_interrupt && event_field(e, AT_interrupt_vector) == VECTOR_TIMER) ||
	       (e->kind == EV_interrupt_end &&
		event_field(e, AT_interrupt_end_vector) == VECTOR_TIMER);
}

void live_measure(struct session *s)
{
	const uint64_t known = s->count > s->now.id ? s->count - s->now.id : 0;
	uint64_t noise = 0;
	struct event e;

	for (uint64_t id = s->now.id + 1; id <= s->count && id <= s->now.id + LIVE_AHEAD; id++)
		if (reader_event(s->reader, id, &e, NULL))
			noise += live_noise(&e);
	s->live.behind = known - noise;
}

uint64_t live_rate(const struct session *s)
{
	const unsigned ms = !s->live.gently ? CATCH_MS : s->live.behind > FEW ? MANY_MS : FEW_MS;

	return s->live.behind * 1000000 / ms;
}

bool live_waits(const struct session *s)
{
	return s->live.on && (s->now.id >= s->count || (s->live.follow && s->live.behind == 0));
}
