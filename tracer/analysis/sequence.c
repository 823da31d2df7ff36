#include "tracer/analysis/sequence.h"

#include <asm/unistd_64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"
#include "tracer/analysis/families.h"
#include "tracer/analysis/hash.h"
#include "tracer/analysis/households.h"
#include "tracer/analysis/labels.h"
#include "tracer/analysis/normal.h"
#include "tracer/payload.h"
#include "tracer/analysis/slab.h"

/* Threads with more items keep them as they are. */
#define SETTLED_ITEMS 1024u

struct loader {
	struct sequences *out;
	struct households homes;
	struct running hashes;
	bool failed;  /* no memory */
	bool running; /* hashes are asked for */
	void (*progress)(void *cookie, uint64_t done, uint64_t all);
	void *cookie;
};

/* What the loader keeps of a thread: walk_thread.mine. */
struct actor {
	struct role *role;
	uint32_t number; /* in order of birth */
	struct household *home;
	int64_t user; /* ns in ring 3 since the last item */
};

struct role *sequences_role(struct sequences *s)
{
	struct role *r;

	if (s->count == s->size) {
		const uint32_t size = s->size ? s->size * 2 : 64;
		struct role **roles = realloc(s->roles, size * sizeof(struct role *));

		if (!roles)
			return NULL;
		s->roles = roles;
		s->size = size;
	}
	r = slab_take(&s->role_slabs, sizeof(*r));
	if (r) {
		*r = (struct role){ 0 };
		s->roles[s->count++] = r;
	}
	return r;
}

static void item_hash(struct role *r, const struct item *item)
{
	r->structure = hash_number(hash_number(r->structure, item->key), item->result);
	r->spent = hash_number(hash_number(r->spent, (uint64_t)item->self), (uint64_t)item->user);
	r->waits = hash_number(r->waits, (uint64_t)item->waited);
}

int role_item(struct role *r, const struct item *item)
{
	if (r->count == r->size) {
		const uint32_t size = r->size ? r->size * 2 : 8;
		struct item *items =
			size > r->size ? realloc(r->items, size * sizeof(*items)) : NULL;

		if (!items)
			return -1;
		r->items = items;
		r->size = size;
	}
	r->items[r->count++] = *item;
	item_hash(r, item);
	return 0;
}

void role_hash(struct role *r)
{
	r->structure = r->spent = r->waits = 0;
	for (uint32_t i = 0; i < r->count; i++)
		item_hash(r, &r->items[i]);
}

/* No more items come: few of them move to where others are. */
static void role_settle(struct sequences *s, struct role *r)
{
	struct item *items = r->count && r->count <= SETTLED_ITEMS
				     ? slab_take(&s->item_slabs, r->count * sizeof(*items))
				     : NULL;

	if (!items)
		return;
	memcpy(items, r->items, r->count * sizeof(*items));
	free(r->items);
	r->items = items;
	r->size = 0;
}

/* What belongs to t, made if it is new to the loader; NULL without memory. */
static struct actor *actor_get(struct loader *l, struct walk_thread *t)
{
	struct actor *a = t->mine;
	struct household *parent;

	if (a)
		return a;
	a = calloc(1, sizeof(*a));
	if (a) {
		a->home = household_get(&l->homes, t->pid);
		a->role = a->home ? sequences_role(l->out) : NULL;
	}
	if (!a || !a->role) {
		free(a);
		l->failed = true;
		return NULL;
	}
	if (t->pid == t->tid) {
		household_clear(a->home);
		parent = household_find(&l->homes, t->parent);
		if (parent && parent != a->home)
			descriptors_copy(&a->home->descriptors, &parent->descriptors);
	}
	a->number = l->out->count;
	a->role->tid = t->tid;
	a->role->pid = t->pid;
	a->role->parent = t->parent;
	a->role->start = t->start;
	a->role->thread = ++a->home->threads;
	a->home->alive++;
	t->mine = a;
	return a;
}

static void thread_begin(void *cookie, struct walk_thread *t)
{
	actor_get(cookie, t);
}

static void item_append(struct loader *l, struct actor *a, struct item item)
{
	struct running *h = &l->hashes;

	item.user = a->user;
	a->user = 0;
	l->failed |= role_item(a->role, &item) != 0;
	if (!l->running)
		return;
	h->structure = hash_number(h->structure, (uint64_t)a->number << 32 | item.result);
	h->structure = hash_number(h->structure, item.key);
	h->cost = hash_number(h->cost, (uint64_t)item.self);
	h->cost = hash_number(h->cost, (uint64_t)item.user);
}

static void call_take(struct loader *l, struct actor *a, struct walk_thread *t,
		      const struct walk_span *s)
{
	const int error = t->call.done ? call_error(t->call.result) : 0;

	item_append(l, a,
		    (struct item){ .key = normal_call(&t->call, &a->home->descriptors),
				   .id = s->begin,
				   .result = normal_result(&t->call),
				   .nr = s->nr,
				   .kind = ITEM_CALL,
				   .error = error < 256 ? (uint8_t)error : 0,
				   .self = walk_span_self(s),
				   .waited = s->blocked + s->ready });
	l->out->totals.calls++;
	l->out->totals.errors += error != 0;
	descriptors_call(&a->home->descriptors, &t->call);
}

static void trap_take(struct loader *l, struct actor *a, const struct walk_span *s,
		      enum item_kind kind)
{
	const uint64_t access = kind == ITEM_FAULT ? s->error & 0x1f : 0; /* SDM: P W U R I */
	const uint16_t what = kind == ITEM_FAULT ? s->cause : s->nr;
	uint64_t key = hash_number(HASH_START, 100000u * kind + what);

	item_append(l, a,
		    (struct item){ .key = hash_number(key, access),
				   .id = s->begin,
				   .nr = what,
				   .kind = (uint8_t)kind,
				   .self = walk_span_self(s),
				   .waited = s->blocked + s->ready });
	*(kind == ITEM_FAULT ? &l->out->totals.faults : &l->out->totals.exceptions) += 1;
}

static void span_end(void *cookie, struct walk_thread *t, const struct walk_span *s,
		     const struct walk_span *parent)
{
	struct loader *l = cookie;
	struct actor *a = t->tid ? actor_get(l, t) : NULL;

	(void)parent;
	if (s->kind == SPAN_INTERRUPT)
		l->out->totals.interrupts++;
	if (!a)
		return;
	if (s->kind == SPAN_CALL)
		call_take(l, a, t, s);
	else if (s->kind == SPAN_FAULT)
		trap_take(l, a, s, ITEM_FAULT);
	else if (s->kind == SPAN_EXCEPTION)
		trap_take(l, a, s, ITEM_EXCEPTION);
}

static void charge(void *cookie, struct walk_thread *t, const struct walk_span *s, bool user,
		   int64_t from, int64_t to)
{
	struct actor *a = t->mine;

	(void)cookie;
	(void)s;
	if (a && user)
		a->user += to - from;
}

/* What is known equal up to here. */
static void running_add(struct loader *l)
{
	struct sequences *s = l->out;

	if (s->running_count == s->running_size) {
		const uint32_t size = s->running_size ? s->running_size * 2 : 64;
		struct running *more = realloc(s->running, size * sizeof(*more));

		l->failed |= !more;
		if (!more)
			return;
		s->running = more;
		s->running_size = size;
	}
	s->running[s->running_count++] = l->hashes;
}

static void event_hash(struct loader *l, const struct event *e)
{
	uint64_t hash = hash_number(l->out->digest, (uint64_t)e->time);

	hash = hash_number(hash, (uint64_t)e->kind << 48 | (uint64_t)e->cpu << 32 | e->tid);
	for (unsigned i = 0; i < e->words; i++)
		hash = hash_number(hash, e->payload[i]);
	l->out->digest = hash;
	l->hashes.event = e->id;
	if (e->id % RUNNING_EVENTS == 0)
		running_add(l);
}

static void event(void *cookie, struct walk_thread *t, const struct event *e)
{
	struct loader *l = cookie;
	struct actor *a = t->tid ? actor_get(l, t) : NULL;
	struct item item = { .id = e->id };

	if (l->running)
		event_hash(l, e);
	if (!a)
		return;
	if (e->kind == EV_signal_deliver) {
		const struct ev_signal_deliver d = payload_signal_deliver(e);

		item.kind = ITEM_SIGNAL;
		item.nr = d.sig;
		item.key = hash_number(hash_number(HASH_START, 100000u * ITEM_SIGNAL + d.sig),
				       d.handler != 0);
		l->out->totals.signals++;
	} else if (e->kind == EV_thread_exit) {
		item.kind = ITEM_END;
		item.key = hash_number(HASH_START, 100000u * ITEM_END);
		item.result = (uint32_t)payload_thread_exit(e).status << 1 | 1;
	} else {
		return;
	}
	item_append(l, a, item);
}

static void cost_add(struct cost *to, const struct cost *c)
{
	to->user += c->user;
	to->calls += c->calls;
	to->faults += c->faults;
	to->exceptions += c->exceptions;
	to->interrupts += c->interrupts;
	to->other += c->other;
}

/* Idle threads have no role, but interrupts come to them as well; what they spend
 * outside those is idle time. */
static void thread_end(void *cookie, struct walk_thread *t)
{
	struct loader *l = cookie;
	struct actor *a = t->mine;
	const struct cost cost = { .user = t->user,
				   .calls = t->spent[SPAN_CALL],
				   .faults = t->spent[SPAN_FAULT],
				   .exceptions = t->spent[SPAN_EXCEPTION],
				   .interrupts = t->spent[SPAN_INTERRUPT] + t->spent[SPAN_NMI],
				   .other = t->tid ? t->other : 0 };

	cost_add(&l->out->totals.cost, &cost);
	if (!a)
		return;
	program_name(t, a->role->program, sizeof(a->role->program));
	a->role->switches = t->switches;
	a->role->cost = cost;
	role_settle(l->out, a->role);
	household_leave(&l->homes, a->home);
	free(a);
	t->mine = NULL;
}

static void progress(void *cookie, uint64_t done, uint64_t all)
{
	struct loader *l = cookie;

	if (l->progress)
		l->progress(l->cookie, done, all);
}

void sequences_hash(struct sequences *s)
{
	s->structure = s->spent = HASH_START;
	for (uint32_t i = 0; i < s->count; i++) {
		const struct role *r = s->roles[i];

		s->structure = hash_number(hash_number(s->structure, r->family), r->structure);
		s->spent = hash_number(s->spent, r->spent);
		s->spent = hash_number(s->spent, (uint64_t)cost_total(&r->cost));
	}
}

static void totals_set(struct sequences *s)
{
	s->totals.switches = s->walk.switches;
	s->totals.wakeups = s->walk.wakeups;
	for (unsigned cpu = 0; cpu < TRACE_CPUS_MAX; cpu++) {
		s->totals.elapsed += s->walk.cpu[cpu].last - s->walk.cpu[cpu].first;
		s->totals.idle += s->walk.cpu[cpu].idle;
	}
}

int sequences_load(struct sequences *out, sqlite3 *db, const struct load_watch *watch,
		   struct error *why)
{
	struct loader l = { .out = out,
			    .hashes = { .structure = HASH_START, .cost = HASH_START },
			    .running = watch && watch->running,
			    .progress = watch ? watch->progress : NULL,
			    .cookie = watch ? watch->cookie : NULL };
	const struct walk_watcher watcher = {
		.cookie = &l,
		.thread_begin = thread_begin,
		.thread_end = thread_end,
		.event = event,
		.span_end = span_end,
		.charge = charge,
		.progress = progress,
		.cancel = watch ? watch->cancel : NULL,
	};
	int status;

	*out = (struct sequences){ .digest = HASH_START };
	status = walk_run(db, &watcher, &out->walk, why);
	households_free(&l.homes);
	if (l.hashes.event % RUNNING_EVENTS)
		running_add(&l);
	if (!status && (l.failed || !families_set(out)))
		status = error_set(why, 2, "cannot read the trace: out of memory");
	if (status) {
		sequences_free(out);
		return status;
	}
	totals_set(out);
	sequences_hash(out);
	return 0;
}

void sequences_free(struct sequences *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (s->roles[i]->size)
			free(s->roles[i]->items);
	slabs_free(s->role_slabs);
	slabs_free(s->item_slabs);
	free(s->roles);
	free(s->running);
	*s = (struct sequences){ 0 };
}

void role_text(const struct role *r, char *text, size_t size)
{
	if (r->tid == r->pid)
		snprintf(text, size, "%s#%u", r->program, r->ordinal);
	else
		snprintf(text, size, "%s#%u thread %u", r->program, r->ordinal, r->thread);
}
