/* One description of the bytes serves both ways: `visit` functions write a field or
 * read it, as the walk says. */
#include "tracer/state/blob.h"

#include <stdlib.h>

#include "tracer/state/parts.h"

#define COUNT_MAX (1u << 20) /* elements of an array, of a state that somebody made up */

struct walk {
	struct blob *to; /* NULL: reading */
	const uint8_t *data;
	size_t size, at;
	bool bad;
};

void blob_free(struct blob *b)
{
	free(b->data);
	*b = (struct blob){ 0 };
}

static bool blob_room(struct blob *b, size_t more)
{
	size_t room = b->room ? b->room : 4096;
	uint8_t *data;

	if (b->size + more <= b->room)
		return true;
	while (room < b->size + more)
		room *= 2;
	data = realloc(b->data, room);
	if (!data)
		return false;
	b->data = data;
	b->room = room;
	return true;
}

bool blob_put(struct blob *b, uint64_t value)
{
	if (!blob_room(b, 10))
		return false;
	for (; value >= 0x80; value >>= 7)
		b->data[b->size++] = (uint8_t)(value | 0x80);
	b->data[b->size++] = (uint8_t)value;
	return true;
}

bool blob_get(const uint8_t *data, size_t size, size_t *at, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; shift < 64 && *at < size; shift += 7) {
		const uint8_t byte = data[(*at)++];

		*value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return false;
}

/* Writes value and gives it back, or reads one of at most max. */
static uint64_t number(struct walk *w, uint64_t value, uint64_t max)
{
	if (w->bad)
		return 0;
	if (w->to)
		w->bad = !blob_put(w->to, value);
	else if (!blob_get(w->data, w->size, &w->at, &value) || value > max)
		w->bad = true;
	return w->bad ? 0 : value;
}

#define NUMBER(w, field, max) ((field) = (__typeof__(field))number((w), (uint64_t)(field), (max)))
#define U32(w, field)         NUMBER(w, field, UINT32_MAX)
#define U64(w, field)         NUMBER(w, field, UINT64_MAX)
#define TIME(w, field)        NUMBER(w, field, INT64_MAX)
#define FLAG(w, field)        NUMBER(w, field, 1)

static void text(struct walk *w, char *field, size_t size)
{
	size_t length = (size_t)number(w, strnlen(field, size), size - 1);

	if (w->bad || !length)
		return;
	if (w->to) {
		w->bad = !blob_room(w->to, length);
		if (!w->bad)
			memcpy(w->to->data + w->to->size, field, length);
		w->to->size += w->bad ? 0 : length;
		return;
	}
	w->bad = length > w->size - w->at || memchr(w->data + w->at, '\0', length);
	if (!w->bad)
		memcpy(field, w->data + w->at, length);
	w->at += length;
}

/* The number of elements; when reading, room for them, empty.  Each element has at least
 * one byte, so a made-up count cannot ask for much more than there are bytes. */
static uint32_t elements(struct walk *w, uint32_t *count, uint32_t *room, void *array, size_t size)
{
	void *made;

	U32(w, *count);
	if (w->to || w->bad || !*count)
		return *count;
	if (*count > COUNT_MAX || *count > w->size - w->at)
		made = NULL;
	else
		made = calloc(*count, size);
	memcpy(array, &made, sizeof(made));
	*room = made ? *count : 0;
	w->bad = !made;
	if (!made)
		*count = 0;
	return *count;
}

static void visit_call(struct walk *w, struct state_call *c)
{
	FLAG(w, c->open);
	if (!c->open)
		return;
	U32(w, c->nr);
	NUMBER(w, c->args, 6);
	U64(w, c->id);
	TIME(w, c->time);
	for (unsigned i = 0; i < 6; i++)
		U64(w, c->arg[i]);
	FLAG(w, c->pair_known);
	for (unsigned i = 0; i < 2; i++)
		c->pair[i] = (int32_t)(uint32_t)number(w, (uint32_t)c->pair[i], UINT32_MAX);
	U32(w, c->space);
	text(w, c->path, sizeof(c->path));
}

static void visit_thread(struct walk *w, struct state_thread *t)
{
	U32(w, t->tid);
	U32(w, t->pid);
	U32(w, t->parent);
	U32(w, t->lane);
	NUMBER(w, t->cpu, STATE_CPUS - 1);
	NUMBER(w, t->run, RUN_COUNT - 1);
	TIME(w, t->since);
	U64(w, t->event);
	U32(w, t->wait);
	FLAG(w, t->kernel);
	FLAG(w, t->user);
	U32(w, t->calls);
	U32(w, t->touches);
	NUMBER(w, t->faults, STATE_TRAPS);
	NUMBER(w, t->trap_count, STATE_TRAPS);
	text(w, t->name, sizeof(t->name));
	visit_call(w, &t->call);
	for (unsigned i = 0; i < t->trap_count; i++) {
		U64(w, t->trap[i].id);
		TIME(w, t->trap[i].time);
		U64(w, t->trap[i].addr);
		U32(w, t->trap[i].kind);
		U32(w, t->trap[i].vector);
		FLAG(w, t->trap[i].user);
	}
}

static void visit_process(struct walk *w, struct state_process *p)
{
	U32(w, p->pid);
	U32(w, p->parent);
	FLAG(w, p->ended);
	U32(w, p->status);
	U32(w, p->files);
	U32(w, p->space);
	text(w, p->path, sizeof(p->path));
}

static void visit_files(struct walk *w, struct state_files *f)
{
	U32(w, f->id);
	U32(w, f->users);
	elements(w, &f->count, &f->room, &f->file, sizeof(*f->file));
	for (uint32_t i = 0; i < f->count; i++) {
		struct state_file *file = &f->file[i];

		file->fd = (int32_t)number(w, (uint32_t)file->fd, INT32_MAX);
		FLAG(w, file->close_on_exec);
		U32(w, file->call);
		U64(w, file->id);
		text(w, file->path, sizeof(file->path));
	}
}

static void visit_space(struct walk *w, struct state_space *a)
{
	U32(w, a->id);
	U32(w, a->users);
	elements(w, &a->count, &a->room, &a->region, sizeof(*a->region));
	for (uint32_t i = 0; i < a->count; i++) {
		struct state_region *r = &a->region[i];

		U64(w, r->start);
		NUMBER(w, r->length, UINT64_MAX - r->start);
		U64(w, r->offset);
		U32(w, r->prot);
		U32(w, r->flags);
		U32(w, r->zero);
		U32(w, r->read);
		U32(w, r->copied);
		U32(w, r->other);
		text(w, r->path, sizeof(r->path));
	}
}

static void visit_state(struct walk *w, struct state *s)
{
	U64(w, s->event);
	TIME(w, s->time);
	for (unsigned i = 0; i < EV_LIMIT; i++)
		U64(w, s->count[i]);
	U64(w, s->errors);
	U64(w, s->sums.down);
	U64(w, s->sums.up);
	for (unsigned i = 0; i < STATE_CAUSES; i++)
		U64(w, s->sums.fault[i]);
	U64(w, s->sums.preempted);
	U64(w, s->sums.timer);
	U64(w, s->sums.interrupted);
	U32(w, s->lanes);
	U32(w, s->objects);
	for (unsigned i = 0; i < STATE_CPUS; i++) {
		FLAG(w, s->cpu[i].online);
		U32(w, s->cpu[i].tid);
		U32(w, s->cpu[i].irqs);
		NUMBER(w, s->cpu[i].run, RUN_COUNT - 1);
		TIME(w, s->cpu[i].since);
	}
	elements(w, &s->thread_count, &s->thread_room, &s->thread, sizeof(*s->thread));
	for (uint32_t i = 0; i < s->thread_count; i++)
		visit_thread(w, &s->thread[i]);
	elements(w, &s->process_count, &s->process_room, &s->process, sizeof(*s->process));
	for (uint32_t i = 0; i < s->process_count; i++)
		visit_process(w, &s->process[i]);
	elements(w, &s->files_count, &s->files_room, &s->files, sizeof(*s->files));
	for (uint32_t i = 0; i < s->files_count; i++)
		visit_files(w, &s->files[i]);
	elements(w, &s->space_count, &s->space_room, &s->space, sizeof(*s->space));
	for (uint32_t i = 0; i < s->space_count; i++)
		visit_space(w, &s->space[i]);
}

/* Searches rely on order, releases on counts of users. */
static bool state_sane(const struct state *s)
{
	for (uint32_t i = 1; i < s->thread_count; i++)
		if (s->thread[i].tid <= s->thread[i - 1].tid)
			return false;
	for (uint32_t i = 1; i < s->process_count; i++)
		if (s->process[i].pid <= s->process[i - 1].pid)
			return false;
	for (uint32_t i = 0; i < s->files_count; i++)
		if (!s->files[i].users || s->files[i].id > s->objects ||
		    (i && s->files[i].id <= s->files[i - 1].id))
			return false;
	for (uint32_t i = 0; i < s->space_count; i++) {
		const struct state_space *a = &s->space[i];

		if (!a->users || a->id > s->objects || (i && a->id <= a[-1].id))
			return false;
		for (uint32_t k = 0; k < a->count; k++)
			if (!a->region[k].length ||
			    (k && a->region[k - 1].start + (a->region[k - 1].length - 1) >=
					  a->region[k].start))
				return false;
	}
	return true;
}

bool state_save(const struct state *s, struct blob *b)
{
	struct walk w = { .to = b };
	struct state *shallow = malloc(sizeof(*shallow));

	/* A writing walk gives back each number as it was, also in the arrays. */
	if (!shallow)
		return false;
	*shallow = *s;
	visit_state(&w, shallow);
	free(shallow);
	return !w.bad;
}

bool state_load(struct state *s, const uint8_t *data, size_t size)
{
	struct walk w = { .data = data, .size = size };

	memset(s, 0, sizeof(*s));
	visit_state(&w, s);
	return !w.bad && w.at == size && state_sane(s);
}
