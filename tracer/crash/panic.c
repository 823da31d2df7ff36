/* The story of a kernel panic. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/payload.h"
#include "tracer/crash/teller.h"
#include "tracer/store/meta.h"

#define LOG_LINES   40u
#define EVENTS_LAST 12u

static void kernel_place(struct teller *t, enum story_section section, uint64_t event,
			 uint64_t addr, bool behind)
{
	struct symbol symbol = { 0 };
	char words[448];

	if (t->kernel)
		symbol_at_address(t->symbols, t->kernel, addr - behind, &symbol);
	symbol.offset += behind && symbol.name[0];
	symbol_words(words, sizeof(words), &symbol);
	story_tell(t->s, section, event, "0x%llx %s", (unsigned long long)addr, words);
	if (!t->s->symbol[0] && symbol.name[0])
		memcpy(t->s->symbol, symbol.name, sizeof(t->s->symbol));
}

/* Names come from a file of the host, which need not be the kernel that ran. */
static void kernel_check(struct teller *t)
{
	char recorded[64], found[64];

	if (!t->kernel) {
		story_tell(t->s, STORY_WHERE, 0,
			   "no kernel.elf here: no symbols; --kernel names one");
		return;
	}
	meta_text(reader_database(t->r), "kernel_build_id", recorded, sizeof(recorded));
	symbol_build_id(t->symbols, t->kernel, found, sizeof(found));
	if (strcmp(recorded, found) != 0) {
		story_tell(t->s, STORY_WHERE, 0,
			   "%.200s is another kernel (build id %s) than the one that ran (%s): no "
			   "symbols; --kernel names one",
			   t->kernel, found[0] ? found : "none", recorded);
		t->kernel = NULL;
	}
}

static bool is_log(const struct teller *t, const struct event *e)
{
	return t->c && e->kind == EV_log;
}

/* What the kernel logged from id on: addresses by name, the rest as it is. */
static void log_tell(struct teller *t, uint64_t id)
{
	static const char called[] = "called from ";
	char text[1024];
	struct event e;

	for (unsigned i = 0; i < LOG_LINES; i++) {
		const char *from;

		if (!event_search(t, id, 1, 100000, is_log, &e))
			return;
		id = e.id + 1;
		payload_text(text, sizeof(text), &e, sizeof(struct ev_log));
		from = strstr(text, called);
		if (from)
			kernel_place(t, STORY_STACK, e.id,
				     strtoull(from + sizeof(called) - 1, NULL, 16), true);
		else
			story_tell(t->s, STORY_LOG, e.id, "%s", text);
	}
}

static void cpus_tell(struct teller *t)
{
	for (unsigned i = 0; i < reader_cpus(t->r) && i < STATE_CPUS; i++) {
		const struct state_cpu *c = &t->before.cpu[i];
		const struct state_thread *x = state_thread_find(&t->before, c->tid);
		char who[80], text[TELL_TEXT];

		if (!x) {
			story_tell(t->s, STORY_WHAT, 0, "CPU %u: idle", i);
			continue;
		}
		teller_thread(t, c->tid, t->moment, who, sizeof(who));
		if (x->call.open)
			teller_event(t, x->call.id, t->moment, text);
		else
			snprintf(text, sizeof(text), "%s", run_state_name(c->run));
		story_tell(t->s, STORY_WHAT, x->call.open ? x->call.id : x->event, "CPU %u: %s, %s",
			   i, who, text);
		for (uint32_t k = 0; k < x->trap_count; k++) {
			teller_event(t, x->trap[k].id, t->moment, text);
			story_tell(t->s, STORY_WHAT, x->trap[k].id, "CPU %u: in it, %s", i, text);
		}
	}
}

/* The last log lines before the panic record tell the registers of a fault. */
static uint64_t log_begin(struct teller *t)
{
	uint64_t id = t->c->event;
	struct event e;

	for (unsigned i = 0; i < 4 && event_search(t, id, -1, 64, is_log, &e); i++)
		id = e.id - 1;
	return id + 1;
}

static bool is_any(const struct teller *t, const struct event *e)
{
	return t->c && e->kind != EV_log && e->kind != EV_panic;
}

static void last_events_tell(struct teller *t)
{
	uint64_t id = t->c->event, found[EVENTS_LAST];
	char who[80], text[TELL_TEXT];
	struct event e;
	unsigned n = 0;

	while (n < EVENTS_LAST && event_search(t, id, -1, 1000, is_any, &e)) {
		found[n++] = e.id;
		id = e.id - 1;
	}
	while (n) {
		if (!reader_event(t->r, found[--n], &e, NULL))
			continue;
		reader_describe(t->r, &e, text, sizeof(text));
		teller_thread(t, e.tid, e.id, who, sizeof(who));
		story_tell(t->s, STORY_EVENTS, e.id, "CPU %u, %s: %s", e.cpu, e.tid ? who : "idle",
			   text);
	}
}

void panic_tell(struct teller *t)
{
	char text[512];
	struct event e;

	if (!reader_event(t->r, t->c->event, &e, NULL))
		return;
	t->moment = e.id;
	t->s->tid = e.tid;
	snprintf(t->s->cause, sizeof(t->s->cause), "kernel panic");
	payload_text(text, sizeof(text), &e, sizeof(struct ev_panic));
	story_tell(t->s, STORY_WHAT, e.id, "the kernel panicked on CPU %u: %s", e.cpu, text);
	if (reader_state(t->r, e.id, &t->before, NULL))
		cpus_tell(t);
	kernel_check(t);
	kernel_place(t, STORY_WHERE, e.id, payload_panic(&e).rip, true);
	log_tell(t, log_begin(t));
	last_events_tell(t);
}
