#include "viewer/stage.h"

#include <stdlib.h>
#include <string.h>

#include "viewer/crossing.h"
#include "viewer/label.h"

uint32_t event_other(const struct event *e)
{
	uint32_t next;

	if (!event_whole(e))
		return 0;
	switch (e->kind) {
	case EV_wakeup:
		return (uint32_t)event_field(e, AT_wakeup_tid);
	case EV_context_switch:
		next = (uint32_t)event_field(e, AT_context_switch_next);
		return next == e->tid ? (uint32_t)event_field(e, AT_context_switch_prev) : next;
	case EV_thread_create:
		return (uint32_t)event_field(e, AT_thread_create_tid);
	case EV_signal_send:
		return (uint32_t)event_field(e, AT_signal_send_target);
	case EV_migrate:
		return (uint32_t)event_field(e, AT_migrate_tid);
	case EV_reap:
		return (uint32_t)event_field(e, AT_reap_pid);
	default:
		return 0;
	}
}

int stage_place(const struct stage *stage, uint32_t tid)
{
	for (unsigned i = 0; tid != 0 && i < stage->places; i++)
		if (stage->tids[i] == tid)
			return (int)i;
	return -1;
}

static bool stage_fits(const struct model *m, uint32_t tid)
{
	const struct actor *a = model_actor(m, tid);

	return a != NULL && !a->kernel;
}

/* The place to give away: an empty one, else that of the longest quiet. */
static int stage_vacancy(const struct stage *stage, const struct model *m, uint32_t spare1,
			 uint32_t spare2)
{
	uint64_t oldest = UINT64_MAX;
	int place = -1;

	for (unsigned i = 0; i < stage->places; i++) {
		const struct actor *a = model_actor(m, stage->tids[i]);

		if (a == NULL)
			return (int)i;
		if (a->tid != spare1 && a->tid != spare2 && a->active < oldest) {
			oldest = a->active;
			place = (int)i;
		}
	}
	return place;
}

static void stage_enter(struct stage *stage, const struct model *m, uint32_t tid, uint32_t with)
{
	int place;

	if (!stage_fits(m, tid) || stage_place(stage, tid) >= 0)
		return;
	place = stage_vacancy(stage, m, tid, with);
	if (place >= 0)
		stage->tids[place] = tid;
}

/* Give empty places to those off stage who were active last. */
static void stage_fill(struct stage *stage, const struct model *m)
{
	for (unsigned i = 0; i < stage->places; i++) {
		const struct actor *best = NULL;

		if (stage->tids[i] != 0)
			continue;
		for (uint32_t j = 0; j < m->actor_count; j++) {
			const struct actor *a = &m->actors[j];

			if (!a->kernel && stage_place(stage, a->tid) < 0 &&
			    (best == NULL || a->active > best->active))
				best = a;
		}
		if (best == NULL)
			return;
		stage->tids[i] = best->tid;
	}
}

/* By number, empty places last. */
static int tid_compare(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left - 1u, b = *(const uint32_t *)right - 1u;

	return a < b ? -1 : a > b;
}

void stage_cast(struct stage *stage, const struct model *m, const struct event *e, unsigned places,
		bool fresh)
{
	uint32_t self = e == NULL ? 0 : e->tid, other = e == NULL ? 0 : event_other(e);

	if (places > STAGE_PLACES)
		places = STAGE_PLACES;
	if (fresh || places != stage->places)
		memset(stage->tids, 0, sizeof(stage->tids));
	fresh = fresh || places != stage->places;
	stage->places = places;
	for (unsigned i = 0; i < places; i++)
		if (!stage_fits(m, stage->tids[i]))
			stage->tids[i] = 0;
	stage_enter(stage, m, self, other);
	stage_enter(stage, m, other, self);
	stage_fill(stage, m);
	if (fresh)
		qsort(stage->tids, places, sizeof(stage->tids[0]), tid_compare);
}
