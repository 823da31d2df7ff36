#include "tracer/analysis/descriptors.h"

#include <asm/unistd_64.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"
#include "tracer/analysis/hash.h"

uint64_t descriptors_label(const struct descriptors *d, int64_t fd)
{
	/* The kernel takes the low 32 bits of a register as a descriptor. */
	const int32_t number = (int32_t)fd;

	if (number >= 0 && (uint32_t)number < d->size && d->labels[number])
		return d->labels[number];
	return hash_number(HASH_START, (uint64_t)(int64_t)number);
}

static void label_set(struct descriptors *d, int64_t fd, uint64_t label)
{
	uint64_t *labels;
	uint32_t size;

	if (fd < 0 || fd >= DESCRIPTORS_MAX)
		return;
	if (fd >= d->size) {
		size = (uint32_t)fd < 32 ? 64 : (uint32_t)fd * 2;
		labels = realloc(d->labels, size * sizeof(*labels));
		if (!labels)
			return;
		memset(labels + d->size, 0, (size - d->size) * sizeof(*labels));
		d->labels = labels;
		d->size = size;
	}
	d->labels[fd] = label;
}

/* A name for something new: the call that made it, the path if it has one, else
 * how many such things the process made before. */
static uint64_t label_new(struct descriptors *d, const struct call *c)
{
	const uint64_t hash = hash_number(HASH_START, 1000 + c->nr);

	for (unsigned i = 0; i < c->data_count; i++)
		if (c->data[i].what == DATA_PATH)
			return hash_bytes(HASH_START, c->data[i].bytes, c->data[i].length);
	return hash_number(hash, d->made++);
}

/* Two descriptors that a call wrote to the program's memory. */
static void pair_take(struct descriptors *d, const struct call *c)
{
	const uint64_t label = label_new(d, c);
	int32_t pair[2];

	for (unsigned i = 0; i < c->data_count; i++) {
		if (c->data[i].what != DATA_INT_PAIR || c->data[i].length < sizeof(pair))
			continue;
		memcpy(pair, c->data[i].bytes, sizeof(pair));
		label_set(d, pair[0], hash_number(label, 0));
		label_set(d, pair[1], hash_number(label, 1));
	}
}

void descriptors_call(struct descriptors *d, const struct call *c)
{
	const struct call_info *info = call_info(c->nr);
	const uint64_t old = c->args ? descriptors_label(d, (int64_t)c->arg[0]) : 0;

	if (!info || !c->done || call_error(c->result))
		return;
	switch (c->nr) {
	case __NR_dup:
	case __NR_dup2:
	case __NR_dup3:
		label_set(d, c->result, old);
		return;
	case __NR_fcntl:
		if (c->arg[1] == F_DUPFD || c->arg[1] == F_DUPFD_CLOEXEC)
			label_set(d, c->result, old);
		return;
	case __NR_pipe:
	case __NR_pipe2:
	case __NR_socketpair:
		pair_take(d, c);
		return;
	case __NR_close:
		label_set(d, (int32_t)c->arg[0], 0);
		return;
	case __NR_close_range:
		for (uint64_t fd = (uint32_t)c->arg[0]; fd < d->size && fd <= (uint32_t)c->arg[1];
		     fd++)
			d->labels[fd] = 0;
		return;
	}
	if (info->result == TYPE_fd)
		label_set(d, c->result, label_new(d, c));
}

void descriptors_copy(struct descriptors *to, const struct descriptors *from)
{
	*to = (struct descriptors){ .made = from->made };
	to->labels = from->size ? malloc(from->size * sizeof(*to->labels)) : NULL;
	if (!to->labels)
		return;
	memcpy(to->labels, from->labels, from->size * sizeof(*to->labels));
	to->size = from->size;
}

void descriptors_free(struct descriptors *d)
{
	free(d->labels);
	*d = (struct descriptors){ 0 };
}
