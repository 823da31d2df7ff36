/* Playing: how many events a frame shows, at a pace of events, of the trace's own time,
 * or as they come. */
#include <string.h>

#include "viewer/phrase.h"
#include "viewer/session.h"

#define PACE_UNIT    1000000u /* millionths */
#define PACE_COUNTED 12000u   /* thousandths of an event a second: faster is counted */
#define PACE_ALONE   300000u  /* from here on a frame is counted by itself */
#define MOTION_MS    650      /* a crossing at leisure */
#define PLAY_BUDGET  65536u   /* events read in a tick at most */
#define IDLE_MS      2000     /* of the person's: more without an event is left out */
#define IDLE_LEFT_MS 300      /* but for this before the next event */

static const struct pace {
	uint64_t milli; /* thousandths of an event a second */
	const char *text;
} paces[] = {
	{ 250, "1 event/4 s" },        { 500, "1 event/2 s" },      { 1000, "1 event/s" },
	{ 2000, "2 events/s" },        { 4000, "4 events/s" },      { 8000, "8 events/s" },
	{ 16000, "16 events/s" },      { 32000, "32 events/s" },    { 100000, "100 events/s" },
	{ 300000, "300 events/s" },    { 1000000, "1,000 ev/s" },   { 3000000, "3,000 ev/s" },
	{ 10000000, "10,000 ev/s" },   { 30000000, "30,000 ev/s" }, { 100000000, "100,000 ev/s" },
	{ 300000000, "300,000 ev/s" },
};

static const struct {
	int64_t ns; /* of the trace, in a ms of the person's */
	const char *text;
} speeds[] = {
	{ 1, "time x1/1,000,000" }, { 10, "time x1/100,000" }, { 100, "time x1/10,000" },
	{ 1000, "time x1/1,000" },  { 10000, "time x1/100" },  { 100000, "time x1/10" },
	{ 1000000, "time x1" },     { 10000000, "time x10" },
};

#define PACES  (sizeof(paces) / sizeof(paces[0]))
#define SPEEDS (sizeof(speeds) / sizeof(speeds[0]))

/* The event after the cursor, counted.  False: there is none. */
static bool play_one(struct session *s)
{
	if (s->now.id >= s->count) {
		if (!s->live.on) {
			s->playing = false;
			session_say(s, "the end of the trace");
		}
		return false;
	}
	if (!session_advance(s))
		return false;
	tally_add(&s->tally[s->frame % TALLY_FRAMES], &s->event);
	return true;
}

static void played(struct session *s)
{
	s->target = s->now.id;
	s->motion_ms = 0;
	session_cast(s, false);
}

/* Apply and count events until wanted have passed the filter; the rest of what
 * is owed is dropped with the budget, so a slow disk slows the play. */
static void play_events(struct session *s, uint64_t wanted)
{
	unsigned budget = PLAY_BUDGET;
	const uint64_t from = s->now.id;

	while (wanted > 0 && budget-- > 0 && play_one(s))
		wanted -= !(s->live.follow && live_noise(&s->event)) &&
			  filter_match(&s->filter, s->reader, &s->event);
	if (s->now.id != from)
		played(s);
}

/* Nothing happens for long: go to shortly before the next event. */
static void idle_skip(struct session *s, const struct event *next)
{
	const int64_t ns = speeds[s->pace].ns, left = (int64_t)IDLE_LEFT_MS * ns;
	char text[24];

	if (next->time - s->clock <= IDLE_MS * ns)
		return;
	phrase_ns(next->time - s->clock - left, text, sizeof(text));
	session_say(s, "... %s without an event left out", text);
	s->clock = next->time - left;
}

/* What was shown lately, where no pace says how much that is. */
static void rate_measure(struct session *s)
{
	struct tally sum;

	s->rate = 0;
	session_tally(s, &sum);
	s->rate = sum.events * 1000 * 30 / TALLY_FRAMES;
}

/* All events up to the clock, which goes on with the person's time. */
static void play_time(struct session *s, int ms)
{
	unsigned budget = PLAY_BUDGET;
	const uint64_t from = s->now.id;
	struct event next;

	if (s->clock < s->now.time || s->motion_ms == 0)
		s->clock = s->now.time > s->clock ? s->now.time : s->clock;
	if (s->now.id < s->count && reader_event(s->reader, s->now.id + 1, &next, NULL))
		idle_skip(s, &next);
	s->clock += (int64_t)ms * speeds[s->pace].ns;
	while (budget-- > 0) {
		if (s->now.id < s->count &&
		    (!reader_event(s->reader, s->now.id + 1, &next, NULL) || next.time > s->clock))
			break;
		if (!play_one(s))
			break;
	}
	if (s->now.id != from)
		played(s);
	rate_measure(s);
}

/* So many events a second, and more where a recording has left the cursor behind. */
static void play_pace(struct session *s, int ms)
{

	uint64_t rate = paces[s->pace].milli;

	if (s->live.follow) {
		live_measure(s);
		rate = live_rate(s) > rate ? live_rate(s) : rate;
		if (s->live.behind == 0) {
			s->owed = 0;
			rate_measure(s);
			return;
		}
	}
	s->owed += rate * (uint64_t)ms;
	if (s->owed >= PACE_UNIT) {
		const uint64_t wanted = s->owed / PACE_UNIT;

		s->owed %= PACE_UNIT;
		play_events(s, wanted);
	}
	s->rate = rate;
	if (s->live.follow)
		rate_measure(s);
}

void session_tick(struct session *s, int ms)
{
	s->frame++;
	memset(&s->tally[s->frame % TALLY_FRAMES], 0, sizeof(s->tally[0]));
	s->motion_ms += ms;
	live_tick(s, ms);
	if (!s->playing || session_busy(s))
		return;
	if (s->by_time)
		play_time(s, ms);
	else
		play_pace(s, ms);
}

bool session_counted(const struct session *s)
{
	return s->playing && s->rate > PACE_COUNTED;
}

int session_progress(const struct session *s)
{
	int64_t room = MOTION_MS;

	if (s->playing && s->rate > 0 && (int64_t)(800000 / s->rate) < room)
		room = (int64_t)(800000 / s->rate);
	if (s->still || session_counted(s) || s->motion_ms >= room || room <= 0)
		return 1000;
	return (int)(s->motion_ms * 1000 / room);
}

unsigned session_tally(const struct session *s, struct tally *sum)
{
	unsigned frames = !s->by_time && s->rate >= PACE_ALONE ? 1 : TALLY_FRAMES;

	memset(sum, 0, sizeof(*sum));
	for (unsigned i = 0; i < frames && i < s->frame; i++)
		tally_join(sum, &s->tally[(s->frame - i) % TALLY_FRAMES]);
	return frames;
}

static void pace_choose(struct session *s, int pace)
{
	const int last = (int)(s->by_time ? SPEEDS : PACES) - 1;

	s->pace = (unsigned)(pace < 0 ? 0 : pace > last ? last : pace);
	s->owed = 0;
	s->clock = s->now.time;
	s->rate = s->by_time ? 1000 : paces[s->pace].milli;
}

void session_pace(struct session *s, int change)
{
	pace_choose(s, (int)s->pace + change);
}

void session_pace_set(struct session *s, uint64_t per_second)
{
	int pace = 0;

	s->by_time = false;
	while (pace + 1 < (int)PACES && paces[pace].milli < per_second * 1000)
		pace++;
	pace_choose(s, pace);
}

void session_pace_kind(struct session *s, bool by_time)
{
	s->by_time = by_time;
	pace_choose(s, by_time ? 3 : 2);
}

const char *session_pace_text(const struct session *s)
{
	if (s->live.follow)
		return "live";
	return s->by_time ? speeds[s->pace].text : paces[s->pace].text;
}
