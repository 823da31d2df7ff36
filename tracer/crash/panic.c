/* The story of a kernel panic. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/salvage.h"
#include "tracer/payload.h"
#include "tracer/crash/teller.h"
#include "tracer/store/meta.h"
#include "tracer/vector.h"

#define LOG_LINES     80u
#define EVENTS_LAST   8u /* of each CPU */
#define EVENTS_MOST   128u
#define EVENTS_LOOKED 4000u
#define EVENT_CHARS   200  /* told of one event */
#define VECTORS       256u /* above: no exception came, its caller told */

static void kernel_place(struct teller *t, enum story_section section, uint64_t event,
			 uint64_t addr, bool behind)
{
	const char *struck = section == STORY_STACK && !behind ? "which struck " : "";
	struct symbol symbol = { 0 };
	char words[448];

	if (t->kernel)
		symbol_at_address(t->symbols, t->kernel, addr - behind, &symbol);
	symbol.offset += behind && symbol.name[0];
	symbol_words(words, sizeof(words), &symbol);
	story_tell(t->s, section, event, "%s0x%llx%s%s", struck, (unsigned long long)addr,
		   words[0] ? " " : "", words);
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
	static const char called[] = "called from ", struck[] = "which struck ",
			  more[] = " more callers";
	char text[1024];
	struct event e;

	for (unsigned i = 0; i < LOG_LINES; i++) {
		const char *from, *at;

		if (!event_search(t, id, 1, 100000, is_log, &e))
			return;
		id = e.id + 1;
		payload_text(text, sizeof(text), &e, sizeof(struct ev_log));
		from = strstr(text, called);
		at = strstr(text, struck);
		if (from)
			kernel_place(t, STORY_STACK, e.id,
				     strtoull(from + sizeof(called) - 1, NULL, 16), true);
		else if (at)
			kernel_place(t, STORY_STACK, e.id,
				     strtoull(at + sizeof(struck) - 1, NULL, 16), false);
		else
			story_tell(t->s, strstr(text, more) ? STORY_STACK : STORY_LOG, e.id, "%s",
				   text + strspn(text, " "));
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
			snprintf(text, sizeof(text), "%s",
				 c->run == RUN_USER ? "in its program" : "in the kernel");
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

/* The last ones of each CPU, in one order. */
static void last_events_tell(struct teller *t)
{
	uint64_t id = t->c->event, found[EVENTS_MOST];
	unsigned n = 0, of[STATE_CPUS] = { 0 };
	char who[80], text[TELL_TEXT];
	struct event e;

	for (unsigned left = EVENTS_LOOKED; left && n < EVENTS_MOST; left--) {
		if (!event_search(t, id, -1, EVENTS_LOOKED, is_any, &e))
			break;
		if (e.cpu < STATE_CPUS && of[e.cpu]++ < EVENTS_LAST)
			found[n++] = e.id;
		id = e.id - 1;
	}
	while (n) {
		if (!reader_event(t->r, found[--n], &e, NULL))
			continue;
		reader_describe(t->r, &e, text, sizeof(text));
		teller_thread(t, e.tid, e.id, who, sizeof(who));
		story_tell(t->s, STORY_EVENTS, e.id, "CPU %u, %s: %.*s%s", e.cpu,
			   e.tid ? who : "idle", EVENT_CHARS, text,
			   strlen(text) > EVENT_CHARS ? "..." : "");
	}
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The instruction or call that it came to, with the code there. */
static void where_tell(struct teller *t, uint64_t event, uint64_t address, bool behind)
{
	struct symbol symbol = { 0 }, by;

	kernel_place(t, STORY_WHERE, event, address, behind);
	if (!t->kernel || !symbol_at_address(t->symbols, t->kernel, address - behind, &symbol))
		return;
	if (symbol_inlined(t->symbols, t->kernel, address - behind, &by)) {
		story_tell(t->s, STORY_WHERE, event, "%s:%d is part of it, inlined at %s:%d",
			   name_of(symbol.file), symbol.line, name_of(by.file), by.line);
		kernel_source_tell(t, &by);
	} else {
		kernel_source_tell(t, &symbol);
	}
	if (!behind)
		kernel_code_tell(t, t->kernel, address, &symbol);
}

static void registers_tell(struct teller *t, const struct salvage_registers *r, bool asked)
{
	const struct {
		const char *name;
		uint64_t value;
	} list[] = { { "rax", r->rax }, { "rbx", r->rbx }, { "rcx", r->rcx }, { "rdx", r->rdx },
		     { "rsi", r->rsi }, { "rdi", r->rdi }, { "rbp", r->rbp }, { "r8", r->r8 },
		     { "r9", r->r9 },   { "r10", r->r10 }, { "r11", r->r11 }, { "r12", r->r12 },
		     { "r13", r->r13 }, { "r14", r->r14 }, { "r15", r->r15 } };

	if (r->vector >= VECTORS) {
		story_tell(t->s, STORY_REGISTERS, 0,
			   "rip %016llx rsp %016llx rbp %016llx of who called the panic; the"
			   " others are not known",
			   (unsigned long long)r->rip, (unsigned long long)r->rsp,
			   (unsigned long long)r->rbp);
		return;
	}
	if (asked)
		story_tell(t->s, STORY_REGISTERS, 0, "as QEMU tells them");
	else
		story_tell(t->s, STORY_REGISTERS, 0, "at vector %llu (%s), error code 0x%llx",
			   (unsigned long long)r->vector, vector_label((unsigned)r->vector),
			   (unsigned long long)r->error);
	story_tell(t->s, STORY_REGISTERS, 0, "rip %016llx rsp %016llx rflags %08llx",
		   (unsigned long long)r->rip, (unsigned long long)r->rsp,
		   (unsigned long long)r->rflags);
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i += 3)
		story_tell(t->s, STORY_REGISTERS, 0, "%-3s %016llx %-3s %016llx %-3s %016llx",
			   list[i].name, (unsigned long long)list[i].value, list[i + 1].name,
			   (unsigned long long)list[i + 1].value, list[i + 2].name,
			   (unsigned long long)list[i + 2].value);
}

/* Where the culprit is: memory knows better than the record, which has one address.  A CPU
 * that hangs was struck there by what found out. */
static void culprit_tell(struct teller *t, uint64_t event, int cpu, uint64_t rip, bool hang)
{
	struct salvage_registers r;
	bool behind = true, asked = false;
	uint64_t at = cpu >= 0 ? machine_culprit(t, (unsigned)cpu, hang, &behind) : 0;

	if (!at && hang && cpu >= 0)
		at = machine_culprit(t, (unsigned)cpu, false, &behind);
	/* A jump to nowhere: its caller is on the stack. */
	where_tell(t, event, at ? at : rip, at ? behind : true);
	if (cpu >= 0 && machine_registers(t, (unsigned)cpu, &r, &asked))
		registers_tell(t, &r, asked);
}

/* In a word or three, by how the kernel says it. */
static const char *cause_of(const char *text)
{
	static const struct {
		const char *text, *cause;
	} causes[] = { { "hang", "hang" },
		       { "deadlock", "deadlock" },
		       { "assertion failed", "assertion" },
		       { "kernel stack overflow", "stack overflow" },
		       { "bad access", "bad access" },
		       { "jump to a bad address", "bad jump" } };

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (strncmp(text, causes[i].text, strlen(causes[i].text)) == 0)
			return causes[i].cause;
	return "kernel panic";
}

/* There is no record of the end: what stopped it is in the file's own facts. */
static void stopped_tell(struct teller *t)
{
	sqlite3 *db = reader_database(t->r);
	const int cpu = (int)meta_integer(db, "panic_cpu", -1);
	const int busy = cpu >= 0 ? cpu : machine_busy(t);
	char stopped[32], text[256];

	meta_text(db, "stopped", stopped, sizeof(stopped));
	meta_text(db, "panic", text, sizeof(text));
	snprintf(t->s->cause, sizeof(t->s->cause), "%s", text[0] ? cause_of(text) : stopped);
	if (text[0])
		story_tell(t->s, STORY_WHAT, 0, "the kernel panicked on CPU %d: %s", cpu, text);
	else if (strcmp(stopped, "triple fault") == 0)
		story_tell(t->s, STORY_WHAT, 0,
			   "a CPU could not take a fault, nor a double fault (triple fault)");
	else if (strcmp(stopped, "hang") == 0)
		story_tell(t->s, STORY_WHAT, 0, "the kernel hung, and took no NMI");
	else if (strcmp(stopped, "timeout") == 0)
		story_tell(t->s, STORY_WHAT, 0, "the guest did not end in the time that it had");
	else if (strcmp(stopped, "asked") == 0)
		story_tell(
			t->s, STORY_WHAT, 0,
			"nothing, as far as is known: the guest was looked at by `ringscope salvage`");
	else if (strcmp(stopped, "qemu") == 0)
		story_tell(t->s, STORY_WHAT, 0, "QEMU ended, and took the guest with it");
	else
		story_tell(t->s, STORY_WHAT, 0, "the machine stopped: %s", stopped);
	meta_text(db, "panic_again", text, sizeof(text));
	if (text[0])
		story_tell(t->s, STORY_WHAT, 0, "and while it told of that: %s", text);
	t->moment = reader_count(t->r);
	if (reader_state(t->r, t->moment, &t->before, NULL)) {
		cpus_tell(t);
		if (busy >= 0 && busy < (int)STATE_CPUS)
			t->s->tid = t->before.cpu[busy].tid;
	}
	kernel_check(t);
	if (strcmp(stopped, "timeout") != 0)
		culprit_tell(t, 0, busy, 0, strcmp(stopped, "hang") == 0);
	if (t->s->tid && cpu >= 0)
		chain_tell(t, t->s->tid, t->moment);
	last_events_tell(t);
	machine_tell(t);
}

void panic_tell(struct teller *t)
{
	char text[512], again[256];
	struct event e;

	if (t->c->stopped) {
		stopped_tell(t);
		return;
	}
	if (!reader_event(t->r, t->c->event, &e, NULL))
		return;
	t->moment = e.id;
	t->s->tid = e.tid;
	payload_text(text, sizeof(text), &e, sizeof(struct ev_panic));
	snprintf(t->s->cause, sizeof(t->s->cause), "%s", cause_of(text));
	story_tell(t->s, STORY_WHAT, e.id, "the kernel panicked on CPU %u: %s", e.cpu, text);
	meta_text(reader_database(t->r), "panic_again", again, sizeof(again));
	if (again[0])
		story_tell(t->s, STORY_WHAT, 0, "and while it told of that: %s", again);
	if (reader_state(t->r, e.id, &t->before, NULL))
		cpus_tell(t);
	kernel_check(t);
	culprit_tell(t, e.id, (int)e.cpu, payload_panic(&e).rip, strncmp(text, "hang: t", 7) == 0);
	if (e.tid)
		chain_tell(t, e.tid, e.id);
	log_tell(t, log_begin(t));
	last_events_tell(t);
	machine_tell(t);
}
