#include "tracer/analysis/page_world.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/array.h"

#define ERROR_WRITE 2 /* SDM vol. 3, 4.7 */

/* --- Processes and spaces ---------------------------------------------------------- */

static uint32_t process_place(const struct page_world *w, uint32_t pid)
{
	uint32_t low = 0, high = w->process_count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (w->process[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct page_process *process_find(const struct page_world *w, uint32_t pid)
{
	const uint32_t at = process_place(w, pid);

	return at < w->process_count && w->process[at].pid == pid ? &w->process[at] : NULL;
}

const struct page_space *world_space(const struct page_world *w, uint32_t pid)
{
	const struct page_process *p = process_find(w, pid);

	return p ? &w->space[p->space] : NULL;
}

static void space_leave(struct page_world *w, uint32_t at)
{
	struct page_space *s = &w->space[at];

	if (--s->users)
		return;
	w->pages -= s->table.count;
	page_table_free(&s->table);
}

static void process_end(struct page_world *w, uint32_t pid)
{
	struct page_process *p = process_find(w, pid);

	if (!p)
		return;
	space_leave(w, p->space);
	memmove(p, p + 1, (size_t)(--w->process_count - (p - w->process)) * sizeof(*p));
}

/* An empty space with one user; UINT32_MAX without memory. */
static uint32_t space_make(struct page_world *w)
{
	uint32_t at = 0;

	while (at < w->space_count && w->space[at].users)
		at++;
	if (at == w->space_count) {
		if (!array_grow(&w->space, &w->space_room, w->space_count, sizeof(*w->space)))
			return UINT32_MAX;
		w->space_count++;
	}
	w->space[at] = (struct page_space){ .users = 1 };
	return at;
}

/* The process, in the space of that number; a former one of its pid is over. */
static bool process_put(struct page_world *w, uint32_t pid, uint32_t space)
{
	uint32_t at;

	process_end(w, pid);
	at = process_place(w, pid);
	if (!array_grow(&w->process, &w->process_room, w->process_count, sizeof(*w->process)))
		return false;
	memmove(&w->process[at + 1], &w->process[at],
		(w->process_count++ - at) * sizeof(*w->process));
	w->process[at] = (struct page_process){ .pid = pid, .space = space };
	return true;
}

/* A process in a new space; NULL without memory. */
static struct page_space *process_make(struct page_world *w, uint32_t pid)
{
	const uint32_t at = space_make(w);

	if (at == UINT32_MAX || !process_put(w, pid, at)) {
		if (at != UINT32_MAX)
			w->space[at].users = 0;
		w->full = true;
		return NULL;
	}
	return &w->space[at];
}

/* --- Operations --------------------------------------------------------------------- */

static void fault_apply(struct page_world *w, const struct page_op *op)
{
	const struct page_process *owner = process_find(w, op->pid);
	struct page_space *s = owner ? &w->space[owner->space] : process_make(w, op->pid);
	struct page *p;
	bool fresh;

	if (!s || !op->frame || op->cause >= FAULT_NO_REGION)
		return;
	p = page_find(&s->table, (uint64_t)op->page << 12);
	fresh = !p;
	if (fresh && w->pages < PAGES_PAGES)
		p = page_put(&s->table, (uint64_t)op->page << 12);
	if (!p) {
		w->full = true;
		return;
	}
	w->pages += fresh;
	p->frame = op->frame;
	p->write = op->error & ERROR_WRITE;
	if (op->cause != FAULT_SPURIOUS) {
		p->file = op->cause == FAULT_FILE;
		p->copied = op->cause == FAULT_COW || (p->copied && op->cause == FAULT_COW_REUSE);
	}
}

static void page_drop(struct page_world *w, struct page_table *t, struct page *p)
{
	page_remove(t, p);
	w->pages--;
}

static void drop_apply(struct page_world *w, const struct page_op *op)
{
	const struct page_process *owner = process_find(w, op->pid);
	struct page_table *t = owner ? &w->space[owner->space].table : NULL;
	const uint64_t first = op->page, count = op->frame;

	if (!t || !t->count)
		return;
	if (count < t->size) {
		for (uint64_t i = 0; i < count; i++) {
			struct page *p = page_find(t, (first + i) << 12);

			if (p)
				page_drop(w, t, p);
		}
		return;
	}
	for (uint32_t i = 0; i < t->size; i++) /* a removal may move another one to i */
		while (t->slot[i].number && t->slot[i].number - 1 - first < count)
			page_drop(w, t, &t->slot[i]);
}

/* From now on the child's pages and the parent's are the same frames, and neither may
 * write them. */
static void fork_apply(struct page_world *w, const struct page_op *op)
{
	struct page_space *child = process_make(w, op->pid);
	const struct page_process *parent = process_find(w, op->other);
	struct page_table *from = parent ? &w->space[parent->space].table : NULL;

	if (!child || !from)
		return;
	for (uint32_t i = 0; i < from->size; i++)
		from->slot[i].write = false;
	if (w->pages + from->count > PAGES_PAGES || !page_table_copy(&child->table, from)) {
		w->full = true;
		return;
	}
	w->pages += from->count;
}

static void share_apply(struct page_world *w, const struct page_op *op)
{
	const struct page_process *parent = process_find(w, op->other);
	const uint32_t space = parent ? parent->space : UINT32_MAX;

	if (!parent || op->pid == op->other) {
		process_make(w, op->pid);
		return;
	}
	w->space[space].users++;
	if (!process_put(w, op->pid, space)) {
		w->space[space].users--;
		w->full = true;
	}
}

void world_apply(struct page_world *w, const struct page_op *op)
{
	switch ((enum page_op_kind)op->kind) {
	case PAGE_FAULT:
		fault_apply(w, op);
		break;
	case PAGE_DROP:
		drop_apply(w, op);
		break;
	case PAGE_FORK:
		fork_apply(w, op);
		break;
	case PAGE_SHARE:
		share_apply(w, op);
		break;
	case PAGE_EXEC:
		process_make(w, op->pid);
		break;
	case PAGE_EXIT:
		process_end(w, op->pid);
		break;
	}
}

/* --- Copies ------------------------------------------------------------------------ */

void world_free(struct page_world *w)
{
	for (uint32_t i = 0; i < w->space_count; i++)
		page_table_free(&w->space[i].table);
	free(w->space);
	free(w->process);
	*w = (struct page_world){ 0 };
}

void world_copy(struct page_world *to, const struct page_world *from)
{
	bool good = true;

	world_free(to);
	to->space = calloc(from->space_count + 1, sizeof(*to->space));
	to->process = calloc(from->process_count + 1, sizeof(*to->process));
	to->full = from->full;
	if (!to->space || !to->process) {
		world_free(to);
		to->full = true;
		return;
	}
	to->space_room = from->space_count + 1;
	to->process_room = from->process_count + 1;
	to->space_count = from->space_count;
	to->process_count = from->process_count;
	to->pages = from->pages;
	if (from->process_count)
		memcpy(to->process, from->process, from->process_count * sizeof(*to->process));
	for (uint32_t i = 0; i < from->space_count; i++) {
		to->space[i].users = from->space[i].users;
		good &= page_table_copy(&to->space[i].table, &from->space[i].table);
	}
	if (good)
		return;
	world_free(to);
	to->full = true;
}
