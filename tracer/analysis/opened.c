#include "tracer/analysis/opened.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"
#include "tracer/analysis/hash.h"
#include "tracer/buffer.h"

struct file_process {
	uint32_t pid;
	struct descriptors descriptors;
};

static struct file_process *process_find(struct opened *f, uint32_t pid)
{
	const uint32_t *place = map_at(&f->by_pid, hash_number(0, pid));

	return place && *place ? f->processes[*place - 1] : NULL;
}

static struct file_process *process_get(struct opened *f, uint32_t pid)
{
	struct file_process *p = process_find(f, pid), **larger;
	uint32_t *place = map_at(&f->by_pid, hash_number(0, pid));

	if (p || !place)
		return p;
	if (f->process_count == f->process_size) {
		const uint32_t size = f->process_size ? f->process_size * 2 : 64;

		larger = realloc(f->processes, size * sizeof(struct file_process *));
		if (!larger)
			return NULL;
		f->processes = larger;
		f->process_size = size;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->pid = pid;
	f->processes[f->process_count] = p;
	*place = ++f->process_count;
	return p;
}

void opened_process(struct opened *f, const struct walk_thread *t)
{
	struct file_process *p = t->tid == t->pid ? process_get(f, t->pid) : NULL;
	struct file_process *maker = p ? process_find(f, t->parent) : NULL;

	if (!p)
		return;
	descriptors_free(&p->descriptors);
	if (maker && maker != p)
		descriptors_copy(&p->descriptors, &maker->descriptors);
}

/* The first path that a call was given, or the first descriptor. */
static bool call_path(const struct call *c, char *to, size_t size)
{
	for (unsigned i = 0; i < c->data_count; i++)
		if (c->data[i].what == DATA_PATH) {
			snprintf(to, size, "%.*s", (int)c->data[i].length,
				 (const char *)c->data[i].bytes);
			return true;
		}
	return false;
}

static bool call_descriptor(const struct call *c, int32_t *fd)
{
	const struct call_info *info = call_info(c->nr);

	for (unsigned i = 0; info && i < c->args && i < info->args; i++)
		if (info->type[i] == TYPE_fd) {
			*fd = (int32_t)c->arg[i];
			return true;
		}
	return false;
}

bool opened_name(struct opened *f, const struct walk_thread *t, char *to, size_t size)
{
	static const char *const standard[] = { "standard input", "standard output",
						"standard error" };
	struct file_process *p = process_find(f, t->pid);
	const uint32_t *place;
	int32_t fd;

	if (call_path(&t->call, to, size))
		return true;
	if (!call_descriptor(&t->call, &fd) || fd < 0)
		return false;
	place = p ? map_at(&f->by_label, hash_number(0, descriptors_label(&p->descriptors, fd)))
		  : NULL;
	if (place && *place)
		snprintf(to, size, "%s", f->names[*place - 1]);
	else if (fd < 3)
		snprintf(to, size, "%s", standard[fd]);
	else
		snprintf(to, size, "descriptor %d", fd);
	return true;
}

/* A new label is named once: by its path, else by the call that made it. */
static void label_name(struct opened *f, const struct call *c, uint64_t label)
{
	uint32_t *place = map_at(&f->by_label, hash_number(0, label));
	struct buffer made = { 0 };
	char path[WALK_PATH_BYTES];

	if (!place || *place)
		return;
	if (f->name_count == f->name_size) {
		const uint32_t size = f->name_size ? f->name_size * 2 : 64;
		char **names = realloc(f->names, size * sizeof(char *));

		if (!names)
			return;
		f->names = names;
		f->name_size = size;
	}
	if (call_path(c, path, sizeof(path))) {
		buffer_string(&made, path);
	} else {
		buffer_string(&made, "a ");
		call_name_print(&made, c->nr);
	}
	f->names[f->name_count] = strdup(buffer_text(&made));
	buffer_free(&made);
	if (f->names[f->name_count])
		*place = ++f->name_count;
}

void opened_call(struct opened *f, const struct walk_thread *t)
{
	struct file_process *p = process_get(f, t->pid);
	const struct call *c = &t->call;
	int32_t pair[2];

	if (!p || !c->done || call_error(c->result))
		return;
	descriptors_call(&p->descriptors, c);
	if (call_info(c->nr) && call_info(c->nr)->result == TYPE_fd)
		label_name(f, c, descriptors_label(&p->descriptors, c->result));
	for (unsigned i = 0; i < c->data_count; i++) {
		if (c->data[i].what != DATA_INT_PAIR || c->data[i].length < sizeof(pair))
			continue;
		memcpy(pair, c->data[i].bytes, sizeof(pair));
		label_name(f, c, descriptors_label(&p->descriptors, pair[0]));
		label_name(f, c, descriptors_label(&p->descriptors, pair[1]));
	}
}

void opened_free(struct opened *f)
{
	for (uint32_t i = 0; i < f->process_count; i++) {
		descriptors_free(&f->processes[i]->descriptors);
		free(f->processes[i]);
	}
	for (uint32_t i = 0; i < f->name_count; i++)
		free(f->names[i]);
	free(f->processes);
	free(f->names);
	map_free(&f->by_pid);
	map_free(&f->by_label);
	*f = (struct opened){ 0 };
}
