#include "viewer/memory.h"

#include <stdlib.h>
#include <string.h>

#include "viewer/memory_shot.h"

static void *work_fail(struct memory *m)
{
	error_set(&m->failed, 2, "no thread or memory for the picture of the pages");
	return NULL;
}

static struct memory_work *work_make(struct memory *m, const char *path)
{
	struct memory_work *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return work_fail(m);
	w->path = strdup(path);
	w->pages = pages_new();
	if (w->path != NULL && w->pages != NULL)
		return w;
	memory_work_free(w);
	return work_fail(m);
}

static bool query_same(const struct memory_query *a, const struct memory_query *b)
{
	return a->event == b->event && a->pid == b->pid && a->tid == b->tid && a->from == b->from &&
	       a->to == b->to && a->columns == b->columns && a->share == b->share;
}

void memory_ask(struct memory *m, const char *path, const struct memory_query *query)
{
	if (m->job.running)
		return;
	if (m->work != NULL && query_same(&m->work->query, query))
		return; /* that is what there is, or what failed */
	if (m->work == NULL)
		m->work = work_make(m, path);
	if (m->work == NULL)
		return;
	m->work->query = *query;
	if (!job_start(&m->job, memory_work_run, m->work))
		work_fail(m);
}

/* Select the region of a fault that is new. */
static void fault_follow(struct memory *m)
{
	const struct memory_shot *shot = m->shot;

	if (shot == NULL || shot->fault.begin.id == m->seen)
		return;
	m->seen = shot->fault.begin.id;
	for (unsigned i = 0; shot->fault.covered && i < shot->space.region_count; i++)
		if (shot->space.regions[i].region.start == shot->fault.region.start)
			m->region = (int)i;
}

void memory_poll(struct memory *m)
{
	const uint32_t pid = m->shot == NULL ? 0 : m->shot->space.pid;

	if (!job_poll(&m->job))
		return;
	memory_shot_free(m->shot);
	m->shot = m->work->shot;
	m->work->shot = NULL;
	m->failed = m->work->why;
	if (m->shot == NULL || m->shot->space.pid != pid)
		m->region = 0;
	fault_follow(m);
}

bool memory_busy(const struct memory *m)
{
	return m->job.running;
}

unsigned memory_percent(const struct memory *m)
{
	return m->job.running ? m->job.percent : 100;
}

void memory_close(struct memory *m)
{
	job_stop(&m->job);
	if (m->work != NULL)
		memory_work_free(m->work);
	memory_shot_free(m->shot);
	memset(m, 0, sizeof(*m));
}

void memory_select(struct memory *m, int way)
{
	const int last = m->shot == NULL ? 0 : (int)m->shot->space.region_count - 1;

	m->region += way;
	m->region = m->region > last ? last : m->region;
	m->region = m->region < 0 ? 0 : m->region;
}

enum fault_look fault_look(unsigned cause)
{
	switch (cause) {
	case FAULT_DEMAND_ZERO:
		return FAULTS_ZERO;
	case FAULT_FILE:
		return FAULTS_FILE;
	case FAULT_COW:
	case FAULT_COW_REUSE:
		return FAULTS_COPY;
	case FAULT_STACK:
		return FAULTS_STACK;
	case FAULT_NO_REGION:
	case FAULT_PROTECTION:
	case FAULT_NO_MEMORY:
	case FAULT_BUS:
	case FAULT_FIXUP:
		return FAULTS_BAD;
	default:
		return FAULTS_OTHER;
	}
}

uint64_t memory_region_start(const struct memory *m)
{
	return m->shot != NULL && (unsigned)m->region < m->shot->space.region_count
		       ? m->shot->space.regions[m->region].region.start
		       : UINT64_MAX;
}
