/* tracer/reader.h over a trace made in memory: sh runs "cat | wc" on two CPUs.
 *
 * Linked into the viewer's tests in place of the real reader.  The same path gives
 * the same events each time, so that screens can be compared:
 *
 *   "story"    one run of the pipeline, some 120 events of many kinds
 *   "long:N"   the pipeline's events again and again, N events in all
 *   "hostile"  names and data that try to break a terminal, records cut short,
 *              numbers that no kernel would write
 *   "empty"    no events
 *   "live"     no events at first; with each reader_refresh some more of the story
 *   "gone"     the story, of which nothing after event 60 can be read any more */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/viewer/fake_story.h"
#include "tracer/analysis/profile.h"
#include "tracer/lod.h"
#include "tracer/reader.h"
#include "tracer/search.h"
#include "tracer/state.h"

struct reader {
	struct story story;
	uint64_t count;
	uint64_t execs[WC + 1]; /* event of a thread's exec, 0 none */
	bool hostile, live, gone;
};

#define LIVE_STEP   7  /* events that a refresh brings */
#define GONE_EVENTS 60 /* that can still be read */

int reader_open(struct reader **out, const char *path, struct error *why)
{
	struct reader *r = calloc(1, sizeof(*r));

	(void)why;
	if (r == NULL)
		abort();
	if (strcmp(path, "empty") != 0)
		story_build(&r->story);
	for (uint64_t i = 0; i < r->story.count; i++)
		if (r->story.events[i].kind == EV_exec)
			r->execs[r->story.events[i].tid] = i + 1;
	r->hostile = strcmp(path, "hostile") == 0;
	r->live = strcmp(path, "live") == 0;
	r->gone = strcmp(path, "gone") == 0;
	r->count = r->live                          ? 0
		   : strncmp(path, "long:", 5) == 0 ? strtoull(path + 5, NULL, 10)
		   : r->hostile                     ? 20000
						    : r->story.count;
	*out = r;
	return 0;
}

void reader_close(struct reader *r)
{
	free(r->story.events);
	free(r);
}

uint64_t reader_count(const struct reader *r)
{
	return r->count;
}

int64_t reader_duration(const struct reader *r)
{
	return r->count == 0 ? 0 : (int64_t)r->count * 2000;
}

unsigned reader_cpus(const struct reader *r)
{
	return r->hostile ? 64 : 2;
}

uint64_t reader_unwanted(const struct reader *r)
{
	(void)r;
	return 0;
}

uint64_t reader_lost(const struct reader *r)
{
	return r->hostile ? 1234 : 0;
}

/* Event 9 of the hostile trace comes after a gap. */
uint64_t reader_gap(struct reader *r, const struct event *e)
{
	return r->hostile && e->id == 9 ? 1234 : 0;
}

bool reader_complete(const struct reader *r)
{
	return !r->hostile;
}

/* Spoil an event in a way that depends on its number alone. */
static void fake_spoil(struct event *e)
{
	uint64_t seed = e->id * 0x9e3779b97f4a7c15u;

	if (seed % 3 == 0)
		return;
	e->kind = (uint16_t)(seed >> 20 & 0x7f);
	e->tid = (uint32_t)(seed >> 30 % 60);
	e->pid = (uint32_t)(seed >> 40 & 0xff);
	e->cpu = (uint32_t)(seed >> 50 & 0x7f);
	e->words = (uint16_t)(seed >> 16 & 0xff);
	for (unsigned i = 0; i < TRACE_WORDS_MAX; i++)
		e->payload[i] = seed * (i + 1);
}

bool reader_event(struct reader *r, uint64_t id, struct event *out, struct error *why)
{
	uint64_t place, round;

	if (id == 0 || id > r->count)
		return false;
	if (r->gone && id > GONE_EVENTS) {
		if (why != NULL)
			error_set(why, 2, "reading the trace failed: disk I/O error");
		return false;
	}
	place = (id - 1) % r->story.count;
	round = (id - 1) / r->story.count;
	*out = r->story.events[place];
	out->id = id;
	out->time += (int64_t)round * r->story.time;
	if (r->hostile)
		fake_spoil(out);
	return true;
}

uint64_t reader_seek(struct reader *r, int64_t time)
{
	struct event e;
	uint64_t low = 1, high = r->count + 1;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (reader_event(r, middle, &e, NULL) && e.time < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool fake_opens(unsigned kind)
{
	return kind == EV_syscall_enter || kind == EV_page_fault || kind == EV_interrupt;
}

static bool fake_closes(unsigned open, unsigned kind)
{
	return open == EV_syscall_enter ? kind == EV_syscall_return || kind == EV_syscall_result
	       : open == EV_page_fault  ? kind == EV_page_fault_end
					: kind == EV_interrupt_end;
}

/* Pairs are looked for within one round of the story. */
bool reader_span(struct reader *r, uint64_t id, struct span *out)
{
	const struct event *events = r->story.events;
	uint64_t at, begin = 0;

	if (id == 0 || id > r->count || r->hostile)
		return false;
	id = (id - 1) % r->story.count;
	for (at = id + 1; at-- > 0;) {
		if (events[at].tid != events[id].tid || !fake_opens(events[at].kind) ||
		    (at != id && !fake_closes(events[at].kind, events[id].kind)))
			continue;
		begin = at + 1;
		break;
	}
	if (begin == 0)
		return false;
	*out = (struct span){ .begin = begin, .duration = -1 };
	for (at = begin; at < r->story.count; at++) {
		if (events[at].tid == events[id].tid &&
		    fake_closes(events[begin - 1].kind, events[at].kind)) {
			out->end = at + 1;
			out->duration = events[at].time - events[begin - 1].time;
			out->result = (int64_t)events[at].payload[0];
			return fake_opens(events[id].kind) || at == id;
		}
	}
	return at != id && fake_opens(events[id].kind);
}

void reader_thread_name(struct reader *r, uint32_t tid, uint64_t id, char *name, size_t size)
{
	static const struct {
		uint32_t tid;
		const char *before, *after;
	} names[] = {
		{ INIT, "init", "init" }, { KWORK, "kwork", "kwork" }, { SH, "init", "sh" },
		{ CAT, "sh", "cat" },     { WC, "sh", "wc" },
	};

	snprintf(name, size, "%s",
		 r->hostile ? "\x1b[31m\xe2\x80\xae"
			      "evil\n\xc2\x9b\xff\x07"
			    : "");
	for (size_t i = 0; !r->hostile && i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].tid == tid)
			snprintf(name, size, "%s",
				 id >= r->execs[tid] ? names[i].after : names[i].before);
}

int64_t event_field(const struct event *e, unsigned field)
{
	static const struct {
		unsigned event, bits;
		bool is_signed;
	} fields[] = {
#define SIGNED(kind)                          (#kind[0] == 'i' || #kind[0] == 'a' || #kind[0] == 'r')
#define FIELD(event, kind, bits, name, label) { EV_##event, bits, SIGNED(kind) },
#include "schemas/events.def"
	};
	static unsigned starts[EV_LIMIT];
	unsigned at = starts[e->kind], offset = 0;
	uint64_t value;

	while (fields[at].event != e->kind)
		at++;
	starts[e->kind] = at;
	for (; field > 0; field--)
		offset += fields[at++].bits;
	value = e->payload[offset / 64] >> offset % 64;
	if (fields[at].bits == 64)
		return (int64_t)value;
	value &= (1ull << fields[at].bits) - 1;
	if (fields[at].is_signed && value >> (fields[at].bits - 1))
		value |= ~0ull << fields[at].bits;
	return (int64_t)value;
}

/* The data behind a call's arguments, as far as it comes right after it. */
static const char *fake_string(const struct reader *r, const struct event *e, int *length)
{
	uint64_t next = e->id % r->story.count;
	const struct event *data = &r->story.events[next];

	*length = (int)((data->words - 1u) * 8);
	return !r->hostile && data->kind == EV_syscall_data ? (const char *)&data->payload[1]
							    : NULL;
}

void reader_describe(struct reader *r, const struct event *e, char *text, size_t size)
{
	static const struct {
		unsigned nr;
		const char *format;
	} calls[] = {
		{ 0, "read(%d, 0x%x, %u)" }, { 22, "pipe2([3, 4], 0)" },
		{ 56, "clone(0x1200011)" },  { 57, "fork()" },
		{ 61, "wait4(%d, 0x%x)" },
	};
	int length = 0;
	const char *string = fake_string(r, e, &length);

	snprintf(text, size, "bytes of an argument");
	if (e->kind != EV_syscall_enter)
		return;
	switch (event_field(e, 1)) {
	case 1:
		snprintf(text, size, "write(1, \"%.*s\\n\", %d)", (int)e->payload[3] - 1,
			 string == NULL ? "" : string, (int)e->payload[3]);
		return;
	case 2:
		snprintf(text, size, "open(\"%.*s\", O_RDONLY)", length,
			 string == NULL ? "" : string);
		return;
	case 59:
		snprintf(text, size, "execve(\"%.*s\", 0x602100, 0x602200)", length,
			 string == NULL ? "" : string);
		return;
	default:
		snprintf(text, size, "call %d", (int)event_field(e, 1));
	}
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].nr == event_field(e, 1))
			snprintf(text, size, calls[i].format, (int)e->payload[1],
				 (unsigned)e->payload[2], (unsigned)e->payload[3]);
}

bool reader_refresh(struct reader *r)
{
	if (!r->live || r->count == r->story.count)
		return false;
	r->count += LIVE_STEP;
	if (r->count > r->story.count)
		r->count = r->story.count;
	return true;
}

bool reader_state(struct reader *r, uint64_t id, struct state *s, struct error *why)
{
	struct event e;

	if (r->hostile || id > r->count) {
		error_set(why, 2, "there is no state at event %" PRIu64, id);
		return false;
	}
	if (s->event > id)
		state_free(s);
	for (uint64_t at = s->event + 1; at <= id; at++) {
		reader_event(r, at, &e, NULL);
		if (!state_event(s, &e))
			return false;
	}
	return true;
}

int reader_search(struct reader *r, const struct search *s, struct event *out, struct error *why)
{
	(void)why;
	for (uint64_t id = s->from; id >= 1 && id <= r->count;
	     id += s->backward ? (uint64_t)-1 : 1) {
		if (s->cancel != NULL && *s->cancel)
			return -1;
		if (reader_event(r, id, out, NULL) &&
		    (s->kinds == 0 || s->kinds & event_set(out->kind)) &&
		    (s->match == NULL || s->match(s->cookie, out)))
			return 1;
	}
	return 0;
}

/* There is no table of calls, and what names there were is not known. */
bool reader_has_calls(struct reader *r)
{
	(void)r;
	return false;
}

int reader_search_call(struct reader *r, const struct search *s, uint64_t *id)
{
	(void)r;
	(void)s;
	*id = 0;
	return -1;
}

bool reader_name_like(struct reader *r, const char *word, const volatile bool *cancel)
{
	(void)cancel;
	(void)r;
	(void)word;
	return true;
}

void reader_thrifty(struct reader *r)
{
	(void)r;
}

/* What a file that lost its index answers. */
int reader_lod(struct reader *r, const struct lod_query *q, struct lod_picture *out,
	       struct error *why)
{
	(void)r;
	(void)q;
	memset(out, 0, sizeof(*out));
	return error_set(why, 2, "cannot draw the trace: it has no level of detail");
}

void lod_free(struct lod_picture *p)
{
	memset(p, 0, sizeof(*p));
}

bool reader_lane(struct reader *r, uint32_t lane, struct lane *out)
{
	(void)r;
	(void)lane;
	(void)out;
	return false;
}

struct sqlite3 *reader_database(struct reader *r)
{
	(void)r;
	return NULL;
}

int profile_make(struct profile *p, sqlite3 *db, const struct profile_config *config,
		 void (*progress)(void *cookie, uint64_t done, uint64_t all), struct error *why)
{
	(void)db;
	progress(config->cookie, 1, 2);
	memset(p, 0, sizeof(*p));
	return error_set(why, 2, "cannot profile the trace: it has no blocks");
}

void profile_free(struct profile *p)
{
	memset(p, 0, sizeof(*p));
}

bool reader_live(const char *path)
{
	return strcmp(path, "live") == 0;
}
