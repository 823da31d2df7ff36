/* Looking for crashes: one pass over the events. */
#include <stdlib.h>
#include <sys/wait.h>

#include "tracer/analysis/payload.h"
#include "tracer/crash/story.h"
#include "tracer/state.h"

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

int crashes_find(struct crashes *c, struct reader *r, struct error *why)
{
	const uint64_t count = reader_count(r);
	struct event *e = malloc(sizeof(*e));

	*c = (struct crashes){ .run = calloc(RUNS_MAX + 1, sizeof(struct crash_run)) };
	if (!e || !c->run) {
		free(e);
		return error_set(why, 2, "cannot look for crashes: out of memory");
	}
	for (uint64_t id = 1; id <= count; id++) {
		if (!reader_event(r, id, e, why)) {
			free(e);
			return 3;
		}
		if (e->kind == EV_process_exit)
			exit_take(c, e);
		else if (e->kind == EV_panic)
			crash_add(c, &(struct crash){ .panic = true, .event = id, .pid = e->pid });
	}
	free(e);
	return 0;
}
