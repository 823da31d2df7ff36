#include "tracer/analysis/pages.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "schemas/syscalls.h"
#include "tracer/analysis/page_world.h"
#include "tracer/payload.h"
#include "tracer/array.h"
#include "tracer/search.h"

#define THREADS_MAX (1u << 16) /* in the middle of a fault or an execve at once */

/* What a thread is in the middle of. */
struct doing {
	uint32_t tid;
	bool exec;        /* maps what it makes are of a space that is not in use yet */
	struct event now; /* the page fault; id 0: none */
};

struct pages {
	struct page_world base, now;
	struct page_table uses; /* of now, by frame number * 4096; .frame is the count */
	uint64_t base_id;       /* base is after this event */
	uint64_t read;          /* the operations up to here are there */
	uint64_t event;         /* now is after this one */
	struct page_op *op;
	uint32_t count, applied; /* applied: to base, gives now */
	struct doing *doing;     /* by tid */
	uint32_t doing_count, doing_room;
	bool lost; /* no memory for an operation */
};

struct pages *pages_new(void)
{
	struct pages *p = calloc(1, sizeof(*p));

	if (p)
		p->op = malloc(PAGES_OPS * sizeof(*p->op));
	if (p && !p->op) {
		free(p);
		return NULL;
	}
	return p;
}

static void pages_clear(struct pages *p)
{
	world_free(&p->base);
	world_free(&p->now);
	page_table_free(&p->uses);
	p->base_id = p->read = p->event = 0;
	p->count = p->applied = p->doing_count = 0;
	p->lost = false;
}

void pages_free(struct pages *p)
{
	if (!p)
		return;
	pages_clear(p);
	free(p->doing);
	free(p->op);
	free(p);
}

/* --- What threads are in the middle of ---------------------------------------------- */

/* The thread's; make: if there is none.  NULL: none, or no memory. */
static struct doing *doing_find(struct pages *p, uint32_t tid, bool make)
{
	uint32_t low = 0, high = p->doing_count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (p->doing[middle].tid < tid)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < p->doing_count && p->doing[low].tid == tid)
		return &p->doing[low];
	if (!make || p->doing_count == THREADS_MAX)
		return NULL;
	if (!array_grow(&p->doing, &p->doing_room, p->doing_count, sizeof(*p->doing)))
		return NULL;
	memmove(&p->doing[low + 1], &p->doing[low], (p->doing_count++ - low) * sizeof(*p->doing));
	memset(&p->doing[low], 0, sizeof(*p->doing));
	p->doing[low].tid = tid;
	return &p->doing[low];
}

static void doing_remove(struct pages *p, struct doing *d)
{
	memmove(d, d + 1, (size_t)(--p->doing_count - (d - p->doing)) * sizeof(*d));
}

/* --- Events to operations ------------------------------------------------------------ */

static uint64_t op_end(const struct page_op *op)
{
	return op->id + op->end;
}

/* The older half becomes part of the base. */
static void ops_fold(struct pages *p)
{
	const uint32_t half = p->count / 2;

	for (uint32_t i = 0; i < half; i++)
		world_apply(&p->base, &p->op[i]);
	p->base_id = op_end(&p->op[half - 1]);
	p->count -= half;
	memmove(p->op, p->op + half, p->count * sizeof(*p->op));
	p->applied = p->applied > half ? p->applied - half : 0;
}

static void op_add(struct pages *p, const struct page_op *op)
{
	if (p->count == PAGES_OPS)
		ops_fold(p);
	p->op[p->count++] = *op;
}

static void drop_add(struct pages *p, const struct event *e, uint64_t start, uint64_t length)
{
	const struct page_op op = { .id = e->id,
				    .kind = PAGE_DROP,
				    .page = start >> 12,
				    .frame = (length + 4095) >> 12,
				    .pid = e->pid };

	if (length > 0)
		op_add(p, &op);
}

static void fault_add(struct pages *p, const struct event *e)
{
	const struct ev_page_fault_end end = payload_page_fault_end(e);
	struct doing *d = doing_find(p, e->tid, false);
	struct ev_page_fault begin;
	struct page_op op;
	int64_t took;

	if (!d || !d->now.id)
		return;
	begin = payload_page_fault(&d->now);
	took = e->time - d->now.time;
	op = (struct page_op){ .id = d->now.id,
			       .cause = end.cause,
			       .kind = PAGE_FAULT,
			       .page = begin.addr >> 12,
			       .error = begin.error & 0xfff,
			       .frame = end.frame,
			       .end = e->id - d->now.id < 0xffffff ? e->id - d->now.id : 0xffffff,
			       .pid = e->pid,
			       .other = took < UINT32_MAX ? (uint32_t)took : UINT32_MAX };
	op_add(p, &op);
	d->now.id = 0;
	if (!d->exec)
		doing_remove(p, d);
}

static void process_add(struct pages *p, const struct event *e)
{
	const struct ev_thread_create c = payload_thread_create(e);
	const struct page_op op = { .id = e->id,
				    .kind = c.flags & CLONE_VM ? PAGE_SHARE : PAGE_FORK,
				    .pid = c.pid,
				    .other = e->pid };

	if (!c.kernel && c.pid == c.tid && c.pid != e->pid)
		op_add(p, &op);
}

static void call_take(struct pages *p, const struct event *e)
{
	const struct ev_syscall_enter c = payload_syscall_enter(e);
	const uint64_t *arg = e->payload + sizeof(c) / 8;
	const bool exec = c.nr == NR_execve || c.nr == NR_execveat;
	struct doing *d = doing_find(p, e->tid, exec);

	if (d)
		d->exec = exec;
	p->lost |= exec && !d;
	if (c.nr == NR_madvise && e->words >= sizeof(c) / 8 + 3 && arg[2] == MADV_DONTNEED)
		drop_add(p, e, arg[0], arg[1]);
}

static bool event_take(void *cookie, const struct event *e)
{
	struct pages *p = cookie;
	struct doing *d;

	p->read = e->id;
	switch (e->kind) {
	case EV_page_fault:
		d = doing_find(p, e->tid, true);
		p->lost |= !d;
		if (d)
			d->now = *e;
		break;
	case EV_page_fault_end:
		fault_add(p, e);
		break;
	case EV_map:
		d = doing_find(p, e->tid, false);
		if (!d || !d->exec)
			drop_add(p, e, payload_map(e).start, payload_map(e).length);
		break;
	case EV_unmap:
		drop_add(p, e, payload_unmap(e).start, payload_unmap(e).length);
		break;
	case EV_thread_create:
		process_add(p, e);
		break;
	case EV_exec:
		op_add(p, &(struct page_op){ .id = e->id, .kind = PAGE_EXEC, .pid = e->pid });
		break;
	case EV_process_exit:
		op_add(p, &(struct page_op){ .id = e->id,
					     .kind = PAGE_EXIT,
					     .pid = payload_process_exit(e).pid });
		break;
	case EV_syscall_enter:
		call_take(p, e);
		break;
	default:
		break;
	}
	return false;
}

/* --- Going to an event ---------------------------------------------------------------- */

struct telling {
	void (*progress)(void *cookie, uint64_t done, uint64_t all);
	void *cookie;
	uint64_t all;
	struct pages *pages;
	uint64_t until;
};

static void tell(void *cookie, uint64_t id)
{
	const struct telling *t = cookie;

	if (t->progress)
		t->progress(t->cookie, id, t->all);
}

static bool event_until(void *cookie, const struct event *e)
{
	const struct telling *t = cookie;

	return e->id > t->until || event_take(t->pages, e);
}

static int ops_read(struct pages *p, struct reader *r, uint64_t id, const volatile bool *cancel,
		    struct telling *t, struct error *why)
{
	const struct search s = {
		.from = p->read + 1,
		.kinds = EVENT_SET(page_fault) | EVENT_SET(page_fault_end) | EVENT_SET(map) |
			 EVENT_SET(unmap) | EVENT_SET(thread_create) | EVENT_SET(exec) |
			 EVENT_SET(process_exit) | EVENT_SET(syscall_enter),
		.match = event_until,
		.cookie = t,
		.cancel = cancel,
		.progress = tell,
	};
	struct event beyond;

	if (p->read >= id)
		return 0;
	if (reader_search(r, &s, &beyond, why) < 0)
		return 2;
	p->read = id;
	return 0;
}

/* Operations kept that ended by event id. */
static uint32_t ops_by(const struct pages *p, uint64_t id)
{
	uint32_t low = 0, high = p->count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (op_end(&p->op[middle]) <= id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How many spaces have each frame.  It is counted anew and not kept up with each operation:
 * of millions of operations that go by only the last one's world is looked at. */
static void uses_count(struct pages *p)
{
	page_table_free(&p->uses);
	for (uint32_t i = 0; i < p->now.space_count; i++) {
		const struct page_table *t = &p->now.space[i].table;

		for (uint32_t k = 0; k < t->size; k++) {
			struct page *use;

			if (!t->slot[k].number)
				continue;
			use = page_put(&p->uses, (uint64_t)t->slot[k].frame << 12);
			if (!use) {
				p->now.full = true;
				return;
			}
			use->frame++;
		}
	}
}

int pages_seek(struct pages *p, struct reader *r, uint64_t id, const volatile bool *cancel,
	       void (*progress)(void *cookie, uint64_t done, uint64_t all), void *cookie,
	       struct error *why)
{
	struct telling t = { progress, cookie, id, p, id };
	uint32_t wanted;
	bool changed;

	*why = (struct error){ 0 };
	if (id < p->base_id)
		pages_clear(p);
	if (ops_read(p, r, id, cancel, &t, why))
		return 2;
	wanted = ops_by(p, id);
	if (wanted < p->applied || p->applied == 0) {
		world_copy(&p->now, &p->base);
		p->applied = 0;
	}
	changed = p->applied == 0 || p->applied < wanted;
	while (p->applied < wanted)
		world_apply(&p->now, &p->op[p->applied++]);
	if (changed)
		uses_count(p);
	p->event = id;
	return 0;
}

uint64_t pages_event(const struct pages *p)
{
	return p->event;
}

bool pages_short(const struct pages *p)
{
	return p->now.full || p->lost;
}

const struct page_table *pages_of(const struct pages *p, uint32_t pid)
{
	const struct page_space *s = world_space(&p->now, pid);

	return s ? &s->table : NULL;
}

unsigned pages_owners(const struct pages *p, uint64_t frame, uint32_t *pid, unsigned room)
{
	const struct page *counted = page_find(&p->uses, frame << 12);
	unsigned found = 0;

	for (uint32_t i = 0; room && found < room && counted && i < p->now.process_count; i++) {
		const struct page_process *x = &p->now.process[i];
		const struct page_table *t = &p->now.space[x->space].table;

		for (uint32_t k = 0; k < t->size; k++) {
			if (t->slot[k].number && t->slot[k].frame == frame) {
				pid[found++] = x->pid;
				break;
			}
		}
	}
	return counted ? (unsigned)counted->frame : 0;
}

const struct page_op *pages_ops(const struct pages *p, uint32_t *count)
{
	*count = p->applied;
	return p->op;
}

uint64_t pages_since(const struct pages *p)
{
	return p->base_id;
}
