/* Looking for crashes: one pass over the events. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tracer/payload.h"
#include "tracer/crash/story.h"
#include "tracer/search.h"
#include "tracer/state.h"
#include "tracer/store/meta.h"

void crashes_free(struct crashes *c)
{
	free(c->run);
	*c = (struct crashes){ 0 };
}

static void crash_add(struct crashes *c, const struct crash *x)
{
	if (c->count < CRASHES_MAX)
		c->crash[c->count++] = *x;
	else
		c->more++;
}

static void exit_take(struct crashes *c, const struct event *e)
{
	const struct ev_process_exit x = payload_process_exit(e);
	struct crash_run *run = &c->run[c->runs];

	if (WIFSIGNALED((int)x.status)) {
		crash_add(c, &(struct crash){ .event = e->id, .pid = x.pid, .status = x.status });
	} else if (c->runs < RUNS_MAX) {
		*run = (struct crash_run){ .event = e->id, .pid = x.pid, .status = x.status };
		c->runs++;
	}
}

struct looking {
	struct crashes *c;
	void (*progress)(void *cookie, uint64_t done, uint64_t all);
	void *cookie;
	uint64_t count;
};

static bool event_take(void *cookie, const struct event *e)
{
	struct crashes *c = ((struct looking *)cookie)->c;

	if (e->kind == EV_process_exit)
		exit_take(c, e);
	else if (e->kind == EV_panic)
		crash_add(c, &(struct crash){ .panic = true, .event = e->id, .pid = e->pid });
	return false;
}

static void tell(void *cookie, uint64_t id)
{
	const struct looking *l = cookie;

	if (l->progress)
		l->progress(l->cookie, id, l->count);
}

/* A machine that stopped without a record of its own. */
static void stopped_add(struct crashes *c, struct reader *r)
{
	char stopped[32];

	meta_text(reader_database(r), "stopped", stopped, sizeof(stopped));
	for (unsigned i = 0; i < c->count; i++)
		if (c->crash[i].panic)
			return;
	if (stopped[0])
		crash_add(c, &(struct crash){
				     .panic = true, .stopped = true, .event = reader_count(r) });
}

int crashes_look(struct crashes *c, struct reader *r, const volatile bool *cancel,
		 void (*progress)(void *cookie, uint64_t done, uint64_t all), void *cookie,
		 struct error *why)
{
	struct looking looking = { c, progress, cookie, reader_count(r) };
	const struct search search = {
		.from = 1,
		.kinds = EVENT_SET(process_exit) | EVENT_SET(panic),
		.match = event_take,
		.cookie = &looking,
		.cancel = cancel,
		.progress = tell,
	};
	struct event none;

	*c = (struct crashes){ .run = calloc(RUNS_MAX + 1, sizeof(struct crash_run)) };
	if (!c->run)
		return error_set(why, 2, "cannot look for crashes: out of memory");
	if (reader_search(r, &search, &none, why) < 0)
		return why->text[0] ? 3 : 2;
	stopped_add(c, r);
	return 0;
}

int crashes_find(struct crashes *c, struct reader *r, struct error *why)
{
	return crashes_look(c, r, NULL, NULL, NULL, why);
}
