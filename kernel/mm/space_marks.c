/* Where things are in a space, when somebody else than exec says so. */
#include <linux/errno.h>

#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/space_state.h"
#include "kernel/mm/tlb.h"

/* Holds: space->lock. */
static int marks_check(const struct space *s, const struct space_marks *m)
{
	const uint64_t all[] = {
		m->code_start, m->code_end, m->data_start, m->data_end, m->heap_start,  m->heap_end,
		m->args_start, m->args_end, m->env_start,  m->env_end,  m->stack_start,
	};
	uint64_t limit = s->limits.data;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i] < SPACE_LOWEST || all[i] >= USER_END)
			return -EINVAL;
	if (m->code_start >= m->code_end || m->data_start > m->data_end ||
	    m->heap_start > m->heap_end || m->args_start > m->args_end || m->env_start > m->env_end)
		return -EINVAL;
	if (m->heap_end - m->heap_start + (m->data_end - m->data_start) > limit)
		return -EINVAL;
	return 0;
}

int space_marks_check(struct space *s, const struct space_marks *m)
{
	int error;

	space_lock(s);
	error = marks_check(s, m);
	spin_unlock(&s->lock);
	return error;
}

static void marks_store(struct space *s, const struct space_marks *m)
{
	uint64_t start = s->marks.start;

	s->marks = *m;
	s->marks.start = start;
}

int space_marks_set(struct space *s, const struct space_marks *m)
{
	int error;

	space_lock(s);
	error = marks_check(s, m);
	if (!error)
		marks_store(s, m);
	spin_unlock(&s->lock);
	return error;
}

int space_mark_set(struct space *s, size_t mark, uint64_t addr, bool mapped)
{
	struct space_marks m;
	int error;

	space_lock(s);
	m = s->marks;
	*(uint64_t *)((char *)&m + mark) = addr;
	error = marks_check(s, &m);
	if (!error && mapped && region_place(&s->regions, addr) == s->regions.count)
		error = -EFAULT;
	if (!error)
		marks_store(s, &m);
	spin_unlock(&s->lock);
	return error;
}

int space_auxiliary_set(struct space *s, const uint64_t words[SPACE_AUXILIARY_WORDS])
{
	size_t size = SPACE_AUXILIARY_WORDS * sizeof(*words);
	uint64_t *spare = kmalloc(size);

	if (!spare)
		return -ENOMEM;
	space_lock(s);
	if (!s->auxiliary) {
		s->auxiliary = spare;
		spare = NULL;
	}
	memcpy(s->auxiliary, words, size);
	spin_unlock(&s->lock);
	kfree(spare);
	return 0;
}

bool space_auxiliary(struct space *s, uint64_t words[SPACE_AUXILIARY_WORDS])
{
	bool given;

	space_lock(s);
	given = s->auxiliary;
	if (given)
		memcpy(words, s->auxiliary, SPACE_AUXILIARY_WORDS * sizeof(*words));
	spin_unlock(&s->lock);
	return given;
}

bool space_shows(struct space *s, const struct pages *object)
{
	bool found = false;

	space_lock(s);
	for (uint32_t i = 0; i < s->regions.count && !found; i++)
		found = s->regions.items[i]->file.pages == object;
	spin_unlock(&s->lock);
	return found;
}
