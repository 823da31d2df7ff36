/* tracer/reader.h over a trace made in memory: sh runs "cat | wc" on two CPUs.
 *
 * Linked into the viewer's tests in place of the real reader.  The same path gives
 * the same events each time, so that screens can be compared:
 *
 *   "story"    one run of the pipeline, some 120 events of many kinds
 *   "long:N"   the pipeline's events again and again, N events in all
 *   "hostile"  names and data that try to break a terminal, records cut short,
 *              numbers that no kernel would write
 *   "empty"    no events */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/profile.h"
#include "tracer/lod.h"
#include "tracer/reader.h"
#include "tracer/search.h"
#include "tracer/state.h"

enum { INIT = 1, SH = 7, CAT = 8, WC = 9, KWORK = 2 };

struct fake {
	struct event *events;
	uint64_t count;
	int64_t time;
	uint32_t running[2];
};

struct reader {
	struct fake story;
	uint64_t count;
	uint64_t execs[WC + 1]; /* event of a thread's exec, 0 none */
	bool hostile;
};

static struct event *fake_add(struct fake *f, unsigned cpu, unsigned kind)
{
	struct event *e;

	f->events = realloc(f->events, (f->count + 1) * sizeof(*f->events));
	if (f->events == NULL)
		abort();
	f->time += 700 + (int64_t)(f->count * 7919 % 2300);
	e = &f->events[f->count++];
	memset(e, 0, sizeof(*e));
	*e = (struct event){ .id = f->count,
			     .time = f->time,
			     .cpu = cpu,
			     .tid = f->running[cpu],
			     .pid = f->running[cpu],
			     .kind = (uint16_t)kind };
	return e;
}

/* Add one event with its fields, as in events.def. */
#define ADD(f, cpu, name, ...)                                                                     \
	do {                                                                                       \
		struct event *added = fake_add(f, cpu, EV_##name);                                 \
		struct ev_##name payload = { __VA_ARGS__ };                                        \
		memcpy(added->payload, &payload, sizeof(payload));                                 \
		added->words = sizeof(payload) / 8;                                                \
	} while (0)

static void fake_tail(struct fake *f, const void *bytes, size_t size)
{
	struct event *e = &f->events[f->count - 1];

	memcpy(&e->payload[e->words], bytes, size);
	e->words = (uint16_t)(e->words + (size + 7) / 8);
}

static void fake_call(struct fake *f, unsigned cpu, unsigned nr, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t args[3] = { a, b, c };

	ADD(f, cpu, syscall_enter, .rip = 0x401000 + nr * 16, .nr = nr);
	fake_tail(f, args, sizeof(args));
}

static void fake_data(struct fake *f, unsigned cpu, unsigned what, const char *bytes)
{
	ADD(f, cpu, syscall_data, .arg = 1, .what = what, .length = strlen(bytes),
	    .total = strlen(bytes));
	fake_tail(f, bytes, strlen(bytes));
}

static void fake_return(struct fake *f, unsigned cpu, int64_t result)
{
	ADD(f, cpu, syscall_return, .result = (uint64_t)result);
}

static void fake_fault(struct fake *f, unsigned cpu, uint64_t addr, unsigned error, unsigned cause)
{
	ADD(f, cpu, page_fault, .addr = addr, .rip = 0x401234, .error = error);
	ADD(f, cpu, page_fault_end, .frame = addr / 4096 % 5000, .cause = cause,
	    .way = error & 4 ? WAY_IRET_USER : WAY_IRET_KERNEL);
}

static void fake_switch(struct fake *f, unsigned cpu, uint32_t next, unsigned reason, unsigned wait)
{
	ADD(f, cpu, context_switch, .prev = f->running[cpu], .next = next, .reason = reason,
	    .wait = wait, .space = 1, .ready = 0);
	f->running[cpu] = next;
}

static void fake_create(struct fake *f, unsigned cpu, uint32_t tid, const char *name)
{
	ADD(f, cpu, thread_create, .tid = tid, .pid = tid, .parent = f->running[cpu],
	    .kernel = tid == KWORK, .flags = 0x1200011);
	fake_tail(f, name, strlen(name));
}

static void fake_exec(struct fake *f, unsigned cpu, const char *path, uint64_t heap)
{
	fake_call(f, cpu, 59, 0x602000, 0x602100, 0x602200);
	fake_data(f, cpu, DATA_PATH, path);
	ADD(f, cpu, map, .start = 0x400000, .length = 0x210000, .offset = 0, .prot = 7, .flags = 2);
	fake_tail(f, path, strlen(path));
	ADD(f, cpu, exec, .entry = 0x401000);
	fake_tail(f, path, strlen(path));
	ADD(f, cpu, syscall_result, .result = 0);
	ADD(f, cpu, user_enter, .rip = 0x401000, .way = WAY_IRET_USER);
	fake_fault(f, cpu, 0x401000, 0x14, FAULT_FILE);
	fake_fault(f, cpu, heap, 0x6, FAULT_DEMAND_ZERO);
}

static void fake_timer(struct fake *f, unsigned cpu)
{
	ADD(f, cpu, interrupt, .rip = 0x401777, .vector = 0x20, .user = f->running[cpu] != 0);
	ADD(f, cpu, interrupt_end, .vector = 0x20,
	    .way = f->running[cpu] != 0 ? WAY_IRET_USER : WAY_IRET_KERNEL);
}

static void fake_boot(struct fake *f)
{
	ADD(f, 0, cpu_online, .cpu = 0, .apic = 0);
	fake_create(f, 0, INIT, "init");
	fake_create(f, 0, KWORK, "kwork");
	ADD(f, 1, cpu_online, .cpu = 1, .apic = 1);
	fake_switch(f, 0, INIT, SWITCH_IDLE, 0);
	ADD(f, 0, user_enter, .rip = 0x401000, .way = WAY_IRET_USER);
	fake_fault(f, 0, 0x401000, 0x14, FAULT_FILE);
	fake_call(f, 0, 56, 0x1200011, 0, 0);
	fake_create(f, 0, SH, "init");
	ADD(f, 0, wakeup, .tid = SH, .target = 0, .wait = WAIT_NEW);
	fake_return(f, 0, SH);
	fake_call(f, 0, 61, (uint64_t)-1, 0, 0);
	fake_switch(f, 0, SH, SWITCH_BLOCK, WAIT_CHILD);
	ADD(f, 0, user_enter, .rip = 0x401100, .way = WAY_IRET_USER);
	fake_fault(f, 0, 0x602010, 0x7, FAULT_COW);
	fake_exec(f, 0, "/bin/sh", 0x605000);
}

static void fake_fork(struct fake *f, uint32_t child)
{
	fake_call(f, 0, 57, 0, 0, 0);
	fake_create(f, 0, child, "sh");
	ADD(f, 0, wakeup, .tid = child, .target = child == WC, .wait = WAIT_NEW);
	if (child == WC)
		ADD(f, 0, ipi, .what = IPI_RESCHEDULE, .target = 1);
	fake_return(f, 0, child);
}

static void fake_start(struct fake *f)
{
	fake_call(f, 0, 2, 0x403000, 0, 0);
	fake_data(f, 0, DATA_PATH, "/etc/profile");
	fake_return(f, 0, -2);
	fake_call(f, 0, 22, 0x7fff0010, 0, 0);
	fake_return(f, 0, 0);
	fake_fork(f, CAT);
	fake_fault(f, 0, 0x605000, 0x7, FAULT_COW);
	fake_fork(f, WC);
	ADD(f, 1, interrupt, .rip = 0, .vector = 0x21, .user = 0);
	ADD(f, 1, interrupt_end, .vector = 0x21, .way = WAY_IRET_KERNEL);
	fake_switch(f, 1, WC, SWITCH_IDLE, 0);
	ADD(f, 1, user_enter, .rip = 0x401100, .way = WAY_IRET_USER);
	fake_call(f, 0, 61, CAT, 0x7fff0020, 0);
	fake_exec(f, 1, "/bin/wc", 0x609000);
	fake_switch(f, 0, CAT, SWITCH_BLOCK, WAIT_CHILD);
	ADD(f, 0, user_enter, .rip = 0x401100, .way = WAY_IRET_USER);
	fake_call(f, 1, 0, 0, 0x609010, 4096);
	fake_exec(f, 0, "/bin/cat", 0x608000);
	fake_switch(f, 1, 0, SWITCH_BLOCK, WAIT_PIPE_READ);
}

/* cat reads a file and writes it to the pipe; wc wakes up and counts. */
static void fake_pump(struct fake *f, const char *line)
{
	fake_call(f, 0, 0, 3, 0x608010, 4096);
	fake_fault(f, 0, 0x608010, 0x2, FAULT_DEMAND_ZERO);
	fake_return(f, 0, (int64_t)strlen(line));
	fake_call(f, 0, 1, 1, 0x608010, strlen(line));
	fake_data(f, 0, DATA_BYTES_IN, line);
	ADD(f, 0, wakeup, .tid = WC, .target = 1, .wait = WAIT_PIPE_READ);
	ADD(f, 0, ipi, .what = IPI_RESCHEDULE, .target = 1);
	fake_return(f, 0, (int64_t)strlen(line));
	ADD(f, 1, interrupt, .rip = 0, .vector = 0x21, .user = 0);
	ADD(f, 1, interrupt_end, .vector = 0x21, .way = WAY_IRET_KERNEL);
	fake_switch(f, 1, WC, SWITCH_IDLE, 0);
	fake_timer(f, 0);
	fake_return(f, 1, (int64_t)strlen(line));
	fake_call(f, 1, 0, 0, 0x609010, 4096);
	fake_switch(f, 1, 0, SWITCH_BLOCK, WAIT_PIPE_READ);
}

static void fake_signal(struct fake *f)
{
	ADD(f, 0, page_fault, .addr = 0x18, .rip = 0x401077, .error = 4);
	ADD(f, 0, signal_send, .target = CAT, .sig = 11, .code = 1);
	ADD(f, 0, page_fault_end, .cause = FAULT_NO_REGION, .way = WAY_WORK);
	ADD(f, 0, signal_deliver, .handler = 0, .sig = 11);
	ADD(f, 0, thread_exit, .tid = CAT, .status = 139);
	ADD(f, 0, process_exit, .pid = CAT, .status = 11);
	ADD(f, 0, signal_send, .target = SH, .sig = 17, .code = 2);
	ADD(f, 0, wakeup, .tid = SH, .target = 0, .wait = WAIT_CHILD);
	fake_switch(f, 0, SH, SWITCH_EXIT, 0);
	ADD(f, 0, reap, .pid = CAT, .parent = SH);
	fake_return(f, 0, CAT);
	fake_call(f, 0, 61, WC, 0x7fff0020, 0);
	fake_timer(f, 1);
	fake_switch(f, 0, 0, SWITCH_BLOCK, WAIT_CHILD);
	ADD(f, 0, syscall_absent, .nr = 334);
	ADD(f, 0, tlb_shootdown, .pages = 3, .cpus = 3);
	ADD(f, 0, log, .level = 6, .length = 33);
	fake_tail(f, "cat[8]: segfault at 18 rip 401077", 33);
}

static void fake_build(struct fake *f)
{
	fake_boot(f);
	fake_start(f);
	fake_pump(f, "hello\n");
	fake_pump(f, "ring 3 to ring 0\n");
	fake_signal(f);
}

int reader_open(struct reader **out, const char *path, struct error *why)
{
	struct reader *r = calloc(1, sizeof(*r));

	(void)why;
	if (r == NULL)
		abort();
	if (strcmp(path, "empty") != 0)
		fake_build(&r->story);
	for (uint64_t i = 0; i < r->story.count; i++)
		if (r->story.events[i].kind == EV_exec)
			r->execs[r->story.events[i].tid] = i + 1;
	r->hostile = strcmp(path, "hostile") == 0;
	r->count = strncmp(path, "long:", 5) == 0 ? strtoull(path + 5, NULL, 10)
		   : r->hostile                   ? 20000
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

uint64_t reader_lost(const struct reader *r)
{
	return r->hostile ? 1234 : 0;
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

	(void)why;
	if (id == 0 || id > r->count)
		return false;
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
	(void)r;
	return false;
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
		    (s->kinds == 0 || s->kinds >> (out->kind & 63) & 1) &&
		    (s->match == NULL || s->match(s->cookie, out)))
			return 1;
	}
	return 0;
}

/* There is no table of calls, and what names there were is not known. */
int reader_search_call(struct reader *r, const char *word, uint64_t from, bool backward,
		       const volatile bool *cancel, uint64_t *id)
{
	(void)r;
	(void)word;
	(void)from;
	(void)backward;
	(void)cancel;
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
	(void)path;
	return false;
}
