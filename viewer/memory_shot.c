#include "viewer/memory_shot.h"

#include <stdlib.h>
#include <string.h>

#include "viewer/label.h"

#define PAGE_MASK     (~(uint64_t)0xfff)
#define SHARED_LOOKED 16 /* pages whose sharers decide who is drawn beside */
#define USUAL_TAKEN   4096

static bool cancelled(struct job *job, struct memory_work *w)
{
	if (!job->cancel)
		return false;
	w->why = (struct error){ 0 };
	return true;
}

/* --- The fault ---------------------------------------------------------------------- */

/* The latest page fault of the process that is open in the state, 0 if none is. */
static uint64_t open_fault(const struct state *s, uint32_t pid)
{
	uint64_t latest = 0;

	for (uint32_t i = 0; i < s->thread_count; i++) {
		const struct state_thread *t = &s->thread[i];

		for (unsigned k = 0; t->pid == pid && k < t->trap_count; k++)
			if (t->trap[k].kind == EV_page_fault && t->trap[k].id > latest)
				latest = t->trap[k].id;
	}
	return latest;
}

/* Its latest fault that has ended. */
static uint64_t ended_fault(const struct pages *pages, uint32_t pid)
{
	uint32_t count;
	const struct page_op *op = pages_ops(pages, &count);

	while (count-- > 0)
		if (op[count].kind == PAGE_FAULT && op[count].pid == pid)
			return op[count].id;
	return 0;
}

static int time_order(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* What half of the latest faults of this cause took at most. */
static int64_t usual_time(const struct pages *pages, uint32_t pid, unsigned cause)
{
	static _Thread_local uint32_t took[USUAL_TAKEN];
	unsigned n = 0;
	uint32_t count;
	const struct page_op *op = pages_ops(pages, &count);

	while (count-- > 0 && n < USUAL_TAKEN)
		if (op[count].kind == PAGE_FAULT && op[count].pid == pid &&
		    op[count].cause == cause)
			took[n++] = op[count].other;
	qsort(took, n, sizeof(*took), time_order);
	return n == 0 ? -1 : (int64_t)took[n / 2];
}

/* Tables on the way to addr that other known pages need too: the first always is. */
static unsigned levels_known(const struct page_table *t, uint64_t addr)
{
	unsigned best = 1;

	for (uint32_t i = 0; t != NULL && i < t->size; i++) {
		const uint64_t other = t->slot[i].number == 0 ? ~addr : page_address(&t->slot[i]);
		unsigned level = 1;

		while (level < 4 && other >> (48 - 9 * level) == addr >> (48 - 9 * level))
			level++;
		best = level > best ? level : best;
	}
	return best;
}

/* How things were when the fault began. */
static bool fault_before(struct job *job, struct memory_work *w, struct memory_fault *f)
{
	const uint64_t addr = (uint64_t)event_field(&f->begin, AT_page_fault_addr);
	const struct page_table *table;
	const struct state_process *process;
	const struct state_space *space;
	const struct state_region *region;
	const struct page *page;

	if (pages_seek(w->pages, w->reader, f->begin.id, &job->cancel, job_progress, job,
		       &w->why) != 0 ||
	    !reader_state(w->reader, f->begin.id, &w->state, &w->why))
		return false;
	process = state_process_find(&w->state, f->begin.pid);
	space = process == NULL ? NULL : state_space_find(&w->state, process->space);
	region = space == NULL ? NULL : state_region_find(space, addr);
	f->covered = region != NULL;
	if (region != NULL)
		f->region = *region;
	table = pages_of(w->pages, f->begin.pid);
	page = table == NULL ? NULL : page_find(table, addr);
	f->there = page != NULL;
	f->levels = levels_known(table, addr);
	if (page != NULL) {
		f->before = *page;
		f->sharers = pages_owners(w->pages, page->frame, f->owner, MEMORY_OWNERS);
		while (f->owners < MEMORY_OWNERS && f->owner[f->owners] != 0)
			f->owners++;
	}
	return true;
}

/* The latest fault at the event into w->fault, unless it is there. */
static bool fault_find(struct job *job, struct memory_work *w)
{
	const uint32_t pid = w->query.pid;
	const uint64_t open = open_fault(&w->state, pid), ended = ended_fault(w->pages, pid);
	const uint64_t id = open > ended ? open : ended;
	struct memory_fault f = { .usual = -1 };
	struct span span;

	if (id == w->fault.begin.id)
		return true;
	memset(&w->fault, 0, sizeof(w->fault));
	if (id == 0)
		return true;
	if (!reader_event(w->reader, id, &f.begin, &w->why))
		return false;
	if (f.begin.kind != EV_page_fault || f.begin.words < label_event_words(EV_page_fault))
		return true;
	if (reader_span(w->reader, id, &span) && span.end != 0 &&
	    !reader_event(w->reader, span.end, &f.end, &w->why))
		return false;
	if (f.end.kind != EV_page_fault_end || f.end.words < label_event_words(EV_page_fault_end))
		f.end.id = 0;
	if (!fault_before(job, w, &f))
		return false;
	if (f.end.id != 0)
		f.usual = usual_time(w->pages, pid,
				     (unsigned)event_field(&f.end, AT_page_fault_end_cause));
	w->fault = f;
	return true;
}

/* --- Lists --------------------------------------------------------------------------- */

/* The region that a page of the space is in. */
static struct memory_region *region_of(struct memory_space *space, uint64_t addr)
{
	unsigned low = 0, high = space->region_count;

	while (low < high) {
		const unsigned middle = low + (high - low) / 2;
		const struct state_region *r = &space->regions[middle].region;

		if (addr < r->start)
			high = middle;
		else if (addr - r->start >= r->length)
			low = middle + 1;
		else
			return &space->regions[middle];
	}
	return NULL;
}

/* Faults of a process since it was made or executed its program: by cause and by region;
 * the latest ones into list, if that is not NULL.  How many those are. */
static unsigned faults_take(const struct memory_work *w, struct memory_space *space,
			    struct page_op *list)
{
	uint32_t count, left = MEMORY_LIST;
	const struct page_op *op = pages_ops(w->pages, &count);

	for (uint32_t i = count; i-- > 0;) {
		struct memory_region *region;

		if (op[i].pid != space->pid || op[i].kind == PAGE_DROP)
			continue;
		if (op[i].kind != PAGE_FAULT)
			break;
		region = region_of(space, (uint64_t)op[i].page << 12);
		if (region != NULL)
			region->faults++;
		space->faults++;
		space->of[fault_look(op[i].cause)]++;
		if (list != NULL && left > 0)
			list[--left] = op[i];
	}
	if (list != NULL)
		memmove(list, list + left, (MEMORY_LIST - left) * sizeof(*list));
	return MEMORY_LIST - left;
}

/* Faults of the process by column of the time asked for. */
static void strip_make(const struct memory_work *w, struct memory_shot *shot)
{
	const struct memory_query *q = &w->query;
	const unsigned columns = q->columns < MEMORY_COLUMNS ? q->columns : MEMORY_COLUMNS;
	uint32_t count, at = 0;
	const struct page_op *op = pages_ops(w->pages, &count);

	for (unsigned i = 0; i < columns; i++) {
		const int64_t until =
			q->from + (int64_t)((__int128)(q->to - q->from) * (i + 1) / columns);
		const uint64_t end = reader_seek(w->reader, until);
		const uint64_t begin = i > 0 ? 0 : reader_seek(w->reader, q->from);

		for (; at < count && op[at].id < end; at++)
			if (op[at].kind == PAGE_FAULT && op[at].pid == q->pid && op[at].id >= begin)
				shot->strip[i][fault_look(op[at].cause)]++;
	}
}

static void processes_list(const struct memory_work *w, struct memory_shot *shot)
{
	for (uint32_t i = 0; i < w->state.process_count && shot->processes < MEMORY_PICK; i++) {
		const struct state_process *p = &w->state.process[i];
		const struct page_table *t = pages_of(w->pages, p->pid);

		shot->process[shot->processes++] = (struct memory_process){
			.pid = p->pid,
			.parent = p->parent,
			.pages = t == NULL ? 0 : t->count,
			.ended = p->ended,
		};
	}
}

/* Who shares most of the first shared pages; else the parent; 0: nobody. */
static uint32_t partner_find(const struct memory_work *w, const struct memory_space *space)
{
	uint32_t owner[MEMORY_OWNERS], best = 0;
	struct {
		uint32_t pid;
		unsigned pages;
	} seen[MEMORY_OWNERS * 2] = { 0 };
	unsigned looked = 0, most = 0;

	for (unsigned i = 0; i < space->page_count && looked < SHARED_LOOKED; i++) {
		if (space->pages[i].look != PAGE_SHARED && space->pages[i].look != PAGE_COMMON)
			continue;
		looked++;
		memset(owner, 0, sizeof(owner));
		pages_owners(w->pages, space->pages[i].frame, owner, MEMORY_OWNERS);
		for (unsigned k = 0; k < MEMORY_OWNERS && owner[k] != 0; k++) {
			unsigned at = 0;

			while (at < MEMORY_OWNERS * 2 - 1 && seen[at].pid != owner[k] &&
			       seen[at].pid != 0)
				at++;
			if (owner[k] == space->pid)
				continue;
			seen[at].pid = owner[k];
			seen[at].pages++;
			if (seen[at].pages > most) {
				most = seen[at].pages;
				best = owner[k];
			}
		}
	}
	return best != 0 ? best : pages_of(w->pages, space->parent) != NULL ? space->parent : 0;
}

/* The pages of the region asked for whose frames have other uses. */
static void sharers_list(const struct memory_work *w, struct memory_shot *shot)
{
	const struct memory_space *space = &shot->space;
	const struct memory_region *r = NULL;

	for (unsigned i = 0; i < space->region_count; i++)
		if (space->regions[i].region.start == w->query.share)
			r = &space->regions[i];
	for (unsigned i = 0; r != NULL && i < r->count && shot->sharing < MEMORY_LIST; i++) {
		const struct memory_page *page = &space->pages[r->first + i];
		struct memory_sharing *x = &shot->share[shot->sharing];

		x->page = *page;
		x->uses = pages_owners(w->pages, page->frame, NULL, 0);
		if (x->uses < 2)
			continue;
		pages_owners(w->pages, page->frame, x->owner, MEMORY_OWNERS);
		while (x->owners < MEMORY_OWNERS && x->owner[x->owners] != 0)
			x->owners++;
		shot->sharing++;
	}
}

/* --- The picture ---------------------------------------------------------------------- */

static bool reader_ready(struct memory_work *w)
{
	if (w->reader == NULL) {
		if (reader_open(&w->reader, w->path, &w->why) != 0) {
			w->reader = NULL;
			return false;
		}
		reader_thrifty(w->reader);
	}
	if (w->query.event > reader_count(w->reader))
		reader_refresh(w->reader);
	return true;
}

static bool go(struct job *job, struct memory_work *w)
{
	return reader_state(w->reader, w->query.event, &w->state, &w->why) &&
	       pages_seek(w->pages, w->reader, w->query.event, &job->cancel, job_progress, job,
			  &w->why) == 0;
}

static bool shot_fill(struct job *job, struct memory_work *w, struct memory_shot *shot)
{
	const struct memory_fault *f = &w->fault;
	uint64_t now = UINT64_MAX;
	uint32_t partner;

	if (!reader_ready(w) || !go(job, w) || cancelled(job, w) || !fault_find(job, w) ||
	    !go(job, w))
		return false;
	shot->query = w->query;
	shot->fault = *f;
	if (f->begin.id != 0 && w->query.event >= f->begin.id &&
	    (f->end.id == 0 || w->query.event <= f->end.id))
		now = (uint64_t)event_field(&f->begin, AT_page_fault_addr) & PAGE_MASK;
	if (!space_shot(w, w->query.pid, now, &shot->space))
		return false;
	partner = partner_find(w, &shot->space);
	if (partner != 0 && !space_shot(w, partner, UINT64_MAX, &shot->other))
		return false;
	shot->listed = faults_take(w, &shot->space, shot->list);
	if (partner != 0)
		faults_take(w, &shot->other, NULL);
	strip_make(w, shot);
	processes_list(w, shot);
	sharers_list(w, shot);
	shot->cut = pages_short(w->pages) || pages_since(w->pages) > 0;
	return true;
}

void memory_work_run(struct job *job, void *work)
{
	struct memory_work *w = work;

	w->why = (struct error){ 0 };
	w->shot = calloc(1, sizeof(*w->shot));
	if (w->shot != NULL && shot_fill(job, w, w->shot))
		return;
	memory_shot_free(w->shot);
	w->shot = NULL;
	if (w->why.text[0] == '\0')
		error_set(&w->why, 2, "no memory for the picture of the pages");
}

void memory_work_free(struct memory_work *w)
{
	if (w->reader != NULL)
		reader_close(w->reader);
	pages_free(w->pages);
	state_free(&w->state);
	memory_shot_free(w->shot);
	free(w->path);
	free(w);
}

void memory_shot_free(struct memory_shot *shot)
{
	if (shot == NULL)
		return;
	space_shot_free(&shot->space);
	space_shot_free(&shot->other);
	free(shot);
}
